/**
 * What the consumer does with every event in every state.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createRunner, consumerMachine } from '../../../actors/index.ts'
import type { ConsumerEvent } from '../../../actors/index.ts'
import { tableOf } from '../../support/machine-table.ts'

/** Complete by its type: an event without a sample does not compile. */
const samples = {
  READY: { type: 'READY' },
  EMPTY: { type: 'EMPTY' },
  CREDIT: { type: 'CREDIT' },
  NO_CREDIT: { type: 'NO_CREDIT' },
  PAUSE: { type: 'PAUSE' },
  RESUME: { type: 'RESUME' },
  DRAIN: { type: 'DRAIN' },
  IDLE_NOW: { type: 'IDLE_NOW' },
  OVERDUE: { type: 'OVERDUE' },
  FAILED: { type: 'FAILED' },
  CLOSE: { type: 'CLOSE' },
} as const satisfies Record<ConsumerEvent['type'], ConsumerEvent>

const table = `
idle
  READY -> delivering lease
  PAUSE -> paused.settling stopLeasing
  DRAIN -> draining stopLeasing
  OVERDUE -> idle announceStalled(blocked)
  FAILED -> failed stopLeasing finish(failed)
  CLOSE -> closed stopLeasing finish(closed)
  ignores: EMPTY CREDIT NO_CREDIT RESUME IDLE_NOW
delivering
  READY -> delivering lease
  EMPTY -> idle
  CREDIT -> delivering lease
  NO_CREDIT -> starved
  PAUSE -> paused.settling stopLeasing
  DRAIN -> draining stopLeasing
  OVERDUE -> delivering announceStalled(no-lease)
  FAILED -> failed stopLeasing finish(failed)
  CLOSE -> closed stopLeasing finish(closed)
  ignores: RESUME IDLE_NOW
paused.settling
  RESUME -> delivering lease
  DRAIN -> draining stopLeasing
  IDLE_NOW -> paused.quiet
  OVERDUE -> paused.settling announceStalled(paused)
  FAILED -> failed stopLeasing finish(failed)
  CLOSE -> closed stopLeasing finish(closed)
  ignores: READY EMPTY CREDIT NO_CREDIT PAUSE
draining
  IDLE_NOW -> closed finish(drained)
  OVERDUE -> draining announceStalled(draining)
  FAILED -> failed finish(failed)
  CLOSE -> closed finish(closed)
  ignores: READY EMPTY CREDIT NO_CREDIT PAUSE RESUME DRAIN
failed
  ignores: READY EMPTY CREDIT NO_CREDIT PAUSE RESUME DRAIN IDLE_NOW OVERDUE FAILED CLOSE
closed
  ignores: READY EMPTY CREDIT NO_CREDIT PAUSE RESUME DRAIN IDLE_NOW OVERDUE FAILED CLOSE
starved
  EMPTY -> idle
  CREDIT -> delivering lease
  PAUSE -> paused.settling stopLeasing
  DRAIN -> draining stopLeasing
  OVERDUE -> starved announceStalled(no-credit)
  FAILED -> failed stopLeasing finish(failed)
  CLOSE -> closed stopLeasing finish(closed)
  ignores: READY NO_CREDIT RESUME IDLE_NOW
paused.quiet
  RESUME -> delivering lease
  DRAIN -> draining stopLeasing
  OVERDUE -> paused.quiet announceStalled(paused)
  FAILED -> failed stopLeasing finish(failed)
  CLOSE -> closed stopLeasing finish(closed)
  ignores: READY EMPTY CREDIT NO_CREDIT PAUSE IDLE_NOW
`

describe('consumerMachine', () => {
  it('CM1-CM4: every state answers every event as the table says', () => {
    assert.equal(tableOf({ start: () => createRunner(consumerMachine), samples }), table.trim())
  })
})
