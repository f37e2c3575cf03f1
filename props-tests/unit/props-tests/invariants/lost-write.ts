/**
 * Histories that keep and break `lost-write`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Teller } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

export const lostWrite: Example = {
  name: 'lost-write',
  holds: {
    'all that was confirmed came': history((t) => t.send('a', 0).handle(0).drain()),
    'what failed with an unknown outcome need not come': history((t) => t.reject(t.ask('a')).drain()),
    'what a crash cut need not come': history((t) => {
      t.ask('a')
      t.crash().open().drain()
    }),
    'nobody waited for the end': history((t) => t.send('a', 0)),
    'retention took it, as was asked': history((t) =>
      t.send('a', 0).tell({ kind: 'retained', topic: 'orders', partition: 0, offset: 1 }).drain(),
    ),
    'the group was moved past it': history((t) => t.send('a', 0).move('seek', false).drain()),
    'nobody has to get it': history((t) => t.send('a', 0, { topic: 'notes' }).drain()),
    'what lies in the log came, whoever was told of it': history((t) => {
      t.ask('a')
      extent(t.crash().open().handle(0, { value: 'a' }).drain(), 1).read(0)
    }),
  },
  breaks: {
    'confirmed, and never came': history((t) => t.send('a', 0).drain()),
    'gone by a power cut': history((t) =>
      t.send('a', 0).handle(0).send('b', 1).crash('power').open().drain(),
    ),
    'came to one group, not to the other': history((t) =>
      t.send('a', 0, { topic: 'invoices' }).handle(0, { topic: 'invoices' }).drain(),
    ),
    'it lies in the log, confirmed to nobody, and never came': history((t) => {
      t.ask('a')
      extent(t.crash().open().drain(), 1).read(0, { value: 'a' })
    }),
  },
}

function extent(teller: Teller, next: number): Teller {
  return teller.tell({ kind: 'extent', topic: 'orders', partition: 0, first: 0, next })
}
