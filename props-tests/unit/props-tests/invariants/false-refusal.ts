/**
 * Histories that keep and break `false-refusal`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

export const falseRefusal: Example = {
  name: 'false-refusal',
  holds: {
    'opened by itself': history((t) => t.crash('power').open().drain()),
    'the disk failed while it was opened': history((t) =>
      t
        .crash()
        .tell({ kind: 'fault', text: 'EIO in open of owner-2' })
        .tell({ kind: 'refused-opening', code: 'UNLOST_DIRECTORY', text: 'EIO' })
        .open()
        .drain(),
    ),
    'the disk is damaged': history((t) =>
      t
        .tell({ kind: 'fault', text: 'a bit of segment-1-1', damage: true })
        .crash()
        .open()
        .crash()
        .tell({ kind: 'refused-opening', code: 'UNLOST_CORRUPT', text: 'segment-1-1' }),
    ),
    'another process has it open': history((t) => {
      t.life = 2
      t.tell({ kind: 'refused-opening', code: 'UNLOST_LOCKED', text: 'open in process 1' })
    }),
  },
  breaks: {
    'refused as damaged after a power cut': history((t) =>
      t.crash('power').tell({ kind: 'refused-opening', code: 'UNLOST_CORRUPT', text: 'segment-1-1' }),
    ),
    'refused as locked by a process that is dead': history((t) =>
      t.crash().tell({ kind: 'refused-opening', code: 'UNLOST_LOCKED', text: 'open in process 1' }),
    ),
    'a jump of the clock excuses nothing': history((t) =>
      t
        .crash()
        .tell({ kind: 'fault', text: 'clock -3600000 ms' })
        .tell({ kind: 'refused-opening', code: 'UNLOST_CORRUPT', text: 'owner-1' }),
    ),
  },
}
