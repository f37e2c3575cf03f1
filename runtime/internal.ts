/**
 * The seam for the project's own tests: inner parts of the runtime under one address, outside the package's doors.
 *
 * Owns: the list. Leaves everything else to the modules.
 */
export { Admission } from './admission.ts'
export type { AdmissionParts } from './admission.ts'
export { unpacked, ActorKind, ActorStates } from './actor-states.ts'
export type { ActorRecord, DeadMail } from './actor-states.ts'
export type { ActorLedgerEvent, TimerRecord, TurnChanges, Turned } from './actor-event.ts'
export { ActorTimers } from './actor-timers.ts'
export { readMail, letterText, systemText } from './actor-mail.ts'
export { Scope } from './actor-scope.ts'
export { StateCache } from './state-cache.ts'
export { TurnEffects } from './turn-effects.ts'
export { TurnUnit } from './turn-unit.ts'
export { Work } from './actor-work.ts'
export { BATCH_COUNT } from './actor-intake.ts'
export { BatchDraft } from './batch-draft.ts'
export type { FinishedBatch } from './batch-draft.ts'
export { Binding } from './binding.ts'
export type { Sender, Writing, Reading } from './binding.ts'
export { Broker } from './broker.ts'
export type { BrokerListener, BrokerParts } from './broker.ts'
export { ByteWriter, ByteReader } from './bytes.ts'
export { systemClock, isDate, toMs } from './clock.ts'
export type { Cancel, Clock, TimePoint } from './clock.ts'
export { Consumer } from './consumer.ts'
export type { RunOptions, ConsumerParts } from './consumer.ts'
export { continuity } from './continuity.ts'
export type { ContinuityBreak } from './continuity.ts'
export { DeadLetters } from './dead-letters.ts'
export type {
  DeadLetterInfo,
  DeadLetterFilter,
  DeadLetterAction,
  DeadLetterResult,
  DeadLettersParts,
} from './dead-letters.ts'
export { Deadlines } from './deadlines.ts'
export { Delivery } from './delivery.ts'
export type { DeliveryState, Ending, Settler, DeliveryParts } from './delivery.ts'
export { Desk } from './desk.ts'
export type { Terms, DeskParts } from './desk.ts'
export { Desks } from './desks.ts'
export type { DesksParts } from './desks.ts'
export { DueAlarm } from './due-alarm.ts'
export { DueClock } from './due-clock.ts'
export { DueHeap } from './due-heap.ts'
export type { Due } from './due-heap.ts'
export { Endings } from './endings.ts'
export type { Ender } from './endings.ts'
export { Teller } from './teller.ts'
export { Quarantine } from './quarantine.ts'
export { withOutcome, wordsOf } from './errors.ts'
export { EventHub } from './events.ts'
export type {
  StallCause,
  Stalled,
  DeadLettered,
  DataLoss,
  RuntimeEvents,
  RuntimeEventName,
} from './events.ts'
export { Feed } from './feed.ts'
export type { FeedParts } from './feed.ts'
export { Fifo } from './fifo.ts'
export { LeaseUnit, AckUnit, HandOverUnit, EndUnit } from './group-units.ts'
export type { Outcomes } from './group-units.ts'
export { HandlerContext } from './handler-context.ts'
export type { HandOverOptions, HandOver, HandlerSend } from './handler-context.ts'
export { HandlerMode, reasonOf } from './handler-mode.ts'
export type { Handler } from './handler-mode.ts'
export { Inbox } from './inbox.ts'
export { collectHooks } from './interceptor.ts'
export type { OutgoingMessage, FetchedRun, Settlement, Interceptor, Hooks } from './interceptor.ts'
export { IntervalSet, toRanges } from './interval-set.ts'
export type { Range } from './interval-set.ts'
export { Iteration } from './iteration.ts'
export { KeyOrder } from './key-order.ts'
export { measureLag } from './lag.ts'
export type { PartitionLag, Lag } from './lag.ts'
export { OWNER_CRASHED, Lane } from './lane.ts'
export type { OpenDelivery, DeadEntry, LaneImage } from './lane.ts'
export { writeEvent, readEvent } from './ledger-event.ts'
export type {
  TopicDeclared,
  ProducerOpened,
  Advanced,
  Identified,
  GroupDeclared,
  Leased,
  Acked,
  AttemptRecord,
  Retried,
  Died,
  Redriven,
  Purged,
  Sought,
  Trimmed,
  LedgerEvent,
} from './ledger-event.ts'
export { Ledger } from './ledger.ts'
export type { TopicState, Progress, ProducerState, GroupState } from './ledger.ts'
export { DEFAULT_LIMITS, LIMIT_RULES, resolveLimits } from './limits.ts'
export type { Limits } from './limits.ts'
export { MailboxDraft } from './mailbox-draft.ts'
export { MailboxReader } from './mailbox-reader.ts'
export { MailboxState } from './mailbox-state.ts'
export type { MailboxImage } from './mailbox-state.ts'
export { DeliveredMessage } from './message.ts'
export type { NackOptions, Message } from './message.ts'
export { numbering } from './numbering.ts'
export {
  checkOptions,
  nearest,
  wholeNumber,
  finiteNumber,
  bool,
  text,
  callable,
  abortSignal,
  anything,
  record,
  port,
  oneOf,
  either,
  checkName,
} from './option-check.ts'
export type { Rule, Rules } from './option-check.ts'
export { Outgoing } from './outgoing.ts'
export type { Slot, SendFields } from './outgoing.ts'
export { partitionOf } from './partition.ts'
export { Producer } from './producer.ts'
export type { SendCallback, ProducerParts } from './producer.ts'
export { systemRandom } from './random.ts'
export type { Random } from './random.ts'
export type { Receipt } from './receipt.ts'
export { RecentRuns } from './recent-runs.ts'
export { writeRunHead, writeRecord, readLetters, readRun } from './record.ts'
export type { DraftedRun } from './fresh-letters.ts'
export { plainCopy } from './plain-copy.ts'
export type { Headers, RecordFields, StoredMessage, RunHead } from './record.ts'
export { RecordPad } from './record-pad.ts'
export type { PaddedRecord } from './record-pad.ts'
export { Registry } from './registry.ts'
export type { RegistryParts } from './registry.ts'
export { Roster } from './roster.ts'
export {
  RUNTIME_RULES,
  PRODUCER_RULES,
  CONSUMER_RULES,
  DELIVERY_TIMEOUT_MS,
  sessionOptions,
} from './runtime-options.ts'
export type { RuntimeOptions, ProducerOptions, ConsumerOptions } from './runtime-options.ts'
export { openRuntime, Runtime } from './runtime.ts'
export type { RuntimeRecovery } from './runtime.ts'
export { checkValue } from './schema.ts'
export { seekGroup } from './seek.ts'
export type { SeekTarget, SeekRequest } from './seek.ts'
export { headersRule, NO_OPTIONS, checkSendOptions, checkBatchOptions } from './send-options.ts'
export type { SendOptions, BatchOptions } from './send-options.ts'
export { SendUnit } from './send-unit.ts'
export type { SendKeeper } from './send-unit.ts'
export { Session } from './session.ts'
export type { SessionOptions, Mode } from './session.ts'
export { PARTITIONS_MAX, defineTopic, checkTopic } from './topic.ts'
export type { ValueCodec, CodecChoice, Retention, TopicOptions, SchemaTopicOptions, Topic } from './topic.ts'
export { EventUnit } from './unit.ts'
export type { Unit } from './unit.ts'
export { Upkeep } from './upkeep.ts'
export type { UpkeepParts, Trim } from './upkeep.ts'
export { encodeValue, payloadBytes, decodeValue, codecName } from './value-codec.ts'
export type { Payload } from './value-codec.ts'
export { Window } from './window.ts'
