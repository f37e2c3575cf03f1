/**
 * Histories that keep and break `dlq-loss`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

export const dlqLoss: Example = {
  name: 'dlq-loss',
  holds: {
    'failed for the last time, and a dead letter': history((t) =>
      t
        .send('a', 0)
        .end(t.begin(0, { attempt: 3 }), 'threw')
        .settle(0, 'dead-letter', { attempt: 3 })
        .drain()
        .list(0, [1, 2, 3]),
    ),
    'a dead letter of which a crash kept the news back': history((t) =>
      t
        .send('a', 0)
        .end(t.begin(0, { attempt: 3 }), 'threw')
        .crash()
        .open()
        .drain()
        .list(0, [1, 2, 3]),
    ),
    'sent again, and done': history((t) =>
      t
        .send('a', 0)
        .end(t.begin(0), 'dead-letter')
        .settle(0, 'dead-letter')
        .move('redrive')
        .handle(0)
        .drain(),
    ),
  },
  breaks: {
    'more attempts than are allowed': history((t) => t.send('a', 0).handle(0, { attempt: 4 }).drain()),
    'failed for the last time, and nowhere': history((t) =>
      t
        .send('a', 0)
        .end(t.begin(0, { attempt: 3 }), 'threw')
        .drain(),
    ),
    'dead, and not listed': history((t) =>
      t.send('a', 0).end(t.begin(0), 'dead-letter').settle(0, 'dead-letter').crash().open().drain(),
    ),
    'acknowledged, and listed': history((t) => t.send('a', 0).handle(0).drain().list(0, [1])),
  },
}
