/**
 * Histories that keep and break `redelivery-after-durable-ack`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

export const redeliveryAfterDurableAck: Example = {
  name: 'redelivery-after-durable-ack',
  holds: {
    'an ack that a crash cut': history((t) =>
      t.send('a', 0).end(t.begin(0)).crash().open().handle(0, { attempt: 2 }).drain(),
    ),
    'a failed attempt comes again': history((t) =>
      t.send('a', 0).end(t.begin(0), 'threw').settle(0, 'nack').handle(0, { attempt: 2 }).drain(),
    ),
    'the group was moved back': history((t) => t.send('a', 0).handle(0).move('seek').handle(0).drain()),
    'another group gets it as well': history((t) =>
      t.send('a', 0).handle(0).handle(0, { group: 'audit' }).drain(),
    ),
  },
  breaks: {
    'acknowledged, and delivered again': history((t) =>
      t.send('a', 0).handle(0).handle(0, { attempt: 2 }).drain(),
    ),
    'acknowledged, and delivered again after a crash': history((t) =>
      t.send('a', 0).handle(0).crash('power').open().handle(0, { attempt: 2 }).drain(),
    ),
    'dead, and delivered again': history((t) =>
      t
        .send('a', 0)
        .end(t.begin(0), 'dead-letter')
        .settle(0, 'dead-letter')
        .crash()
        .open()
        .handle(0, { attempt: 2 })
        .list(0, [1, 2])
        .drain(),
    ),
  },
  neighbours: { 'dlq-loss': 'what is dead and comes again may be acknowledged as well' },
}
