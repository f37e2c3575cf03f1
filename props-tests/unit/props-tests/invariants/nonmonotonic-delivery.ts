/**
 * Histories that keep and break `nonmonotonic-delivery`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

export const nonmonotonicDelivery: Example = {
  name: 'nonmonotonic-delivery',
  holds: {
    'again before the next of its key': history((t) =>
      t
        .send('a', 0)
        .send('b', 1)
        .end(t.begin(0), 'threw')
        .settle(0, 'nack')
        .handle(0, { attempt: 2 })
        .handle(1)
        .drain(),
    ),
    'other keys go on': history((t) =>
      t
        .send('a', 0, { key: 'x' })
        .send('b', 1, { key: 'y' })
        .end(t.begin(0), 'threw')
        .handle(1)
        .handle(0, { attempt: 2 })
        .drain(),
    ),
    'moved back': history((t) =>
      t.send('a', 0).send('b', 1).handle(0).handle(1).move('seek').handle(0).handle(1).drain(),
    ),
  },
  breaks: {
    'again after the next of its key': history((t) =>
      t.send('a', 0).send('b', 1).end(t.begin(0), 'threw').handle(1).handle(0, { attempt: 2 }).drain(),
    ),
    'a consumer says so itself': history((t) =>
      t
        .send('a', 0)
        .handle(0)
        .tell({ kind: 'event', name: 'step-back', text: 'shop: expected 3, got 2' })
        .drain(),
    ),
  },
}
