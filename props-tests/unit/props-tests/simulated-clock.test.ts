import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ChoiceTape } from '../../choices.ts'
import { clockContract } from '../../contracts/clock-contract.ts'
import { SimulatedClock } from '../../simulated-clock.ts'
import { SimulatedExecutor } from '../../simulated-executor.ts'

clockContract('SimulatedClock', () => {
  const clock = new SimulatedClock()
  return { clock, pass: (ms) => clock.advance(ms) }
})

describe('SimulatedClock', () => {
  it('SC1: a year passes at once', async () => {
    const clock = new SimulatedClock({ startMs: 0 })
    let runs = 0
    clock.schedule(200 * 86_400_000, () => (runs += 1))
    await clock.advance(365 * 86_400_000)
    assert.deepEqual([runs, clock.nowMs()], [1, 365 * 86_400_000])
  })

  it('SC2: a timer sees its own due time, and those it makes run in the same walk', async () => {
    const clock = new SimulatedClock({ startMs: 0 })
    const seen: number[] = []
    const tick = (): void => {
      seen.push(clock.nowMs())
      clock.schedule(10, tick)
    }
    clock.schedule(10, tick)
    await clock.advance(35)
    assert.deepEqual(seen, [10, 20, 30])
    assert.deepEqual([clock.nowMs(), clock.pending, clock.nextDueMs], [35, 1, 40])
  })

  it('SC2: a timer that a promise makes between two deadlines is not overtaken', async () => {
    const clock = new SimulatedClock()
    const ran: string[] = []
    clock.schedule(10, () => {
      void Promise.resolve().then(() => clock.schedule(5, () => ran.push('from a promise')))
    })
    clock.schedule(20, () => ran.push('later'))
    await clock.advance(30)
    assert.deepEqual(ran, ['from a promise', 'later'])
  })

  it('SC3: timers of one moment run in the order of their making, with promises between', async () => {
    const clock = new SimulatedClock()
    const ran: string[] = []
    for (const name of ['a', 'b']) {
      clock.schedule(10, () => {
        ran.push(name)
        void Promise.resolve().then(() => ran.push(`${name} then`))
      })
    }
    await clock.advance(10)
    assert.deepEqual(ran, ['a', 'a then', 'b', 'b then'])
  })

  it('SC4: the wall jumps both ways, timers and the monotonic clock do not notice', async () => {
    const clock = new SimulatedClock({ startMs: 1_000_000 })
    let runs = 0
    clock.schedule(100, () => (runs += 1))
    clock.jumpWall(-500_000)
    assert.equal(clock.nowMs(), 500_000)
    await clock.advance(99)
    clock.jumpWall(10_000_000)
    assert.deepEqual([runs, clock.monotonicMs()], [0, 99])
    await clock.advance(1)
    assert.equal(runs, 1)
  })

  it('SC2: advanceSync runs what is due, in order, within the call', () => {
    const clock = new SimulatedClock()
    const ran: number[] = []
    clock.schedule(2, () => ran.push(2))
    clock.schedule(1, () => ran.push(1))
    clock.schedule(4, () => ran.push(4))
    clock.advanceSync(3)
    assert.deepEqual(ran, [1, 2])
  })

  it('SC1: what a timer throws rejects the walk', async () => {
    const clock = new SimulatedClock()
    clock.schedule(1, () => {
      throw new RangeError('from the task')
    })
    await assert.rejects(clock.advance(5), RangeError)
    await assert.rejects(clock.advance(-1))
  })
})

describe('SimulatedExecutor', () => {
  it('SX1: promises settle between two tasks', async () => {
    const executor = new SimulatedExecutor()
    const ran: string[] = []
    executor.submit(() => {
      void (async () => {
        for (let i = 0; i < 100; i += 1) await Promise.resolve()
        ran.push('promise of a')
      })()
    })
    executor.submit(() => ran.push('b'))
    await executor.settle()
    assert.deepEqual(ran, ['promise of a', 'b'])
  })

  it('SX1: tasks run by themselves, one to a turn', async () => {
    const executor = new SimulatedExecutor()
    const ran: string[] = []
    executor.submit(() => ran.push('a'))
    await executor.turn()
    assert.deepEqual([ran, executor.pending], [['a'], 0])
  })

  it('SX2: choices decide the order, and the same choices decide it again', async () => {
    assert.deepEqual(await Promise.all([order([]), order([1]), order([1]), order([2, 1])]), [
      'abc',
      'bca',
      'bca',
      'cba',
    ])
  })

  it('SX3: settle waits for tasks that tasks and promises make', async () => {
    const executor = new SimulatedExecutor({ isManual: true })
    let runs = 0
    const again = (): void => {
      runs += 1
      if (runs < 5) void Promise.resolve().then(() => executor.submit(again))
    }
    executor.submit(again)
    await executor.settle()
    assert.equal(runs, 5)
  })

  it('SX3: a run that never ends is refused', async () => {
    const executor = new SimulatedExecutor({ stepsMax: 50, isManual: true })
    const forever = (): void => executor.submit(forever)
    executor.submit(forever)
    await assert.rejects(executor.settle(), /livelock/)
  })
})

/** In which order three tasks run when `tape` decides. */
async function order(tape: number[]): Promise<string> {
  const executor = new SimulatedExecutor({ choices: new ChoiceTape(tape), isManual: true })
  const ran: string[] = []
  for (const name of ['a', 'b', 'c']) executor.submit(() => ran.push(name))
  await executor.settle()
  return ran.join('')
}
