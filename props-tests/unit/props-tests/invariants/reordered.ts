/**
 * Histories that keep and break `reordered`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

export const reordered: Example = {
  name: 'reordered',
  holds: {
    'in order': history((t) => t.send('a', 0).send('b', 1).handle(0).handle(1).drain()),
    'two keys need not wait for each other': history((t) =>
      t.send('a', 0, { key: 'x' }).send('b', 1, { key: 'y' }).handle(1).handle(0).drain(),
    ),
    'a delayed message gives up its place': history((t) =>
      t.send('a', 0, { dueMs: 2_000 }).send('b', 1).handle(1).later(1_000).handle(0).drain(),
    ),
    'what was sent again may lie where it was sent first': history((t) => {
      const first = t.ask('a', { messageId: 'm' })
      t.send('b', 1).reject(first).send('a', 0, { messageId: 'm' }).handle(0).handle(1).drain()
    }),
  },
  breaks: {
    'the second of a key comes first': history((t) =>
      t.send('a', 0).send('b', 1).handle(1).handle(0).drain(),
    ),
    'the log has the numbers of a producer the wrong way round': history((t) =>
      t
        .send('a', 0, { key: 'x', sequence: 2 })
        .send('b', 1, { key: 'y', sequence: 1 })
        .handle(0)
        .handle(1)
        .drain(),
    ),
    'the log has the calls of a producer the wrong way round': history((t) => {
      const first = t.ask('a')
      t.send('b', 0).confirm(first, 1).handle(0).handle(1).drain()
    }),
  },
}
