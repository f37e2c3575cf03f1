import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { defineTopic, systemClock, systemRandom } from '../../../runtime/index.ts'
import { DueClock } from '../../../runtime/internal.ts'
import { SimulatedClock } from '../../index.ts'
import { openRig, reopen, stored, type Rig } from '../../support/sending-rig.ts'

const plain = defineTopic<string>('plain')

/** Handles all that comes, until the runtime closes. */
function collect(rig: Rig): string[] {
  const handled: string[] = []
  rig.runtime
    .consumer(plain, { group: 'g' })
    .run((message) => void handled.push(message.value))
    .catch(() => {})
  return handled
}

describe('time', () => {
  it('DC1: a wall clock set back delays nothing, however often it is looked at', async () => {
    const clock = new SimulatedClock({ startMs: 1_000_000 })
    const due = new DueClock(clock)
    clock.jumpWall(-3_600_000)
    let last = due.nowMs()
    assert.equal(last, 1_000_000)
    for (let i = 0; i < 1000; i += 1) {
      await clock.advance(0.25)
      const nowMs = due.nowMs()
      assert.ok(nowMs >= last && Number.isInteger(nowMs))
      last = nowMs
    }
    assert.equal(last, 1_000_250)
  })

  it('DC2: a wall clock set forward is followed at once, and setting it back again undoes nothing', async () => {
    const clock = new SimulatedClock({ startMs: 1_000_000 })
    const due = new DueClock(clock)
    clock.jumpWall(60_000)
    assert.equal(due.nowMs(), 1_060_000)
    clock.jumpWall(-60_000)
    await clock.advance(10)
    assert.equal(due.nowMs(), 1_060_010)
  })

  it('DC1, DC2: delayed messages come at their time, over a restart and over jumps of the clock', async () => {
    const rig = await openRig()
    const startMs = rig.clock.nowMs()
    const producer = rig.runtime.producer(plain)
    await Promise.all([
      producer.send('by delay', { delayMs: 10_000 }),
      producer.send('by date', { deliverAt: new Date(startMs + 20_000) }),
      producer.send('by number', { deliverAt: startMs + 30_000 }),
      producer.send('in the past', { deliverAt: 0 }),
      rig.settle(),
    ])
    assert.deepEqual(
      stored(rig.disk).map((message) => message.dueMs),
      [startMs + 10_000, startMs + 20_000, startMs + 30_000, 0],
    )
    const before = collect(rig)
    await rig.clock.advance(9_999)
    assert.deepEqual(before, ['in the past'])
    const next = await reopen(rig)
    const after = collect(next)
    await next.clock.advance(0)
    next.clock.jumpWall(-3_600_000)
    await next.clock.advance(1)
    assert.deepEqual(after, ['by delay'], 'a clock set back delays nothing')
    next.clock.jumpWall(3_600_000 + 10_000)
    await next.clock.advance(1_000)
    assert.deepEqual(after, ['by delay', 'by date'], 'a clock set forward is followed')
    await next.clock.advance(10_000)
    assert.deepEqual(after, ['by delay', 'by date', 'by number'])
  })

  it('CL1: the monotonic clock of this machine never goes back', () => {
    let last = systemClock.monotonicMs()
    for (let i = 0; i < 10_000; i += 1) {
      const nowMs = systemClock.monotonicMs()
      assert.ok(nowMs >= last)
      last = nowMs
    }
    assert.ok(Math.abs(systemClock.nowMs() - Date.now()) < 1000)
  })

  it('CL2: a delay that no timer holds does not fire early, and a short one does fire', async () => {
    const fired: string[] = []
    const cancel = systemClock.schedule(2 ** 31 + 5, () => fired.push('too early'))
    await new Promise<void>((resolve) => {
      const letGo = systemClock.hold()
      systemClock.schedule(2, () => {
        letGo()
        resolve()
      })
    })
    cancel()
    assert.deepEqual(fired, [])
  })

  it('CL3: `hold` keeps the process running, a timer does not, and giving up twice is harmless', () => {
    const refs = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = refs()
    const cancel = systemClock.schedule(60_000, () => {})
    assert.equal(refs(), before, 'a timer does not hold')
    const [first, second] = [systemClock.hold(), systemClock.hold()]
    assert.equal(refs(), before + 1, 'one timer holds for all')
    first()
    first()
    assert.equal(refs(), before + 1)
    second()
    assert.equal(refs(), before)
    cancel()
  })

  it('RA1: fractions are in [0, 1), and what is stored does not hang on them', async () => {
    const fractions = Array.from({ length: 1000 }, () => systemRandom.fraction())
    assert.ok(fractions.every((each) => each >= 0 && each < 1) && new Set(fractions).size > 990)
    assert.equal(systemRandom.bytes(7).length, 7)
    const disks = []
    for (const fraction of [0, 0.999]) {
      const random = { fraction: () => fraction, bytes: (count: number) => new Uint8Array(count) }
      const rig = await openRig({ random })
      const producer = rig.runtime.producer(plain)
      await Promise.all([producer.send('a'), producer.send('b'), rig.settle()])
      disks.push(rig.disk.batches)
    }
    assert.deepEqual(disks[0], disks[1])
  })
})
