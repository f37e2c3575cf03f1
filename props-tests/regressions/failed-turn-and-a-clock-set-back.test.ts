/**
 * A turn that failed and was to be tried again in milliseconds waited for a day: when the wall clock had been set back and
 * the process then restarted, the new one measured the due time by a clock that was a day behind.
 *
 * Found by `checkActor` on a right actor that refuses some events by throwing, with clock jumps and crashes.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ActorRef } from '../../runtime/index.ts'
import type { DoubleTypes } from '../support/actor-double.ts'
import { crash, note, notebook, notesOf, openActors } from '../support/actor-rig.ts'

const DAY_MS = 86_400_000
const supervision = { maxAttempts: 3, minDelayMs: 100, maxDelayMs: 100 }

describe('a turn that failed, a clock set back, and a restart', () => {
  for (const moment of ['before it failed', 'after it failed'] as const) {
    it(`AG4: it is tried again in its own time; set back ${moment}`, async () => {
      let isBad = true
      const fail = (): void => {
        if (isBad) throw new RangeError('not now')
      }
      const book = notebook('book', fail, { supervision })
      const rig = await openActors([book])
      if (moment === 'before it failed') rig.clock.jumpWall(-DAY_MS)
      rig.runtime.actor(book, 'a').send(note('x')).catch(assert.ifError)
      await rig.settle()
      if (moment === 'after it failed') rig.clock.jumpWall(-DAY_MS)
      isBad = false
      const next = await crash(rig, [book])
      const ref: ActorRef<DoubleTypes> = next.runtime.actor(book, 'a')
      await next.clock.advance(40)
      assert.deepEqual(await notesOf(ref), [], 'not earlier than it was put off for')
      await next.clock.advance(61)
      assert.deepEqual(await notesOf(ref), ['x'])
    })
  }
})
