import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { createInspector, createWebSocketInspector, type StatelyInspectionEvent } from '@statelyai/inspect'
import { WebSocketServer } from 'ws'
import { assign, fromPromise, sendTo, setup } from 'xstate'
import { defineActor } from '../../../actors/index.ts'
import {
  defineTopic,
  InvalidOptionError,
  type InspectionEvent,
  type Runtime,
} from '../../../runtime/index.ts'
import { note, notebook, openActors } from '../../support/actor-rig.ts'
import { manualClock, openRig, type Rig } from '../../support/sending-rig.ts'

const lamp = setup({
  types: { context: {} as { presses: number }, events: {} as { type: 'PRESS' } | { type: 'RING' } },
  actors: {
    bell: setup({ types: { events: {} as { type: 'RING' } } }).createMachine({
      id: 'bell',
      initial: 'silent',
      states: { silent: { on: { RING: 'ringing' } }, ringing: {} },
    }),
    wire: fromPromise(() => Promise.resolve('done')),
  },
  actions: { count: assign({ presses: ({ context }) => context.presses + 1 }) },
}).createMachine({
  id: 'lamp',
  context: { presses: 0 },
  invoke: { id: 'bell', src: 'bell' },
  initial: 'off',
  on: { RING: { actions: sendTo('bell', { type: 'RING' }) } },
  states: {
    off: { on: { PRESS: { target: 'on', actions: 'count' } } },
    on: {
      after: { 1000: 'off' },
      invoke: { id: 'wire', src: 'wire' },
      on: { PRESS: { target: 'off', actions: 'count' } },
    },
  },
})
const lamps = defineActor('lamps', { machine: lamp })

/** One line for each event: `event actors/…: PRESS`. */
function linesOf(events: readonly InspectionEvent[]): string[] {
  return events.map((event) => {
    const { type, actorRef } = event
    if (type === '@xstate.actor') return `actor ${actorRef.id}`
    if (type === '@xstate.event') return `event ${actorRef.id}: ${event.event.type}`
    const { value, context } = event.snapshot as unknown as {
      value?: unknown
      context?: { presses?: number }
    }
    const presses = context?.presses === undefined ? '' : ` ${context.presses}`
    return `snapshot ${actorRef.id}: ${JSON.stringify(value)}${presses}`
  })
}

function lookInto(runtime: Runtime): { events: InspectionEvent[]; lines: (of: string) => string[] } {
  const events: InspectionEvent[] = []
  runtime.inspect((event) => events.push(event))
  return { events, lines: (of) => linesOf(events).filter((line) => line.includes(of)) }
}

describe('the inspection', () => {
  it('IP3: shows broker, producers, consumers and actors through one bus', async () => {
    const topic = defineTopic<string>('orders')
    const rig = await openRig({ actors: [lamps] })
    const { events } = lookInto(rig.runtime)
    await rig.settle()
    const sent = rig.runtime.producer(topic, { id: 'shop' }).send('x')
    const consumer = rig.runtime.consumer(topic, { group: 'billing' })
    const stop = new AbortController()
    const running = consumer.run(() => stop.abort(), { signal: stop.signal })
    const pressed = rig.runtime.actor(lamps, 'hall').send({ type: 'PRESS' })
    await rig.settle()
    await Promise.all([sent, running, pressed])
    await rig.settle()
    const names = new Set(events.map(({ actorRef }) => actorRef.id))
    for (const name of ['broker', 'producer orders/shop', 'consumer orders/billing', 'lamps/hall', 'bell']) {
      assert.ok(names.has(name), `${name} among ${[...names].join(', ')}`)
    }
    const known = new Set<string>()
    for (const { type, actorRef } of events) {
      assert.ok(type !== '@xstate.actor' || !known.has(actorRef.sessionId), 'told once')
      known.add(actorRef.sessionId)
      if (type !== '@xstate.actor') assert.ok(known.has(actorRef.sessionId), 'told before')
    }
    const first = new Map(events.toReversed().map((event) => [event.actorRef.sessionId, event.type]))
    assert.deepEqual([...new Set(first.values())], ['@xstate.actor'])
  })

  it('IP4: shows every turn in order, one by one, also those that share a commit, timers, results and children', async () => {
    const rig = await openRig({ actors: [lamps] })
    const { lines } = lookInto(rig.runtime)
    const hall = rig.runtime.actor(lamps, 'hall')
    for (const type of ['PRESS', 'PRESS', 'RING', 'PRESS'] as const) hall.send({ type }).catch(assert.ifError)
    await rig.settle()
    await rig.clock.advance(1000)
    assert.deepEqual(lines('lamps/hall'), [
      'actor lamps/hall',
      'event lamps/hall: PRESS',
      'snapshot lamps/hall: "on" 1',
      'event lamps/hall: PRESS',
      'snapshot lamps/hall: "off" 2',
      'event lamps/hall: RING',
      'snapshot lamps/hall: "off" 2',
      'event lamps/hall: PRESS',
      'snapshot lamps/hall: "on" 3',
      'event lamps/hall: xstate.done.actor.wire',
      'snapshot lamps/hall: "on" 3',
      'event lamps/hall: xstate.after.1000.lamp.on',
      'snapshot lamps/hall: "off" 3',
    ])
    assert.deepEqual(
      lines('bell').filter((line) => line.startsWith('snapshot')),
      ['snapshot bell: "silent"', 'snapshot bell: "ringing"'],
    )
  })

  it('IP4: shows nothing of a turn whose commit does not come, or whose code throws', async () => {
    const book = notebook(
      'book',
      (event) => {
        if (event['id'] === 'bad') throw new RangeError('bad')
      },
      { supervision: { maxAttempts: 1 } },
    )
    const rig = await openActors([book])
    const { lines } = lookInto(rig.runtime)
    const alice = rig.runtime.actor(book, 'alice')
    for (const id of ['a', 'bad', 'b']) alice.send(note(id)).catch(() => {})
    await rig.settle()
    const before = lines('book/alice')
    assert.equal(before.filter((line) => line.startsWith('event')).length, 2)
    rig.store.beforeCommit = (batch) => (batch.runs.length === 0 ? new Promise(() => {}) : undefined)
    alice.send(note('c')).catch(() => {})
    await rig.settle()
    assert.deepEqual(lines('book/alice'), before)
  })

  it('IP3: tells whoever looks later what there is, and an actor when it does something', async () => {
    const rig = await openRig({ actors: [lamps] })
    const hall = rig.runtime.actor(lamps, 'hall')
    hall.send({ type: 'PRESS' }).catch(assert.ifError)
    rig.runtime.producer(defineTopic<string>('orders'), { id: 'shop' })
    await rig.settle()
    const { events, lines } = lookInto(rig.runtime)
    await rig.settle()
    assert.ok(lines('actor broker').length === 1 && lines('actor producer orders/shop').length === 1)
    assert.deepEqual(lines('lamps'), ['actor producer ~actors/lamps/refs'])
    const second = lookInto(rig.runtime)
    hall.send({ type: 'PRESS' }).catch(assert.ifError)
    await rig.settle()
    const shown = ['actor lamps/hall', 'event lamps/hall: PRESS', 'snapshot lamps/hall: "off" 2']
    assert.deepEqual(lines('lamps/hall'), shown)
    assert.deepEqual(second.lines('lamps/hall'), shown)
    assert.deepEqual(second.lines('actor broker'), ['actor broker'])
    const broker = events.find(({ actorRef }) => actorRef.id === 'broker')?.actorRef
    assert.ok(broker !== undefined)
    assert.equal((broker.getSnapshot() as unknown as { value: string }).value, 'idle')
    assert.throws(() => void broker.send({ type: 'WORK' }), InvalidOptionError)
  })

  it('IP2: a look that throws, sends, or ends itself disturbs nobody', async () => {
    const clock = manualClock()
    const rig = await openRig({ actors: [lamps], simulated: clock })
    const hall = rig.runtime.actor(lamps, 'hall')
    rig.runtime.inspect(() => {
      throw new RangeError('of the user')
    })
    let again = 1
    const stop = rig.runtime.inspect(({ type, actorRef }) => {
      if (type !== '@xstate.snapshot' || actorRef.id !== 'lamps/hall') return
      if (again-- > 0) hall.send({ type: 'PRESS' }).catch(assert.ifError)
      else stop()
    })
    const { lines } = lookInto(rig.runtime)
    hall.send({ type: 'PRESS' }).catch(assert.ifError)
    let thrown = 0
    for (let i = 0; i < 500; i += 1) {
      try {
        await clock.advance(0)
      } catch (error) {
        assert.ok(error instanceof RangeError, String(error))
        thrown += 1
      }
    }
    assert.ok(thrown > 0)
    const turns = lines('snapshot lamps/hall').filter((line) => !line.includes('wire'))
    assert.deepEqual([...new Set(turns)], ['snapshot lamps/hall: "on" 1', 'snapshot lamps/hall: "off" 2'])
  })

  it('IP1: keeps and makes nothing while nobody looks', async () => {
    let views = 0
    const book = notebook('book')
    const { logic } = book
    const view = logic.view.bind(logic)
    Object.assign(logic, {
      view: (state: never) => {
        views += 1
        return view(state)
      },
    })
    const rig = await openActors([book])
    const alice = rig.runtime.actor(book, 'alice')
    alice.send(note('a')).catch(assert.ifError)
    await rig.settle()
    assert.equal(views, 0)
    const stop = rig.runtime.inspect(() => {})
    alice.send(note('b')).catch(assert.ifError)
    await rig.settle()
    assert.equal(views, 1)
    stop()
    stop()
    alice.send(note('c')).catch(assert.ifError)
    await rig.settle()
    assert.equal(views, 1)
  })

  it('IP2: refuses what cannot look', async () => {
    const rig = await openRig({})
    for (const wrong of [undefined, null, {}, 'x', { inspect: () => {} }]) {
      assert.throws(() => rig.runtime.inspect(wrong as never), InvalidOptionError)
    }
  })
})

describe('the inspector of Stately', () => {
  const press = async (rig: Rig): Promise<void> => {
    rig.runtime.actor(lamps, 'hall').send({ type: 'PRESS' }).catch(assert.ifError)
    await rig.settle()
  }

  it('IP3 and IP4: is an observer as it is, and gets a definition to draw and the states', async () => {
    const got: StatelyInspectionEvent[] = []
    let heard = (): void => {}
    const enough = new Promise<void>((resolve) => (heard = resolve))
    const inspector = createInspector({
      send: (event) => {
        got.push(event)
        if (event.type === '@xstate.snapshot' && event.sessionId === 'actor lamps/hall') heard()
      },
    })
    const rig = await openRig({ actors: [lamps] })
    rig.runtime.inspect(inspector.inspect)
    await press(rig)
    await enough
    const hall = got.filter(({ sessionId }) => sessionId === 'actor lamps/hall')
    const [actor, event, snapshot] = hall
    assert.ok(actor?.type === '@xstate.actor' && event?.type === '@xstate.event')
    assert.equal(actor.name, 'lamps/hall')
    const { id, states } = JSON.parse(actor.definition ?? '') as { id: string; states: object }
    assert.deepEqual([id, Object.keys(states)], ['lamp', ['off', 'on']])
    assert.deepEqual(event.event, { type: 'PRESS' })
    assert.ok(snapshot?.type === '@xstate.snapshot')
    const { value, context } = snapshot.snapshot as unknown as { value: string; context: object }
    assert.deepEqual([value, context], ['on', { presses: 1 }])
    const broker = got.find((each) => each.type === '@xstate.actor' && each.name === 'broker')
    assert.ok(broker?.type === '@xstate.actor')
    assert.ok(Object.hasOwn(JSON.parse(broker.definition ?? '') as object, 'states'))
  })

  it('IP4: shows a running actor to a viewer behind a web socket', async () => {
    const server = new WebSocketServer({ port: 0 })
    await once(server, 'listening')
    const states: unknown[] = []
    let heard = (): void => {}
    const enough = new Promise<void>((resolve) => (heard = resolve))
    server.on('connection', (socket) => {
      socket.on('message', (data: Buffer) => {
        const event = JSON.parse(data.toString()) as StatelyInspectionEvent
        if (event.type !== '@xstate.snapshot' || event.sessionId !== 'actor lamps/hall') return
        states.push((event.snapshot as unknown as { value: unknown }).value)
        if (states.length >= 2) heard()
      })
    })
    const { port } = server.address() as AddressInfo
    const inspector = createWebSocketInspector({ url: `ws://127.0.0.1:${port}` })
    const rig = await openRig({ actors: [lamps] })
    rig.runtime.inspect(inspector.inspect)
    await press(rig)
    await press(rig)
    await enough
    assert.deepEqual(states.slice(0, 1), ['on'])
    inspector.stop()
    for (const client of server.clients) client.terminate()
    await new Promise((resolve) => server.close(resolve))
  })
})
