/**
 * Histories that keep and break `premature-retention`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Teller } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

export const prematureRetention: Example = {
  name: 'premature-retention',
  holds: {
    'done, then removed': history((t) => extent(t.send('a', 0).handle(0), 1, 1).drain()),
    'retention was asked for': history((t) =>
      extent(
        t.send('a', 0).tell({ kind: 'retained', topic: 'orders', partition: 0, offset: 1 }),
        1,
        1,
      ).drain(),
    ),
    'returned, and a crash cut the news': history((t) =>
      extent(t.send('a', 0).end(t.begin(0)).crash().open(), 1, 1).drain(),
    ),
  },
  breaks: {
    'removed before its group met it': history((t) => extent(t.send('a', 0), 1, 1).handle(0).drain()),
    'removed, and its group never met it': history((t) => extent(t.send('a', 0), 1, 1).drain()),
  },
  neighbours: { 'lost-write': 'what is removed too soon never comes' },
}

function extent(teller: Teller, first: number, next: number): Teller {
  return teller.tell({ kind: 'extent', topic: 'orders', partition: 0, first, next })
}
