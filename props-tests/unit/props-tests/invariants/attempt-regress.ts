/**
 * Histories that keep and break `attempt-regress`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

export const attemptRegress: Example = {
  name: 'attempt-regress',
  holds: {
    counted: history((t) =>
      t.send('a', 0).end(t.begin(0), 'threw').settle(0, 'nack').handle(0, { attempt: 2 }).drain(),
    ),
    'more than was seen: a lease that a crash followed': history((t) =>
      t.send('a', 0).crash().open().handle(0, { attempt: 2 }).drain(),
    ),
    'put off without burning an attempt': history((t) =>
      t.send('a', 0).end(t.begin(0), 'retry-after').handle(0).drain(),
    ),
    'begins anew after the group was moved': history((t) =>
      t.send('a', 0).handle(0, { attempt: 2 }).move('seek').handle(0).drain(),
    ),
  },
  breaks: {
    'the same attempt after a crash': history((t) => {
      t.send('a', 0).begin(0)
      t.crash().open().handle(0).drain()
    }),
    'fewer than before': history((t) => {
      t.send('a', 0)
        .end(t.begin(0, { attempt: 2 }), 'threw')
        .settle(0, 'nack', { attempt: 2 })
        .handle(0)
        .drain()
    }),
  },
}
