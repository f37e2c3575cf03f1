/**
 * Random events for the machines, whether they make sense or not.
 *
 * Owns: for each machine, lists of its events.
 * Leaves to each test what has to hold under them.
 */
import fc from 'fast-check'
import type { BrokerEvent, ConsumerEvent, DeliveryEvent, ProducerEvent } from '../../actors/index.ts'

const code = 'disk-full'
const lease = { leaseId: fc.integer({ min: 1, max: 2 }) }
const reason = fc.constantFrom('first', 'second')
const type = <const TType extends string>(name: TType) => ({ type: fc.constant(name) })
const list = <TEvent>(event: fc.Arbitrary<TEvent>) => fc.array(event, { size: '+1', maxLength: 60 })

/** An event of the broker. */
export const brokerEvents: fc.Arbitrary<BrokerEvent[]> = list(
  fc.oneof(
    fc.constantFrom<BrokerEvent>(
      { type: 'WORK' },
      { type: 'REFUSED', code },
      { type: 'RETRY' },
      { type: 'OVERDUE' },
      { type: 'CLOSE' },
      { type: 'FENCED' },
      { type: 'RELEASED' },
      { type: 'FAILED', reason: 'EIO' },
    ),
    fc.record({ ...type('COMMITTED'), more: fc.boolean() }),
  ),
)

/** An event of a producer. */
export const producerEvents: fc.Arbitrary<ProducerEvent[]> = list(
  fc.constantFrom<ProducerEvent>(
    { type: 'FILLED' },
    { type: 'ROOM' },
    { type: 'REFUSED', code },
    { type: 'ACCEPTED' },
    { type: 'FENCED' },
    { type: 'FAILED' },
    { type: 'CLOSE' },
    { type: 'DRAINED' },
  ),
)

/** An event of a consumer. */
export const consumerEvents: fc.Arbitrary<ConsumerEvent[]> = list(
  fc.constantFrom<ConsumerEvent>(
    { type: 'READY' },
    { type: 'EMPTY' },
    { type: 'CREDIT' },
    { type: 'NO_CREDIT' },
    { type: 'PAUSE' },
    { type: 'RESUME' },
    { type: 'DRAIN' },
    { type: 'IDLE_NOW' },
    { type: 'OVERDUE' },
    { type: 'FAILED' },
    { type: 'CLOSE' },
  ),
)

/** An event of a delivery. Leases are 1 or 2, so that stale ones are as common as present ones. */
export const deliveryEvent: fc.Arbitrary<DeliveryEvent> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ ...type('LEASE'), ...lease }) },
  { weight: 6, arbitrary: fc.record(type('RECORDED')) },
  fc.record({ ...type('ADMITTED'), later: fc.boolean(), behind: fc.boolean() }),
  fc.record({ ...type('DUE'), behind: fc.boolean() }),
  fc.record({ type: fc.constantFrom('UNBLOCKED', 'BLOCKED', 'REFUSED') }),
  fc.record({ type: fc.constantFrom('ACK', 'EXTEND'), ...lease }),
  { weight: 2, arbitrary: fc.record({ ...type('NACK'), ...lease, reason, delayed: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ ...type('RETRY_AFTER'), ...lease, delayed: fc.boolean() }) },
  fc.record({ type: fc.constantFrom('DEAD_LETTER', 'LEASE_LOST'), ...lease, reason }),
  { weight: 2, arbitrary: fc.record({ ...type('CRASHED'), recorded: fc.boolean() }) },
  fc.record({ ...type('REDRIVEN'), behind: fc.boolean() }),
)

/** Events of a delivery, now and then ended by its removal. */
export const deliveryEvents: fc.Arbitrary<DeliveryEvent[]> = list(
  fc.oneof({ weight: 40, arbitrary: deliveryEvent }, fc.record(type('REMOVED'))),
)
