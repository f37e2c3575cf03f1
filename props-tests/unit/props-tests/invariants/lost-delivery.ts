/**
 * Histories that keep and break `lost-delivery`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

export const lostDelivery: Example = {
  name: 'lost-delivery',
  holds: {
    'failed, and handled again': history((t) =>
      t.send('a', 0).end(t.begin(0), 'threw').settle(0, 'nack').handle(0, { attempt: 2 }).drain(),
    ),
    'the process died, and it came again': history((t) => {
      t.send('a', 0).begin(0)
      t.crash().open().handle(0, { attempt: 2 }).drain()
    }),
    'returned, and a crash cut the news': history((t) =>
      t.send('a', 0).end(t.begin(0)).crash().open().drain(),
    ),
    'given up': history((t) =>
      t
        .send('a', 0)
        .end(t.begin(0, { attempt: 3 }), 'threw')
        .settle(0, 'dead-letter', { attempt: 3 })
        .list(0, [1, 2, 3])
        .drain(),
    ),
    'the handler asked for the ack itself': history((t) => {
      t.send('a', 0).tell({ kind: 'asked', run: t.begin(0), how: 'ack' })
      t.crash().open().drain()
    }),
  },
  breaks: {
    'the process died, and it never came again': history((t) => {
      t.send('a', 0).begin(0)
      t.crash().open().drain()
    }),
    'failed, and it never came again': history((t) => t.send('a', 0).end(t.begin(0), 'threw').drain()),
    'put off, and it never came again': history((t) => t.send('a', 0).end(t.begin(0), 'retry-after').drain()),
  },
}
