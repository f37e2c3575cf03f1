/**
 * Histories that keep and break `false-alarm`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

export const falseAlarm: Example = {
  name: 'false-alarm',
  holds: {
    'a real fault': history((t) =>
      t
        .tell({ kind: 'fault', text: 'EIO in sync of segment-1-1' })
        .tell({ kind: 'event', name: 'broken', text: 'EIO' })
        .reject(t.ask('a'), 'unknown', 'UNLOST_BROKEN')
        .crash()
        .open()
        .drain(),
    ),
    'a send that is refused for what it is': history((t) =>
      t.reject(t.ask('a'), 'not-written', 'UNLOST_INVALID_VALUE').drain(),
    ),
    'data went as retention was asked to take it': history((t) =>
      t
        .tell({ kind: 'retained', topic: 'orders', partition: 0, offset: 1 })
        .tell({ kind: 'event', name: 'data-loss', text: 'orders/0 0 to 1' })
        .drain(),
    ),
  },
  breaks: {
    'called broken on a sound disk': history((t) =>
      t.tell({ kind: 'event', name: 'broken', text: 'EIO' }).drain(),
    ),
    'called damaged on a sound disk': history((t) =>
      t.crash().open().tell({ kind: 'event', name: 'corruption', text: 'segment-1-1' }).drain(),
    ),
    'a send fails with a full disk that has room': history((t) =>
      t.reject(t.ask('a'), 'not-written', 'UNLOST_DISK_FULL').drain(),
    ),
  },
}
