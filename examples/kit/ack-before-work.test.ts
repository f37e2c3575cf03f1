/**
 * The kit finds an ack that comes before the work.
 */
import { describe, it } from 'node:test'
import { checkTopic } from '../../props-tests/index.ts'
import { mailOf } from './doubles.ts'
import { ackFirst, ackLast } from './ack-before-work.ts'
import { expectBroken } from './expect-broken.ts'
import { anyOrder, customerOf } from './orders.ts'

const check = (handlerFor: typeof ackFirst): Promise<unknown> =>
  checkTopic({
    title: `receipts with ${handlerFor.name}`,
    values: anyOrder,
    key: customerOf,
    start: (world) => ({ handler: handlerFor(mailOf(world)) }),
  })

describe('a receipt by mail', () => {
  it('is lost when the ack comes first', () => expectBroken('work-after-ack', check(ackFirst)))

  it('is sent when the ack comes last', async () => {
    await check(ackLast)
  })
})
