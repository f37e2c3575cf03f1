/**
 * The clock port as a suite that runs on every clock.
 *
 * Owns: what each clock must do. Leaves to the caller how time passes: by hand, or by waiting for it.
 *
 * Each title cites the invariant of `runtime/clock.ts` that it holds the clock to.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Clock } from '../../runtime/index.ts'

export interface ClockWorld {
  readonly clock: Clock
  /** Lets at least `ms` pass on the clock, and runs what falls due. */
  readonly pass: (ms: number) => Promise<void>
}

export function clockContract(label: string, makeWorld: () => ClockWorld): void {
  describe(`clock contract: ${label}`, () => {
    it('CL1: the monotonic clock never goes back, and grows with time', async () => {
      const { clock, pass } = makeWorld()
      const before = clock.monotonicMs()
      await pass(5)
      const after = clock.monotonicMs()
      assert.ok(after >= before + 4.5, `${before} then ${after}`)
      assert.ok(clock.monotonicMs() >= after)
    })

    it('CL1: the wall clock counts milliseconds since 1970', async () => {
      const { clock, pass } = makeWorld()
      const before = clock.nowMs()
      assert.ok(before > Date.UTC(2020), 'a plausible year')
      await pass(5)
      assert.ok(clock.nowMs() >= before + 3)
    })

    it('CL2: a task runs once, and not before its delay has passed', async () => {
      const { clock, pass } = makeWorld()
      const startMs = clock.monotonicMs()
      const ranAt: number[] = []
      clock.schedule(10, () => ranAt.push(clock.monotonicMs()))
      await pass(40)
      assert.equal(ranAt.length, 1)
      assert.ok((ranAt[0] ?? 0) - startMs >= 9, 'not early')
    })

    it('CL2: tasks run in the order of their delays, not of their making', async () => {
      const { clock, pass } = makeWorld()
      const ran: string[] = []
      clock.schedule(20, () => ran.push('late'))
      clock.schedule(1, () => ran.push('early'))
      await pass(60)
      assert.deepEqual(ran, ['early', 'late'])
    })

    it('CL2: a delay longer than a timer of Node.js can hold does not fire at once', async () => {
      const { clock, pass } = makeWorld()
      let hasRun = false
      const cancel = clock.schedule(2 ** 31 + 10, () => {
        hasRun = true
      })
      await pass(10)
      cancel()
      assert.equal(hasRun, false)
    })

    it('CL2: a delay of zero or less runs, but not within the call', async () => {
      const { clock, pass } = makeWorld()
      let runs = 0
      clock.schedule(0, () => (runs += 1))
      clock.schedule(-5, () => (runs += 1))
      assert.equal(runs, 0)
      await pass(10)
      assert.equal(runs, 2)
    })

    it('CL2: a cancelled task never runs, and cancelling late or twice is harmless', async () => {
      const { clock, pass } = makeWorld()
      let runs = 0
      const cancel = clock.schedule(1, () => (runs += 1))
      cancel()
      cancel()
      const cancelLate = clock.schedule(1, () => (runs += 1))
      await pass(20)
      cancelLate()
      assert.equal(runs, 1)
    })

    it('CL3: deferred tasks run after the promises of the turn, in order', async () => {
      const { clock, pass } = makeWorld()
      const ran: string[] = []
      clock.defer(() => ran.push('first'))
      clock.defer(() => ran.push('second'))
      void Promise.resolve()
        .then(() => Promise.resolve())
        .then(() => ran.push('promise'))
      ran.push('turn')
      await pass(5)
      assert.deepEqual(ran, ['turn', 'promise', 'first', 'second'])
    })
  })
}
