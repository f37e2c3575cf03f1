/**
 * Histories that keep and break `lost-attempt`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

export const lostAttempt: Example = {
  name: 'lost-attempt',
  holds: {
    'all told': history((t) => {
      t.send('a', 0)
      for (const attempt of [1, 2]) t.end(t.begin(0, { attempt }), 'threw').settle(0, 'nack', { attempt })
      t.end(t.begin(0, { attempt: 3 }), 'threw')
        .settle(0, 'dead-letter', { attempt: 3 })
        .drain()
        .list(0, [1, 2, 3])
    }),
    'attempts that crashes took': history((t) =>
      t
        .send('a', 0)
        .crash()
        .open()
        .end(t.begin(0, { attempt: 2 }), 'dead-letter')
        .settle(0, 'dead-letter', { attempt: 2 })
        .drain()
        .tell({
          kind: 'listed',
          group: 'billing',
          topic: 'orders',
          partition: 0,
          offset: 0,
          attempts: [1, 2],
          crashed: [1],
        }),
    ),
    'begun anew after the group was moved': history((t) =>
      t
        .send('a', 0)
        .handle(0, { attempt: 2 })
        .move('seek')
        .end(t.begin(0), 'dead-letter')
        .settle(0, 'dead-letter')
        .drain()
        .list(0, [1]),
    ),
  },
  breaks: {
    'an attempt is missing': history((t) => {
      t.send('a', 0)
      for (const attempt of [1, 2]) t.end(t.begin(0, { attempt }), 'threw').settle(0, 'nack', { attempt })
      t.end(t.begin(0, { attempt: 3 }), 'threw')
        .settle(0, 'dead-letter', { attempt: 3 })
        .drain()
        .list(0, [1, 3])
    }),
    'how an attempt ended is forgotten': history((t) =>
      t
        .send('a', 0)
        .end(t.begin(0), 'threw')
        .settle(0, 'nack')
        .crash()
        .open()
        .end(t.begin(0, { attempt: 2 }), 'dead-letter')
        .settle(0, 'dead-letter', { attempt: 2 })
        .drain()
        .tell({
          kind: 'listed',
          group: 'billing',
          topic: 'orders',
          partition: 0,
          offset: 0,
          attempts: [1, 2],
          crashed: [1],
        }),
    ),
  },
}
