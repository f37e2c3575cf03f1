/**
 * Histories that keep and break `inconsistent-offset`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

export const inconsistentOffset: Example = {
  name: 'inconsistent-offset',
  holds: {
    'the same for everybody': history((t) =>
      t.send('a', 0).handle(0).handle(0, { group: 'audit' }).crash().open().drain().read(0),
    ),
    'sent again under its id': history((t) =>
      t.send('a', 0, { messageId: 'm' }).send('a', 0, { messageId: 'm' }).handle(0).drain(),
    ),
  },
  breaks: {
    'another message after a crash': history((t) =>
      t.send('a', 0).handle(0).crash('power').open().read(0, { sequence: 9 }).drain(),
    ),
    'two messages confirmed in one place': history((t) => t.send('a', 0).send('b', 0).handle(0).drain()),
  },
  neighbours: { 'silent-corruption': 'what was confirmed there is no longer what is read there' },
}
