/**
 * Histories that keep and break `hole`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Teller } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

export const hole: Example = {
  name: 'hole',
  holds: {
    'every place can be read': history((t) =>
      extent(t.send('a', 0).send('b', 1).handle(0).handle(1), 0, 2).read(0).read(1).drain(),
    ),
    'the beginning was removed': history((t) =>
      extent(t.send('a', 0).send('b', 1).handle(0).handle(1), 1, 2).read(1).drain(),
    ),
  },
  breaks: {
    'a place cannot be read': history((t) =>
      extent(t.send('a', 0).send('b', 1).send('c', 2).handle(0).handle(1).handle(2), 0, 3)
        .read(0)
        .read(2)
        .drain(),
    ),
    'the last place cannot be read': history((t) =>
      extent(t.send('a', 0).send('b', 1).handle(0).handle(1), 0, 2).read(0).drain(),
    ),
  },
}

function extent(teller: Teller, first: number, next: number): Teller {
  return teller.tell({ kind: 'extent', topic: 'orders', partition: 0, first, next })
}
