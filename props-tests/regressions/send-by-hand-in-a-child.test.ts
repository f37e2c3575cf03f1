/**
 * What an action sends to itself goes to itself: to the actor when it is the actor's action, and else nowhere.
 *
 * The action of a child got the `self` of the whole actor: what it sent to itself went to the machine around it, which knows
 * other events. The type of such an event was not looked at either. Found by machines of XState's own tests.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { setup } from 'xstate'
import type { AnyActorRef } from 'xstate'
import { NotDurableError, InvalidEventError, defineActor } from '../../actors/index.ts'
import { listenTo, openRig, type Rig } from '../support/sending-rig.ts'

/** Sends by hand what the event names. */
function sending(ids: string[]) {
  return ({ self, event }: { self: AnyActorRef; event: { type: string; what?: string } }): void => {
    ids.push(self.id)
    self.send({ type: event.what ?? 'PING' })
  }
}

const ids: string[] = []
const child = setup({ actions: { send: sending(ids) } }).createMachine({
  id: 'child',
  entry: 'send',
  initial: 'a',
  states: { a: { on: { PING: 'b' } }, b: {} },
})

const machine = setup({
  types: { events: {} as { type: 'HIRE' } | { type: 'SAY'; what: string } | { type: 'PING' } },
  actions: { send: sending(ids) },
  actors: { child },
}).createMachine({
  initial: 'alone',
  on: { PING: '.pinged', SAY: { actions: 'send' } },
  states: { alone: { on: { HIRE: 'both' } }, both: { invoke: { id: 'c', src: 'child' } }, pinged: {} },
})

const boss = defineActor('boss', { machine })

async function open(): Promise<Rig> {
  ids.length = 0
  return openRig({ actors: [boss] })
}

it('OG2, LS1: a child that sends to itself by hand is told what to write instead, and nobody gets its event', async () => {
  const rig = await open()
  const failed = listenTo(rig.runtime, 'actor-failed')
  const ref = rig.runtime.actor(boss, 'k')
  ref.send({ type: 'HIRE' }).catch(assert.ifError)
  await rig.settle()
  assert.equal((await ref.snapshot())?.value, 'both')
  assert.deepEqual(
    failed.map(({ error }) => error instanceof NotDurableError && error.rule),
    ['send-in-turn'],
  )
  await rig.runtime.close()
})

it('ED1: an actor may send to itself by hand, under the name it has in a turn, but no event of the runtime’s', async () => {
  const rig = await open()
  const failed = listenTo(rig.runtime, 'actor-failed')
  const ref = rig.runtime.actor(boss, 'k')
  ref.send({ type: 'SAY', what: 'xstate.stop' }).catch(assert.ifError)
  await rig.settle()
  assert.equal((await ref.snapshot())?.status, 'active')
  assert.deepEqual(
    failed.map(({ error }) => error instanceof InvalidEventError),
    [true],
  )
  ref.send({ type: 'SAY', what: 'PING' }).catch(assert.ifError)
  await rig.settle()
  assert.equal((await ref.snapshot())?.value, 'pinged')
  assert.deepEqual(ids, ['boss/k', 'boss/k'])
  await rig.runtime.close()
})
