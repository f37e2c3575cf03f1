/**
 * Runs of the engine: what a history tells, what a dead process can still do, what is read at the end.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Recorder } from '../../recorder.ts'
import { fencedStore } from '../../kit/fenced-store.ts'
import { simulating } from '../../kit/ambient.ts'
import { noPatience } from '../../kit/patience.ts'
import type { RunResult } from '../../kit/scenario.ts'
import { SimulatedExecutor } from '../../index.ts'
import type { Mishap, SimulatedDisk, TopicProgram, World } from '../../index.ts'
import { dirtyDelivery, earlyAck } from '../../invariants/index.ts'
import { handlerDies, kill, runRig } from '../../support/kit-rig.ts'

const mails = (world: World): TopicProgram<number> => ({
  handler: async (message) => {
    await world.outside('mail').call(message.value)
  },
})

const kinds = ({ history }: RunResult): string[] => history.map(({ kind }) => kind)
const steps = [[1, 2, 3], [4, 5], [6]]

describe('a simulated run', () => {
  it('HI1 and SM1: is data, and the same settings give it again, byte for byte', async () => {
    const options = { start: mails, steps, mishaps: { 0: kill(4, 'within'), 2: handlerDies(2) }, chance: 77 }
    const [first, second] = [await runRig(options), await runRig(options)]
    const text = JSON.stringify(first.history)
    assert.equal(text, JSON.stringify(second.history))
    const scalars = first.history.flatMap((event) => Object.values(event))
    assert.ok(scalars.every((field) => ['string', 'number', 'boolean', 'undefined'].includes(typeof field)))
    assert.ok(first.history.length > 40)
    const other = await runRig({ ...options, chance: 78 })
    assert.notEqual(text, JSON.stringify(other.history))
  })

  it('HI2 and LF1: a dead life tells nothing, and reaches nothing outside', async () => {
    let reached = 0
    const start = (world: World): TopicProgram<number> => ({
      handler: async (message) => {
        await world.outside('mail').call(message.value)
        if (world.life === 1) reached += 1
      },
    })
    for (let nth = 1; nth <= 6; nth += 1) {
      reached = 0
      const result = await runRig({ start, steps: [[1], [2]], mishaps: { 0: handlerDies(nth) } })
      const died = result.history.findIndex(({ kind }) => kind === 'crashed')
      assert.ok(
        result.history.slice(died + 1).every(({ life }) => life > 1),
        `step ${nth}`,
      )
      assert.equal(reached, nth <= 3 ? 0 : 1, `step ${nth}`)
      assert.equal(result.history.at(-1)?.kind, 'closed')
    }
  })

  it('HI3: a send is told as confirmed after its record is on disk, never when it died before that', async () => {
    for (let call = 1; call <= 6; call += 1) {
      for (const moment of ['before', 'within', 'after'] as const) {
        const result = await runRig({ start: mails, steps: [[1]], mishaps: { 0: kill(call, moment) } })
        const died = result.history.findIndex(({ kind }) => kind === 'crashed')
        const early = result.history.findIndex(({ kind }) => kind === 'confirmed')
        const isTold = early !== -1 && early < died
        // Once the user was told, the message needs no second confirmation: it is there in the next life.
        const sends = result.history.filter(({ kind }) => kind === 'sending').length
        assert.equal(sends, isTold ? 1 : 2, `${moment} call ${call}`)
        const reads = result.history.filter(({ kind }) => kind === 'read')
        assert.equal(reads.length, 1)
      }
    }
  })

  it('LF2: each confirmation and each delivery is held against the disk, not against the library', async () => {
    const start = (): TopicProgram<number> => ({ handler: () => {} })
    const broken = async (spoil: (disk: SimulatedDisk) => void): Promise<string[]> => {
      const { history, terms } = await runRig({ start, steps: [[1], [2]], spoil })
      assert.ok(history.some(({ kind }) => kind === 'durable'))
      return [earlyAck, dirtyDelivery].flatMap(({ check }) => check(history, terms)?.invariant ?? [])
    }
    const lie = (disk: SimulatedDisk): void => {
      disk.addFault({ call: 'sync', times: Infinity, effect: 'ignored' })
    }
    assert.deepEqual(await broken(() => {}), [])
    assert.deepEqual(await broken(lie), ['early-ack', 'dirty-delivery'])
  })

  it('SM2: a mishap ends with its step, and time goes on until nothing moves', async () => {
    const full: Mishap = { do: 'disk-full', freeBytes: 0 }
    const result = await runRig({
      start: mails,
      steps,
      mishaps: { 0: full, 1: { do: 'effect', nth: 1, how: 'slow' } },
    })
    const drained = result.history.find(({ kind }) => kind === 'drained')
    assert.ok(drained?.kind === 'drained' && drained.waiting === 0)
    assert.equal(kinds(result).filter((kind) => kind === 'read').length, 6)
  })

  it('SM3 and OD1: what was not confirmed is sent again under its id, and lies there once', async () => {
    for (let call = 1; call <= 8; call += 1) {
      const result = await runRig({ start: mails, steps: [[1, 2], [3]], mishaps: { 0: kill(call, 'after') } })
      const values = result.history.flatMap((event) => (event.kind === 'read' ? [event.value] : []))
      assert.deepEqual(values.toSorted(), ['1', '2', '3'], `after call ${call}`)
    }
  })

  it('OD2: nothing is sent again while its fate may still be told', async () => {
    const result = await runRig({ start: mails, steps })
    const sends = result.history.flatMap((event) => (event.kind === 'sending' ? [event.send] : []))
    assert.equal(new Set(sends).size, sends.length)
  })

  it('AU1: everything that was ever sent is read at the end, though its group is done with it', async () => {
    const result = await runRig({ start: mails, steps })
    const read = result.history.flatMap((event) => (event.kind === 'read' ? [Number(event.value)] : []))
    assert.deepEqual(
      read.toSorted((left, right) => left - right),
      [1, 2, 3, 4, 5, 6],
    )
  })

  it('RR1: the process sees the real objects: own methods, getters, and errors', async () => {
    const seen: unknown[] = []
    const start = (world: World): TopicProgram<number> => ({
      handler: (message, context) => {
        seen.push(
          message.attempt,
          context.attempt,
          context.signal.aborted,
          message.headers,
          message.producer.id,
        )
      },
      view: () => world.runtime.recovery.leasesReturned,
    })
    await runRig({ start, steps: [[7]] })
    assert.deepEqual(seen, [1, 1, false, {}, 'workload'])
  })

  it('RC1: events stand in the order of their telling, with life and time', () => {
    const recorder = new Recorder()
    assert.equal(recorder.tell({ life: 1, nowMs: 5 }, { kind: 'closed' }), 0)
    assert.equal(recorder.tell({ life: 2, nowMs: 6 }, { kind: 'closed' }), 1)
    assert.deepEqual(
      recorder.history.map(({ life, nowMs }) => [life, nowMs]),
      [
        [1, 5],
        [2, 6],
      ],
    )
    assert.equal(recorder.nextSend(), 1)
    assert.equal(recorder.nextRun(), 1)
    assert.equal(recorder.nextRun(), 2)
  })

  it('FS1: after the death no call reaches the store, and no promise of it settles', async () => {
    let isDead = false
    let commits = 0
    const open = fencedStore(
      () =>
        Promise.resolve({
          recovered: { checkpoint: undefined, events: [], mailboxes: new Map() },
          limits: { batchBytesMax: 1 },
          commit: () => {
            commits += 1
            isDead = commits === 2
            return Promise.resolve({ eventBytesSinceCheckpoint: 0, journalBytes: 0 })
          },
        } as never),
      () => isDead,
    )
    const store = await open('/data', {})
    await store.commit({ events: [], runs: [] })
    let settled = 0
    const late = [
      store.commit({ events: [], runs: [] }),
      store.commit({ events: [], runs: [] }),
      store.release(),
    ]
    for (const each of late) each.finally(() => (settled += 1)).catch(() => {})
    await new SimulatedExecutor().settle()
    assert.equal(commits, 2)
    assert.equal(settled, 0)
  })
})

describe('timers under check', () => {
  it('AM1: only code within a simulation waits in simulated time', async () => {
    const { setTimeout: before } = globalThis
    await simulating(async () => {
      const start = (): TopicProgram<number> => ({
        handler: () => new Promise((resolve) => globalThis['setTimeout'](resolve, 40_000)),
      })
      const result = await runRig({ start, steps: [[1]] })
      const [begun, ended] = ['begun', 'ended'].map((kind) =>
        result.history.find((event) => event.kind === kind),
      )
      assert.ok((ended?.nowMs ?? 0) - (begun?.nowMs ?? 0) >= 40_000)
      // Outside of the simulation it is a real timer.
      const timer = before(() => {}, 0)
      assert.equal(typeof timer[Symbol.toPrimitive](), 'number')
    })
  })

  it('AM2: afterwards the platform has its own timers again', async () => {
    const { setTimeout: before } = globalThis
    await simulating(async () => {
      assert.notEqual(globalThis.setTimeout, before)
    })
    assert.equal(globalThis.setTimeout, before)
  })

  it('PA1: where nothing real is under way, no real time passes', async () => {
    assert.equal(await noPatience.wait(), false)
    const result = await simulating(() => runRig({ start: mails, steps }))
    assert.equal(result.isReal, false)
  })
})
