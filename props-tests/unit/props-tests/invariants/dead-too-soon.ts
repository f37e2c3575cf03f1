/**
 * Histories that keep and break `dead-too-soon`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

export const deadTooSoon: Example = {
  name: 'dead-too-soon',
  holds: {
    'after the last attempt': history((t) =>
      t
        .send('a', 0)
        .end(t.begin(0, { attempt: 3 }), 'threw')
        .settle(0, 'dead-letter', { attempt: 3 })
        .drain()
        .list(0, [1, 2, 3]),
    ),
    'as its handler said': history((t) =>
      t.send('a', 0).end(t.begin(0), 'dead-letter').settle(0, 'dead-letter').drain().list(0, [1]),
    ),
    'no handler could read it': history((t) => t.send('a', 0).settle(0, 'dead-letter').drain().list(0, [1])),
  },
  breaks: {
    'after the first failure': history((t) =>
      t.send('a', 0).end(t.begin(0), 'threw').settle(0, 'dead-letter').drain().list(0, [1]),
    ),
  },
}
