/**
 * A retry that was due in milliseconds waited for an hour: due times are kept in wall time, and when the wall clock had
 * been set back and the process then restarted, the new one measured them by a clock that was an hour behind.
 *
 * Found by `checkTopic` on a right handler that asks for time (`RetryAfter`), with clock jumps and crashes.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RetryAfter, defineTopic } from '../../runtime/index.ts'
import { openRig, reopen, type Rig } from '../support/sending-rig.ts'

const HOUR_MS = 3_600_000
const jobs = defineTopic<string>('jobs')

/** Handles all that comes; the first attempt of each process asks for 50 ms. */
function work(rig: Rig, isFirst: boolean): string[] {
  const handled: string[] = []
  let hasAsked = !isFirst
  rig.runtime
    .consumer(jobs, { group: 'g' })
    .run(({ value }) => {
      if (!hasAsked) {
        hasAsked = true
        throw new RetryAfter(50)
      }
      handled.push(value)
    })
    .catch(() => {})
  return handled
}

async function send(rig: Rig, value: string, delayMs?: number): Promise<void> {
  const options = delayMs === undefined ? {} : { delayMs }
  await Promise.all([rig.runtime.producer(jobs).send(value, options), rig.settle()])
}

/** When the clock is set: before anything is stored, or after, or while no process runs. */
const moments = ['before it is stored', 'after it is stored'] as const

describe('a clock set back, and then a restart', () => {
  for (const moment of moments) {
    for (const backMs of [HOUR_MS, 1000 * HOUR_MS]) {
      it(`DC3: a retry comes in its own time; set back by ${backMs / HOUR_MS} h ${moment}`, async () => {
        const rig = await openRig()
        if (moment === 'before it is stored') rig.clock.jumpWall(-backMs)
        work(rig, true)
        await send(rig, 'a')
        await rig.clock.advance(10)
        if (moment === 'after it is stored') rig.clock.jumpWall(-backMs)
        const next = await reopen(rig)
        const handled = work(next, false)
        await next.clock.advance(49)
        assert.deepEqual(handled, [], 'not earlier than it asked for')
        await next.clock.advance(1)
        assert.deepEqual(handled, ['a'])
      })
    }
  }

  it('DC3: and so does a delayed message', async () => {
    const rig = await openRig()
    rig.clock.jumpWall(-HOUR_MS)
    await send(rig, 'a', 1_000)
    await rig.clock.advance(200)
    const next = await reopen(rig)
    const handled = work(next, false)
    await next.clock.advance(999)
    assert.deepEqual(handled, [])
    await next.clock.advance(1)
    assert.deepEqual(handled, ['a'])
  })

  it('DC3: a clock that was a century ahead for a while holds nothing up, and has no say afterwards', async () => {
    const rig = await openRig()
    rig.clock.jumpWall(876_000 * HOUR_MS)
    await send(rig, 'a', 1_000)
    rig.clock.jumpWall(-876_000 * HOUR_MS)
    const next = await reopen(rig)
    const handled = work(next, false)
    await send(next, 'b', 2_000)
    await Promise.all([
      next.runtime.producer(jobs).send('c', { deliverAt: next.clock.nowMs() + 3_000 }),
      next.settle(),
    ])
    await next.clock.advance(1_000)
    assert.deepEqual(handled, ['a'])
    await next.clock.advance(999)
    assert.deepEqual(handled, ['a'])
    await next.clock.advance(1)
    assert.deepEqual(handled, ['a', 'b'])
    await next.clock.advance(1_000)
    assert.deepEqual(handled, ['a', 'b', 'c'])
  })

  it('DC3: restarts alone prolong nothing', async () => {
    const rig = await openRig()
    work(rig, true)
    await send(rig, 'a')
    await send(rig, 'b', 50)
    await rig.clock.advance(20)
    const second = await reopen(rig)
    work(second, true)
    await second.clock.advance(20)
    const third = await reopen(second)
    const handled = work(third, false)
    await third.clock.advance(9)
    assert.deepEqual(handled, [])
    await third.clock.advance(1)
    assert.deepEqual(new Set(handled), new Set(['a', 'b']))
  })
})
