/**
 * Histories that keep and break `zombie`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

export const zombie: Example = {
  name: 'zombie',
  holds: {
    'removed, and gone': history((t) =>
      t.send('a', 0).handle(0).tell({ kind: 'retained', topic: 'orders', partition: 0, offset: 1 }).drain(),
    ),
    'a handler had it already': history((t) =>
      t.send('a', 0).tell({ kind: 'retained', topic: 'orders', partition: 0, offset: 1 }).handle(0).drain(),
    ),
    'a partition that only gets shorter from below': history((t) =>
      t
        .send('a', 0)
        .handle(0)
        .send('b', 1)
        .tell({ kind: 'extent', topic: 'orders', partition: 0, first: 1, next: 2 })
        .read(1)
        .crash()
        .open()
        .tell({ kind: 'extent', topic: 'orders', partition: 0, first: 1, next: 2 })
        .read(1)
        .handle(1)
        .drain(),
    ),
  },
  breaks: {
    'gone, as the partition says, and read after a crash': history((t) =>
      t
        .send('a', 0)
        .handle(0)
        .tell({ kind: 'extent', topic: 'orders', partition: 0, first: 1, next: 1 })
        .crash()
        .open()
        .tell({ kind: 'extent', topic: 'orders', partition: 0, first: 0, next: 1 })
        .read(0)
        .drain(),
    ),
    'removed, and delivered after a crash': history((t) =>
      t
        .send('a', 0)
        .tell({ kind: 'retained', topic: 'orders', partition: 0, offset: 1 })
        .crash('power')
        .open()
        .handle(0)
        .drain(),
    ),
    'removed, and read': history((t) =>
      t
        .send('a', 0)
        .handle(0)
        .tell({ kind: 'retained', topic: 'orders', partition: 0, offset: 1 })
        .read(0)
        .drain(),
    ),
  },
}
