/**
 * Histories that keep and break `gap`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

export const gap: Example = {
  name: 'gap',
  holds: {
    'none passed over': history((t) => t.send('a', 0).send('b', 1).handle(0).handle(1).drain()),
    'another key goes on while one waits': history((t) =>
      t
        .send('a', 0, { key: 'x' })
        .send('b', 1, { key: 'y' })
        .send('c', 2, { key: 'x' })
        .handle(0)
        .handle(2)
        .handle(1)
        .drain(),
    ),
    'the group was moved forward': history((t) =>
      t.send('a', 0).handle(0).send('b', 1).move('seek', false).send('c', 2).handle(2).drain(),
    ),
    'retention took what is between': history((t) =>
      t
        .send('a', 0)
        .handle(0)
        .send('b', 1)
        .tell({ kind: 'retained', topic: 'orders', partition: 0, offset: 2 })
        .send('c', 2)
        .handle(2)
        .drain(),
    ),
  },
  breaks: {
    'what a crash cut is there, and is passed over': history((t) => {
      t.send('a', 0).ask('b')
      t.crash().open().send('c', 2).handle(0).handle(2).drain()
    }),
    'a consumer says so itself': history((t) =>
      t.send('a', 0).handle(0).tell({ kind: 'event', name: 'gap', text: 'shop: expected 2, got 3' }).drain(),
    ),
  },
}
