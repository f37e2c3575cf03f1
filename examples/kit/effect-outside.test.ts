/**
 * The kit finds a side effect outside the outbox.
 */
import { describe, it } from 'node:test'
import { checkTopic } from '../../props-tests/index.ts'
import { ownOutbox, ownProducer } from './effect-outside.ts'
import { expectBroken } from './expect-broken.ts'
import { anyOrder, customerOf } from './orders.ts'

describe('an invoice in another topic', () => {
  it('comes twice from a producer of its own', () =>
    expectBroken(
      'duplicated-effect',
      checkTopic({
        title: 'billing with a producer of its own',
        values: anyOrder,
        key: customerOf,
        start: ({ runtime }) => ({ handler: ownProducer(runtime) }),
      }),
    ))

  it('comes once when it is stored with the ack', async () => {
    await checkTopic({ title: 'billing', values: anyOrder, key: customerOf, handler: ownOutbox() })
  })
})
