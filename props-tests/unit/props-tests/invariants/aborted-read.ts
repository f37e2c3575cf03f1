/**
 * Histories that keep and break `aborted-read`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

export const abortedRead: Example = {
  name: 'aborted-read',
  holds: {
    'refused, and never seen': history((t) => t.reject(t.ask('a'), 'not-written').drain()),
    'unknown, and seen': history((t) => t.reject(t.ask('a')).handle(0, { value: 'a' }).drain()),
    'refused once, sent again under its id': history((t) =>
      t
        .reject(t.ask('a', { messageId: 'm' }), 'not-written')
        .send('a', 0, { messageId: 'm' })
        .handle(0)
        .drain(),
    ),
    'an equal value was confirmed': history((t) =>
      t.reject(t.ask('a'), 'not-written').send('a', 0).handle(0).drain(),
    ),
  },
  breaks: {
    'refused as not-written, and delivered': history((t) =>
      t.reject(t.ask('a'), 'not-written').handle(0, { value: 'a' }).drain(),
    ),
    'refused as not-written, and read back': history((t) =>
      t.reject(t.ask('a'), 'not-written').drain().read(0, { value: 'a' }),
    ),
  },
}
