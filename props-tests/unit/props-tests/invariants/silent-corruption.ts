/**
 * Histories that keep and break `silent-corruption`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

export const silentCorruption: Example = {
  name: 'silent-corruption',
  holds: {
    'delivered as it was sent': history((t) => t.send('a', 0).handle(0).drain()),
    'sent with two values under one id': history((t) =>
      t
        .reject(t.ask('a', { messageId: 'm' }))
        .send('b', 0, { messageId: 'm' })
        .handle(0, { value: 'a' })
        .drain(),
    ),
  },
  breaks: {
    'another value': history((t) => t.send('a', 0).handle(0, { value: 'b' }).drain()),
    'another key': history((t) => t.send('a', 0).handle(0, { key: 'other' }).drain()),
    'another value at the second delivery': history((t) => {
      t.ask('a')
      t.crash().open().handle(0, { value: 'a' }).handle(0, { value: 'b', group: 'audit' }).drain()
    }),
  },
}
