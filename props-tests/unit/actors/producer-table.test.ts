/**
 * What the producer does with every event in every state.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createRunner, producerMachine } from '../../../actors/index.ts'
import type { ProducerEvent } from '../../../actors/index.ts'
import { tableOf } from '../../support/machine-table.ts'

/** Complete by its type: an event without a sample does not compile. */
const samples = {
  FILLED: { type: 'FILLED' },
  ROOM: { type: 'ROOM' },
  REFUSED: { type: 'REFUSED', code: 'disk-full' },
  ACCEPTED: { type: 'ACCEPTED' },
  FENCED: { type: 'FENCED' },
  FAILED: { type: 'FAILED' },
  CLOSE: { type: 'CLOSE' },
  DRAINED: { type: 'DRAINED' },
} as const satisfies Record<ProducerEvent['type'], ProducerEvent>

const table = `
open
  FILLED -> waiting holdAdmission
  REFUSED -> backingOff.roomy holdAdmission announceStalled(disk-full)
  FENCED -> fenced rejectWaiting(fenced)
  FAILED -> broken rejectWaiting(broken)
  CLOSE -> closing
  ignores: ROOM ACCEPTED
  unexpected: DRAINED
waiting
  ROOM -> open admitWaiting
  REFUSED -> backingOff.filled announceStalled(disk-full)
  FENCED -> fenced rejectWaiting(fenced)
  FAILED -> broken rejectWaiting(broken)
  CLOSE -> closing
  ignores: FILLED ACCEPTED
  unexpected: DRAINED
backingOff.roomy
  FILLED -> backingOff.filled
  ACCEPTED -> open announceFlowing admitWaiting
  FENCED -> fenced rejectWaiting(fenced)
  FAILED -> broken rejectWaiting(broken)
  CLOSE -> closing rejectWaiting(disk-full)
  ignores: ROOM REFUSED
  unexpected: DRAINED
fenced
  CLOSE -> closed
  ignores: FILLED ROOM REFUSED ACCEPTED FENCED FAILED DRAINED
broken
  CLOSE -> closed
  ignores: FILLED ROOM REFUSED ACCEPTED FENCED FAILED DRAINED
closing
  FILLED -> closing holdAdmission
  ROOM -> closing admitWaiting
  REFUSED -> closing rejectWaiting(disk-full)
  FENCED -> closed rejectWaiting(fenced)
  FAILED -> closed rejectWaiting(broken)
  DRAINED -> closed
  ignores: ACCEPTED CLOSE
backingOff.filled
  ROOM -> backingOff.roomy
  ACCEPTED -> waiting announceFlowing
  FENCED -> fenced rejectWaiting(fenced)
  FAILED -> broken rejectWaiting(broken)
  CLOSE -> closing rejectWaiting(disk-full)
  ignores: FILLED REFUSED
  unexpected: DRAINED
closed
  ignores: FILLED ROOM REFUSED ACCEPTED FENCED FAILED CLOSE DRAINED
`

describe('producerMachine', () => {
  it('PM1-PM4: every state answers every event as the table says', () => {
    assert.equal(tableOf({ start: () => createRunner(producerMachine), samples }), table.trim())
  })
})
