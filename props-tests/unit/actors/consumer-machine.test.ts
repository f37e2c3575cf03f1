/**
 * The consumer machine with slots, handlers and messages that come and go at random.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { consumerMachine, createRunner, perform } from '../../../actors/index.ts'
import type { ActionTable, ConsumerEvent, StallCause } from '../../../actors/index.ts'
import { runnerAfter, valueName, walk } from '../../support/machine-table.ts'

type Step = 'arrive' | 'vanish' | 'settle' | 'pause' | 'resume' | 'drain' | 'fail' | 'close'

const slots = 2

/** Readiness and credit as the runtime keeps them. */
class World {
  readonly runner = createRunner(consumerMachine)
  readonly ends: string[] = []
  ready = 0
  running = 0
  handled = 0
  /** The state in which leases were taken, each time. */
  readonly leasedIn: string[] = []
  #wanted = false
  #asked = false

  readonly #table: ActionTable<typeof consumerMachine> = {
    lease: () => (this.#asked = true),
    stopLeasing: () => (this.#wanted = true),
    finish: ({ end }) => this.ends.push(end),
    announceStalled: () => {},
    unexpected: ({ event }) => assert.fail(`${event} in ${this.state}`),
  }

  get state(): string {
    return valueName(this.runner.snapshot.value)
  }

  send(event: ConsumerEvent): void {
    perform(this.#table, this.runner.step(event))
    if (this.#asked) this.#lease()
    if (this.#wanted && this.running === 0) {
      this.#wanted = false
      this.send({ type: 'IDLE_NOW' })
    }
  }

  take(step: Step): void {
    if (step === 'arrive') this.#arrive()
    if (step === 'vanish') this.#vanish()
    if (step === 'settle') this.#settle()
    if (step === 'pause') this.send({ type: 'PAUSE' })
    if (step === 'resume') this.send({ type: 'RESUME' })
    if (step === 'drain') this.send({ type: 'DRAIN' })
    if (step === 'fail') this.send({ type: 'FAILED' })
    if (step === 'close') this.send({ type: 'CLOSE' })
  }

  #lease(): void {
    this.#asked = false
    this.leasedIn.push(this.state)
    const count = Math.min(this.ready, slots - this.running)
    this.ready -= count
    this.running += count
    this.send({ type: this.running === slots ? 'NO_CREDIT' : 'EMPTY' })
  }

  #arrive(): void {
    this.ready += 1
    this.send({ type: 'READY' })
  }

  /** Retention or a purge took what was ready. */
  #vanish(): void {
    this.ready = 0
    this.send({ type: 'EMPTY' })
  }

  #settle(): void {
    if (this.running === 0) return
    this.running -= 1
    this.handled += 1
    this.send({ type: 'CREDIT' })
    if (this.running === 0) this.send({ type: 'IDLE_NOW' })
  }
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom<Step>('arrive', 'settle') },
    { weight: 2, arbitrary: fc.constantFrom<Step>('pause', 'resume') },
    { weight: 1, arbitrary: fc.constantFrom<Step>('vanish', 'drain', 'fail', 'close') },
  ),
  { size: '+1', maxLength: 80 },
)

function run(list: readonly Step[]): World {
  const world = new World()
  for (const step of list) world.take(step)
  return world
}

describe('consumerMachine', () => {
  it('CM1: leases are asked for only while delivering', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const world = run(list)
        assert.ok(world.leasedIn.every((state) => state === 'delivering'))
      }),
    )
  })

  it('CM2: nothing that is ready stays behind once slots are free and nobody pauses', () => {
    const unending = new Set<Step>(['arrive', 'settle', 'pause', 'resume'])
    fc.assert(
      fc.property(steps, (list) => {
        const kept = list.filter((step) => unending.has(step))
        const world = run([...kept, 'resume'])
        for (let turn = 0; turn < 200 && world.running > 0; turn++) world.take('settle')
        assert.equal(world.handled, kept.filter((step) => step === 'arrive').length)
        assert.deepEqual([world.state, world.ready], ['idle', 0])
      }),
    )
  })

  it('CM3: it finishes exactly once, after a drain when the last handler has settled', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const world = run([...list, 'drain', 'arrive', 'pause', 'resume'])
        assert.equal(world.ends.length, world.running > 0 && world.state === 'draining' ? 0 : 1)
        while (world.running > 0) world.take('settle')
        assert.equal(world.ends.length, 1)
        for (const step of ['close', 'fail', 'drain'] as const) world.take(step)
        assert.equal(world.ends.length, 1)
      }),
    )
    assert.deepEqual(run(['drain']).ends, ['drained'])
    assert.deepEqual(run(['arrive', 'pause', 'drain', 'settle']).ends, ['drained'])
    assert.deepEqual(run(['arrive', 'drain', 'close']).ends, ['closed'])
    assert.deepEqual(run(['arrive', 'drain', 'fail']).ends, ['failed'])
  })

  it('CM4, WD1: every way to wait names one cause when it is overdue', () => {
    const start = () => createRunner(consumerMachine)
    const samples: Readonly<Record<string, ConsumerEvent>> = Object.fromEntries(
      (['READY', 'NO_CREDIT', 'PAUSE', 'IDLE_NOW', 'DRAIN', 'FAILED', 'CLOSE'] as const).map((type) => [
        type,
        { type },
      ]),
    )
    const causes = [...walk<typeof consumerMachine>({ start, samples })].map(([name, way]) => {
      const actions = runnerAfter<typeof consumerMachine>({ start, samples }, way).step({ type: 'OVERDUE' })
      return [
        name,
        ...actions.map((action) => (action.type === 'announceStalled' ? action.params.cause : '?')),
      ]
    })
    const expected: Readonly<Record<string, StallCause | undefined>> = {
      idle: 'blocked',
      delivering: 'no-lease',
      starved: 'no-credit',
      'paused.settling': 'paused',
      'paused.quiet': 'paused',
      draining: 'draining',
      failed: undefined,
      closed: undefined,
    }
    assert.deepEqual(
      Object.fromEntries(causes.map(([name = '', ...rest]) => [name, rest])),
      Object.fromEntries(
        Object.entries(expected).map(([name, cause]) => [name, cause === undefined ? [] : [cause]]),
      ),
    )
  })

  it('both ends have the mark of an end', () => {
    for (const type of ['CLOSE', 'FAILED'] as const) {
      const world = new World()
      assert.ok(!world.runner.snapshot.hasTag('final'))
      world.send({ type })
      assert.ok(world.runner.snapshot.hasTag('final'), world.state)
    }
  })
})
