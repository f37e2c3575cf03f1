/**
 * The kit finds an error that is swallowed.
 */
import { describe, it } from 'node:test'
import { checkTopic } from '../../props-tests/index.ts'
import { mailOf } from './doubles.ts'
import { expectBroken } from './expect-broken.ts'
import { anyOrder, customerOf } from './orders.ts'
import { logAndGoOn, logAndThrow } from './swallowed-error.ts'

const check = (handlerFor: typeof logAndGoOn): Promise<unknown> =>
  checkTopic({
    title: `receipts with ${handlerFor.name}`,
    values: anyOrder,
    key: customerOf,
    start: (world) => ({ handler: handlerFor(mailOf(world), () => {}) }),
  })

describe('a receipt over a mail service that fails', () => {
  it('is lost when its error is swallowed', () => expectBroken('lost-effect', check(logAndGoOn)))

  it('is sent in the end when its error is thrown', async () => {
    await check(logAndThrow)
  })
})
