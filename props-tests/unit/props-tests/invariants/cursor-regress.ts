/**
 * Histories that keep and break `cursor-regress`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Teller } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

export const cursorRegress: Example = {
  name: 'cursor-regress',
  holds: {
    'as much as before': history((t) =>
      backlog(backlog(t.send('a', 0).handle(0).drain(), 0).crash().open(), 0),
    ),
    'more came in': history((t) => backlog(backlog(t, 0).send('a', 0), 1).handle(0).drain()),
    'a send was under way': history((t) => {
      t.ask('a')
      backlog(backlog(t, 0).crash().open(), 1).handle(0, { value: 'a' }).drain()
    }),
    'the group was moved back': history((t) => {
      t.send('a', 0).handle(0).drain()
      backlog(backlog(t, 0).move('seek'), 1).handle(0).drain()
    }),
  },
  breaks: {
    'done, and waiting again after a restart': history((t) => {
      t.send('a', 0).handle(0).drain()
      backlog(backlog(t, 0).tell({ kind: 'closed' }).open(), 1)
    }),
  },
}

function backlog(teller: Teller, waiting: number): Teller {
  return teller.tell({ kind: 'backlog', group: 'billing', topic: 'orders', waiting })
}
