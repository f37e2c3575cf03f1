/**
 * Histories that keep and break `offset-regress`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

export const offsetRegress: Example = {
  name: 'offset-regress',
  holds: {
    'behind all that was seen': history((t) => t.send('a', 0).send('b', 1).handle(0).handle(1).drain()),
    'two sends under way at once': history((t) => {
      const first = t.ask('a', { key: 'x' })
      const second = t.ask('b', { key: 'y' })
      t.confirm(second, 1).confirm(first, 0).handle(0).handle(1).drain()
    }),
    'sent again under its id': history((t) =>
      t
        .send('a', 0, { messageId: 'm' })
        .send('b', 1)
        .send('a', 0, { messageId: 'm' })
        .handle(0)
        .handle(1)
        .drain(),
    ),
  },
  breaks: {
    'put before what was confirmed': history((t) =>
      t
        .send('a', 1, { key: 'x', producer: 'till', sequence: 1 })
        .send('b', 0, { key: 'y', sequence: 1 })
        .handle(0)
        .handle(1)
        .drain(),
    ),
    'put before what was delivered': history((t) => {
      t.ask('a')
      t.handle(3, { value: 'a', producer: 'till' }).crash().open()
      t.send('b', 2).handle(2, { group: 'audit' }).move('seek').handle(2).drain()
    }),
  },
  neighbours: { reordered: 'the places of one producer are the wrong way round as well' },
}
