/**
 * Histories that keep and break `duplicate-append`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

export const duplicateAppend: Example = {
  name: 'duplicate-append',
  holds: {
    'two equal messages, sent twice': history((t) => t.send('a', 0).send('a', 1).handle(0).handle(1).drain()),
    'sent again under its id, and answered with the first place': history((t) =>
      t.send('a', 0, { messageId: 'm' }).send('a', 0, { messageId: 'm' }).handle(0).drain(),
    ),
    'a retry of the user without an id': history((t) =>
      t.reject(t.ask('a')).send('a', 1).handle(0, { value: 'a' }).handle(1).drain(),
    ),
  },
  breaks: {
    'one number at two places': history((t) =>
      t.send('a', 0).send('b', 1, { sequence: 1 }).handle(0).handle(1).drain(),
    ),
    'one message id at two places': history((t) =>
      t.send('a', 0, { messageId: 'm' }).send('a', 1, { messageId: 'm' }).handle(0).handle(1).drain(),
    ),
    'sent once, there twice': history((t) => t.send('a', 0).handle(0).handle(1, { value: 'a' }).drain()),
    'cut off by a crash, sent again under its id, and there twice': history((t) => {
      t.ask('a', { messageId: 'm' })
      t.crash().open().send('a', 1, { messageId: 'm' }).handle(0, { value: 'a' }).handle(1).drain()
    }),
  },
}
