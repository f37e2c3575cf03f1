/**
 * A delayed message came at once when its process had been running for longer than the delay: the rule for what an earlier
 * run had put off (at most as long again, counted from the start of this one) was applied to messages of this run too.
 *
 * Found by the checker of early timers, in random runs of the whole runtime.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { defineTopic } from '../../runtime/index.ts'
import { openRig } from '../support/sending-rig.ts'

const mails = defineTopic<string>('mails')

it('DC3: a message delayed late in a run waits for its whole delay', async () => {
  const rig = await openRig()
  const handled: string[] = []
  const run = rig.runtime.consumer(mails, { group: 'g' }).run(({ value }) => void handled.push(value))
  await rig.clock.advance(10_000)
  await Promise.all([rig.runtime.producer(mails).send('a', { delayMs: 500 }), rig.settle()])
  await rig.clock.advance(499)
  assert.deepEqual(handled, [])
  await rig.clock.advance(1)
  assert.deepEqual(handled, ['a'])
  await Promise.all([rig.runtime.close(), rig.settle()])
  await run
})
