/**
 * What the delivery does with every event in every state.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createRunner, deliveryMachine } from '../../../actors/index.ts'
import type { DeliveryEvent } from '../../../actors/index.ts'
import { tableOf } from '../../support/machine-table.ts'
import type { TableSource } from '../../support/machine-table.ts'

/** Complete by its type: an event without a sample does not compile. */
const samples = {
  ADMITTED: { type: 'ADMITTED', later: false, behind: false },
  ADMITTED_LATER: { type: 'ADMITTED', later: true, behind: true },
  ADMITTED_BEHIND: { type: 'ADMITTED', later: false, behind: true },
  DUE: { type: 'DUE', behind: false },
  DUE_BEHIND: { type: 'DUE', behind: true },
  BLOCKED: { type: 'BLOCKED' },
  UNBLOCKED: { type: 'UNBLOCKED' },
  LEASE: { type: 'LEASE', leaseId: 7 },
  RECORDED: { type: 'RECORDED' },
  REFUSED: { type: 'REFUSED' },
  ACK: { type: 'ACK', leaseId: 7 },
  NACK: { type: 'NACK', leaseId: 7, reason: 'no', delayed: false },
  NACK_LATER: { type: 'NACK', leaseId: 7, reason: 'no', delayed: true },
  RETRY_AFTER: { type: 'RETRY_AFTER', leaseId: 7, delayed: true },
  DEAD_LETTER: { type: 'DEAD_LETTER', leaseId: 7, reason: 'bad' },
  EXTEND: { type: 'EXTEND', leaseId: 7 },
  LEASE_LOST: { type: 'LEASE_LOST', leaseId: 7, reason: 'expired' },
  CRASHED: { type: 'CRASHED', recorded: false },
  CRASHED_RECORDED: { type: 'CRASHED', recorded: true },
  REDRIVEN: { type: 'REDRIVEN', behind: false },
  REDRIVEN_BEHIND: { type: 'REDRIVEN', behind: true },
  REMOVED: { type: 'REMOVED' },
} as const satisfies Record<
  DeliveryEvent['type'] | `${string}_LATER` | `${string}_BEHIND` | 'CRASHED_RECORDED',
  DeliveryEvent
>

const table = `
waiting
  ADMITTED -> ready#0
  ADMITTED_LATER -> delayed
  ADMITTED_BEHIND -> blocked
  REMOVED -> removed
  ignores: BLOCKED UNBLOCKED LEASE_LOST CRASHED CRASHED_RECORDED
  unexpected: DUE DUE_BEHIND LEASE RECORDED REFUSED REDRIVEN REDRIVEN_BEHIND
  refuses: ACK NACK NACK_LATER RETRY_AFTER DEAD_LETTER EXTEND
ready#0
  BLOCKED -> blocked
  LEASE -> leasing#0 recordLease(7, 1)
  REMOVED -> removed
  ignores: UNBLOCKED LEASE_LOST CRASHED CRASHED_RECORDED
  unexpected: ADMITTED ADMITTED_LATER ADMITTED_BEHIND DUE DUE_BEHIND RECORDED REFUSED REDRIVEN REDRIVEN_BEHIND
  refuses: ACK NACK NACK_LATER RETRY_AFTER DEAD_LETTER EXTEND
delayed
  DUE -> ready#0
  DUE_BEHIND -> blocked
  REMOVED -> removed
  ignores: BLOCKED UNBLOCKED LEASE_LOST CRASHED CRASHED_RECORDED
  unexpected: ADMITTED ADMITTED_LATER ADMITTED_BEHIND LEASE RECORDED REFUSED REDRIVEN REDRIVEN_BEHIND
  refuses: ACK NACK NACK_LATER RETRY_AFTER DEAD_LETTER EXTEND
blocked
  UNBLOCKED -> ready#0
  REMOVED -> removed
  ignores: BLOCKED LEASE_LOST CRASHED CRASHED_RECORDED
  unexpected: ADMITTED ADMITTED_LATER ADMITTED_BEHIND DUE DUE_BEHIND LEASE RECORDED REFUSED REDRIVEN REDRIVEN_BEHIND
  refuses: ACK NACK NACK_LATER RETRY_AFTER DEAD_LETTER EXTEND
removed
  ignores: ADMITTED ADMITTED_LATER ADMITTED_BEHIND DUE DUE_BEHIND BLOCKED UNBLOCKED LEASE RECORDED REFUSED LEASE_LOST CRASHED CRASHED_RECORDED REDRIVEN REDRIVEN_BEHIND REMOVED
  refuses: ACK NACK NACK_LATER RETRY_AFTER DEAD_LETTER EXTEND
leasing#0
  RECORDED -> leased#1 handle(7, 1)
  REFUSED -> ready#0
  CRASHED -> ready#0
  CRASHED_RECORDED -> ready#1
  REMOVED -> removed
  ignores: BLOCKED UNBLOCKED LEASE_LOST
  unexpected: ADMITTED ADMITTED_LATER ADMITTED_BEHIND DUE DUE_BEHIND LEASE REDRIVEN REDRIVEN_BEHIND
  refuses: ACK NACK NACK_LATER RETRY_AFTER DEAD_LETTER EXTEND
leased#1
  ACK -> settling#1 to done recordAnswer(done)
  NACK -> settling#1 to ready recordAnswer(ready)
  NACK_LATER -> settling#1 to delayed recordAnswer(delayed)
  RETRY_AFTER -> settling#1 to delayed recordAnswer(delayed)
  DEAD_LETTER -> settling#1 to dead recordAnswer(dead)
  EXTEND -> leased#1 extendLease
  LEASE_LOST -> settling#1 to ready recordAnswer(ready)
  CRASHED -> ready#1
  CRASHED_RECORDED -> ready#1
  REMOVED -> removed
  ignores: BLOCKED UNBLOCKED
  unexpected: ADMITTED ADMITTED_LATER ADMITTED_BEHIND DUE DUE_BEHIND LEASE RECORDED REFUSED REDRIVEN REDRIVEN_BEHIND
ready#1
  BLOCKED -> blocked
  LEASE -> leasing#1 recordLease(7, 2)
  REMOVED -> removed
  ignores: UNBLOCKED LEASE_LOST CRASHED CRASHED_RECORDED
  unexpected: ADMITTED ADMITTED_LATER ADMITTED_BEHIND DUE DUE_BEHIND RECORDED REFUSED REDRIVEN REDRIVEN_BEHIND
  refuses: ACK NACK NACK_LATER RETRY_AFTER DEAD_LETTER EXTEND
settling#1 to done
  RECORDED -> done
  CRASHED -> ready#1
  CRASHED_RECORDED -> done
  REMOVED -> removed
  ignores: BLOCKED UNBLOCKED REFUSED LEASE_LOST
  unexpected: ADMITTED ADMITTED_LATER ADMITTED_BEHIND DUE DUE_BEHIND LEASE REDRIVEN REDRIVEN_BEHIND
  refuses: ACK NACK NACK_LATER RETRY_AFTER DEAD_LETTER EXTEND
settling#1 to ready
  RECORDED -> ready#1
  CRASHED -> ready#1
  CRASHED_RECORDED -> ready#1
  REMOVED -> removed
  ignores: BLOCKED UNBLOCKED REFUSED LEASE_LOST
  unexpected: ADMITTED ADMITTED_LATER ADMITTED_BEHIND DUE DUE_BEHIND LEASE REDRIVEN REDRIVEN_BEHIND
  refuses: ACK NACK NACK_LATER RETRY_AFTER DEAD_LETTER EXTEND
settling#1 to delayed
  RECORDED -> delayed
  CRASHED -> ready#1
  CRASHED_RECORDED -> delayed
  REMOVED -> removed
  ignores: BLOCKED UNBLOCKED REFUSED LEASE_LOST
  unexpected: ADMITTED ADMITTED_LATER ADMITTED_BEHIND DUE DUE_BEHIND LEASE REDRIVEN REDRIVEN_BEHIND
  refuses: ACK NACK NACK_LATER RETRY_AFTER DEAD_LETTER EXTEND
settling#1 to dead
  RECORDED -> dead announceDead(1, bad)
  CRASHED -> ready#1
  CRASHED_RECORDED -> dead announceDead(1, bad)
  REMOVED -> removed
  ignores: BLOCKED UNBLOCKED REFUSED LEASE_LOST
  unexpected: ADMITTED ADMITTED_LATER ADMITTED_BEHIND DUE DUE_BEHIND LEASE REDRIVEN REDRIVEN_BEHIND
  refuses: ACK NACK NACK_LATER RETRY_AFTER DEAD_LETTER EXTEND
leasing#1
  RECORDED -> leased#2 handle(7, 2)
  REFUSED -> ready#1
  CRASHED -> ready#1
  CRASHED_RECORDED -> dead announceDead(2, owner-crashed)
  REMOVED -> removed
  ignores: BLOCKED UNBLOCKED LEASE_LOST
  unexpected: ADMITTED ADMITTED_LATER ADMITTED_BEHIND DUE DUE_BEHIND LEASE REDRIVEN REDRIVEN_BEHIND
  refuses: ACK NACK NACK_LATER RETRY_AFTER DEAD_LETTER EXTEND
done
  ignores: ADMITTED ADMITTED_LATER ADMITTED_BEHIND DUE DUE_BEHIND BLOCKED UNBLOCKED LEASE RECORDED REFUSED LEASE_LOST CRASHED CRASHED_RECORDED REDRIVEN REDRIVEN_BEHIND REMOVED
  refuses: ACK NACK NACK_LATER RETRY_AFTER DEAD_LETTER EXTEND
dead
  REDRIVEN -> ready#0
  REDRIVEN_BEHIND -> blocked
  REMOVED -> removed
  ignores: BLOCKED UNBLOCKED LEASE_LOST CRASHED CRASHED_RECORDED
  unexpected: ADMITTED ADMITTED_LATER ADMITTED_BEHIND DUE DUE_BEHIND LEASE RECORDED REFUSED
  refuses: ACK NACK NACK_LATER RETRY_AFTER DEAD_LETTER EXTEND
leased#2
  ACK -> settling#2 to done recordAnswer(done)
  NACK -> settling#2 to dead recordAnswer(dead)
  NACK_LATER -> settling#2 to dead recordAnswer(dead)
  RETRY_AFTER -> settling#2 to delayed recordAnswer(delayed)
  DEAD_LETTER -> settling#2 to dead recordAnswer(dead)
  EXTEND -> leased#2 extendLease
  LEASE_LOST -> settling#2 to dead recordAnswer(dead)
  CRASHED -> dead announceDead(2, owner-crashed)
  CRASHED_RECORDED -> dead announceDead(2, owner-crashed)
  REMOVED -> removed
  ignores: BLOCKED UNBLOCKED
  unexpected: ADMITTED ADMITTED_LATER ADMITTED_BEHIND DUE DUE_BEHIND LEASE RECORDED REFUSED REDRIVEN REDRIVEN_BEHIND
settling#2 to done
  RECORDED -> done
  CRASHED -> dead announceDead(2, owner-crashed)
  CRASHED_RECORDED -> done
  REMOVED -> removed
  ignores: BLOCKED UNBLOCKED REFUSED LEASE_LOST
  unexpected: ADMITTED ADMITTED_LATER ADMITTED_BEHIND DUE DUE_BEHIND LEASE REDRIVEN REDRIVEN_BEHIND
  refuses: ACK NACK NACK_LATER RETRY_AFTER DEAD_LETTER EXTEND
settling#2 to dead
  RECORDED -> dead announceDead(2, no)
  CRASHED -> dead announceDead(2, owner-crashed)
  CRASHED_RECORDED -> dead announceDead(2, no)
  REMOVED -> removed
  ignores: BLOCKED UNBLOCKED REFUSED LEASE_LOST
  unexpected: ADMITTED ADMITTED_LATER ADMITTED_BEHIND DUE DUE_BEHIND LEASE REDRIVEN REDRIVEN_BEHIND
  refuses: ACK NACK NACK_LATER RETRY_AFTER DEAD_LETTER EXTEND
settling#2 to delayed
  RECORDED -> delayed
  CRASHED -> dead announceDead(2, owner-crashed)
  CRASHED_RECORDED -> delayed
  REMOVED -> removed
  ignores: BLOCKED UNBLOCKED REFUSED LEASE_LOST
  unexpected: ADMITTED ADMITTED_LATER ADMITTED_BEHIND DUE DUE_BEHIND LEASE REDRIVEN REDRIVEN_BEHIND
  refuses: ACK NACK NACK_LATER RETRY_AFTER DEAD_LETTER EXTEND
`

const source: TableSource<typeof deliveryMachine> = {
  start: () => createRunner(deliveryMachine, { maxDeliveries: 2 }),
  samples,
  // The last attempt and the outcome that is being recorded decide what comes next, so each is a row of its own.
  nameOf: ({ value, context }) => {
    if (value === 'settling') return `settling#${context.attempt} to ${String(context.pending?.outcome)}`
    return ['ready', 'leasing', 'leased'].includes(value) ? `${value}#${context.attempt}` : value
  },
}

describe('deliveryMachine', () => {
  it('DM1-DM7: every state answers every event as the table says', () => {
    assert.equal(tableOf(source), table.trim())
  })
})
