/**
 * ack-before-work: an ack that the runtime made up.
 *
 * Owns: acks of handlers that had not returned. Leaves the handler's own early ack alone: it is told as `asked`.
 *
 * HK1. In a world that does not tell what handlers ask for, any ack may be the handler's own.
 */
import { invariant } from './finding.ts'
import { describe, readHistory } from './reading.ts'
import type { Run } from './reading.ts'

/** See `about`. */
export const ackBeforeWork = invariant({
  name: 'ack-before-work',
  guarantee: 'G6',
  about: 'A message is acknowledged only after its handler returned, or because the handler said so.',
  *find(history, { asks }) {
    if (asks !== true) return
    for (const { spot, group, steps } of readHistory(history).deliveries.values()) {
      let run: Run | undefined
      for (const step of steps) {
        if (step.kind === 'run') run = step.run
        else if (step.how === 'ack' && run?.era === step.era && !isWorkDone(run, step.at)) {
          yield {
            text: `${describe(spot)} was acknowledged in ${group}, though its handler had not returned`,
            events: [run.at, run.ended?.at, step.at],
          }
        }
      }
    }
  },
})

function isWorkDone({ ended, asked }: Run, at: number): boolean {
  return asked !== undefined || (ended !== undefined && ended.at < at && ended.event.how === 'returned')
}
