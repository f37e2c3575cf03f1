/**
 * The same check under vitest: nothing of the kit hangs on the test runner.
 */
import { expect, test } from 'vitest'
import { checkTopic } from '../../../props-tests/index.ts'
import { ackFirst, ackLast } from '../ack-before-work.ts'
import { mailOf } from '../doubles.ts'
import { anyOrder } from '../orders.ts'

const check = (handlerFor: typeof ackFirst): Promise<unknown> =>
  checkTopic({
    title: `receipts with ${handlerFor.name}`,
    values: anyOrder,
    start: (world) => ({ handler: handlerFor(mailOf(world)) }),
  })

test('a receipt is lost when the ack comes first', async () => {
  await expect(check(ackFirst)).rejects.toThrow(/^work-after-ack: receipts with ackFirst broke guarantee G6/)
}, 30_000)

test('a receipt is sent when the ack comes last', async () => {
  await check(ackLast)
}, 30_000)
