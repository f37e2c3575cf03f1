/**
 * Histories that keep and break `unstable-recovery`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Teller } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

export const unstableRecovery: Example = {
  name: 'unstable-recovery',
  holds: {
    'the same at both openings': history((t) => {
      t.ask('a')
      extent(t.crash().open(), 0, 1).read(0, { value: 'a' })
      extent(t.crash('power').open(), 0, 1).read(0).handle(0).drain()
    }),
    'not there at either': history((t) => {
      t.ask('a')
      extent(t.crash().open(), 0, 0)
      extent(t.crash('power').open(), 0, 0).drain()
    }),
  },
  breaks: {
    'there at one opening, gone at the next': history((t) => {
      t.ask('a')
      extent(t.crash().open(), 0, 1).read(0, { value: 'a' })
      extent(t.crash('power').open(), 0, 0).drain()
    }),
  },
}

function extent(teller: Teller, first: number, next: number): Teller {
  return teller.tell({ kind: 'extent', topic: 'orders', partition: 0, first, next })
}
