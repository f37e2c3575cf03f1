/**
 * Histories that keep and break `stale-read`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Teller } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

export const staleRead: Example = {
  name: 'stale-read',
  holds: {
    'confirmed, then read': history((t) => extent(t.send('a', 0).handle(0), 0, 1).read(0).drain()),
    'read before it was confirmed': history((t) => {
      const send = t.ask('a')
      extent(t, 0, 0).confirm(send, 0).handle(0).drain()
    }),
  },
  breaks: {
    'confirmed, and not read': history((t) => extent(t.send('a', 0).handle(0), 0, 0).drain()),
  },
}

function extent(teller: Teller, first: number, next: number): Teller {
  return teller.tell({ kind: 'extent', topic: 'orders', partition: 0, first, next })
}
