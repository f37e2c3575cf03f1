/**
 * Histories that keep and break `lost-suffix`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Teller } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

export const lostSuffix: Example = {
  name: 'lost-suffix',
  holds: {
    'all that was confirmed is there': history((t) =>
      extent(t.send('a', 0).handle(0).crash().open(), 0, 1).read(0).drain(),
    ),
    'what was not confirmed is not': history((t) => {
      t.ask('a')
      extent(t.crash().open(), 0, 0).drain()
    }),
  },
  breaks: {
    'ends before what was confirmed': history((t) =>
      extent(t.send('a', 0).handle(0).send('b', 1).handle(1).crash('power').open(), 0, 1).read(0).drain(),
    ),
  },
}

function extent(teller: Teller, first: number, next: number): Teller {
  return teller.tell({ kind: 'extent', topic: 'orders', partition: 0, first, next })
}
