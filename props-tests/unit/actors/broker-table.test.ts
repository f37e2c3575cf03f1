/**
 * What the broker does with every event in every state.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createRunner, brokerMachine } from '../../../actors/index.ts'
import type { BrokerEvent } from '../../../actors/index.ts'
import { tableOf } from '../../support/machine-table.ts'

/** Complete by its type: an event without a sample does not compile. */
const samples = {
  WORK: { type: 'WORK' },
  COMMITTED: { type: 'COMMITTED', more: false },
  MORE: { type: 'COMMITTED', more: true },
  REFUSED: { type: 'REFUSED', code: 'disk-full' },
  FAILED: { type: 'FAILED', reason: 'EIO' },
  FENCED: { type: 'FENCED' },
  RETRY: { type: 'RETRY' },
  OVERDUE: { type: 'OVERDUE' },
  CLOSE: { type: 'CLOSE' },
  RELEASED: { type: 'RELEASED' },
} as const satisfies Record<BrokerEvent['type'] | 'MORE', BrokerEvent>

const table = `
idle
  WORK -> committing commit(all)
  FAILED -> broken announceBroken(broken, EIO) failPending(broken)
  FENCED -> fenced announceBroken(fenced, a newer owner has taken over) failPending(fenced)
  CLOSE -> releasing release
  ignores: RETRY OVERDUE
  unexpected: COMMITTED MORE REFUSED RELEASED
committing
  COMMITTED -> idle confirm
  MORE -> committing confirm commit(all)
  REFUSED -> full.acknowledging announceFull(disk-full) armRetry(1) commit(events)
  FAILED -> broken announceBroken(broken, EIO) failPending(broken)
  FENCED -> fenced announceBroken(fenced, a newer owner has taken over) failPending(fenced)
  OVERDUE -> committing announceStalled(slow-commit)
  CLOSE -> draining.everything
  ignores: WORK RETRY
  unexpected: RELEASED
broken
  WORK -> broken failPending(broken)
  CLOSE -> releasing release
  ignores: COMMITTED MORE REFUSED FAILED FENCED RETRY OVERDUE RELEASED
fenced
  WORK -> fenced failPending(fenced)
  CLOSE -> releasing release
  ignores: COMMITTED MORE REFUSED FAILED FENCED RETRY OVERDUE RELEASED
releasing
  WORK -> releasing failPending(closed)
  FAILED -> closed announceBroken(broken, EIO)
  FENCED -> closed
  RELEASED -> closed
  ignores: RETRY OVERDUE CLOSE
  unexpected: COMMITTED MORE REFUSED
full.acknowledging
  COMMITTED -> full.waiting confirm
  MORE -> full.acknowledging confirm commit(events)
  REFUSED -> full.exhausted
  FAILED -> broken disarmRetry announceBroken(broken, EIO) failPending(broken)
  FENCED -> fenced disarmRetry announceBroken(fenced, a newer owner has taken over) failPending(fenced)
  RETRY -> full.probeDue
  OVERDUE -> full.acknowledging announceStalled(slow-commit)
  CLOSE -> draining.acknowledging disarmRetry
  ignores: WORK
  unexpected: RELEASED
draining.everything
  COMMITTED -> releasing confirm release
  MORE -> draining.everything confirm commit(all)
  REFUSED -> draining.acknowledging commit(events)
  FAILED -> releasing announceBroken(broken, EIO) failPending(broken) release
  FENCED -> releasing announceBroken(fenced, a newer owner has taken over) failPending(fenced) release
  OVERDUE -> draining.everything announceStalled(slow-commit)
  ignores: WORK RETRY CLOSE
  unexpected: RELEASED
closed
  WORK -> closed failPending(closed)
  ignores: COMMITTED MORE REFUSED FAILED FENCED RETRY OVERDUE CLOSE RELEASED
full.waiting
  WORK -> full.acknowledging commit(events)
  FAILED -> broken disarmRetry announceBroken(broken, EIO) failPending(broken)
  FENCED -> fenced disarmRetry announceBroken(fenced, a newer owner has taken over) failPending(fenced)
  RETRY -> full.probing commit(all)
  CLOSE -> draining.acknowledging disarmRetry commit(events)
  ignores: OVERDUE
  unexpected: COMMITTED MORE REFUSED RELEASED
full.exhausted
  FAILED -> broken disarmRetry announceBroken(broken, EIO) failPending(broken)
  FENCED -> fenced disarmRetry announceBroken(fenced, a newer owner has taken over) failPending(fenced)
  RETRY -> full.probing commit(all)
  CLOSE -> draining.acknowledging disarmRetry commit(events)
  ignores: WORK OVERDUE
  unexpected: COMMITTED MORE REFUSED RELEASED
full.probeDue
  COMMITTED -> full.probing confirm commit(all)
  MORE -> full.probing confirm commit(all)
  REFUSED -> full.exhausted armRetry(2)
  FAILED -> broken disarmRetry announceBroken(broken, EIO) failPending(broken)
  FENCED -> fenced disarmRetry announceBroken(fenced, a newer owner has taken over) failPending(fenced)
  OVERDUE -> full.probeDue announceStalled(slow-commit)
  CLOSE -> draining.acknowledging disarmRetry
  ignores: WORK RETRY
  unexpected: RELEASED
draining.acknowledging
  COMMITTED -> releasing confirm failPending(disk-full) release
  MORE -> draining.acknowledging confirm commit(events)
  REFUSED -> releasing failPending(disk-full) release
  FAILED -> releasing announceBroken(broken, EIO) failPending(broken) release
  FENCED -> releasing announceBroken(fenced, a newer owner has taken over) failPending(fenced) release
  OVERDUE -> draining.acknowledging announceStalled(slow-commit)
  ignores: WORK RETRY CLOSE
  unexpected: RELEASED
full.probing
  COMMITTED -> idle disarmRetry confirm announceSpace
  MORE -> committing disarmRetry confirm announceSpace commit(all)
  REFUSED -> full.acknowledging armRetry(2) commit(events)
  FAILED -> broken disarmRetry announceBroken(broken, EIO) failPending(broken)
  FENCED -> fenced disarmRetry announceBroken(fenced, a newer owner has taken over) failPending(fenced)
  OVERDUE -> full.probing announceStalled(slow-commit)
  CLOSE -> draining.everything disarmRetry
  ignores: WORK RETRY
  unexpected: RELEASED
`

describe('brokerMachine', () => {
  it('BM1-BM5: every state answers every event as the table says', () => {
    assert.equal(tableOf({ start: () => createRunner(brokerMachine), samples }), table.trim())
  })
})
