/**
 * Histories that keep and break `silent-truncation`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Teller } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

export const silentTruncation: Example = {
  name: 'silent-truncation',
  holds: {
    'damage, and all is there': history((t) =>
      extent(
        t
          .send('a', 0)
          .handle(0)
          .tell({ kind: 'fault', text: 'a bit of segment-1-1', damage: true })
          .crash()
          .open(),
        0,
        1,
      )
        .read(0)
        .drain(),
    ),
  },
  breaks: {
    'damage made it shorter': history((t) =>
      extent(
        t
          .send('a', 0)
          .handle(0)
          .tell({ kind: 'fault', text: 'a bit of segment-1-1', damage: true })
          .crash()
          .open(),
        0,
        0,
      ).drain(),
    ),
  },
}

function extent(teller: Teller, first: number, next: number): Teller {
  return teller.tell({ kind: 'extent', topic: 'orders', partition: 0, first, next })
}
