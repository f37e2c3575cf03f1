/**
 * The door of `unlost`: embed messaging in an application.
 *
 * Owns: what users may name. Leaves everything else behind it.
 */
export { openRuntime } from './runtime.ts'
export type { Runtime, RuntimeRecovery } from './runtime.ts'
export type { ConsumerOptions, ProducerOptions, RuntimeOptions } from './runtime-options.ts'
export type { ActorReceipt, ActorRef, ActorSendOptions, AskOptions } from './actor-ref.ts'
export type { ActorLetter, ActorLetterFilter, ActorLetters } from './actor-letters.ts'
export { defineTopic } from './topic.ts'
export type { CodecChoice, Retention, SchemaTopicOptions, Topic, TopicOptions, ValueCodec } from './topic.ts'
export type { Producer, SendCallback } from './producer.ts'
export type { BatchOptions, SendOptions } from './send-options.ts'
export type { Receipt } from './receipt.ts'
export type { Consumer, RunOptions } from './consumer.ts'
export type { Handler } from './handler-mode.ts'
export type { HandlerContext, HandOverOptions } from './handler-context.ts'
export type { Message, NackOptions } from './message.ts'
export type { Lag, PartitionLag } from './lag.ts'
export type { SeekTarget } from './seek.ts'
export type {
  DeadLetterAction,
  DeadLetterFilter,
  DeadLetterInfo,
  DeadLetterResult,
  DeadLetters,
} from './dead-letters.ts'
export type { AttemptRecord } from './ledger-event.ts'
export type { FetchedRun, Interceptor, OutgoingMessage, Settlement } from './interceptor.ts'
export type { ContinuityBreak } from './continuity.ts'
export type {
  ActorFailed,
  AtActor,
  DataLoss,
  DeadLettered,
  RuntimeEventName,
  RuntimeEvents,
  StallCause,
  Stalled,
} from './events.ts'
export type { Inspector } from './inspection.ts'
export type { InspectedActor, InspectionEvent } from '../actors/index.ts'
export { DEFAULT_LIMITS } from './limits.ts'
export type { Limits } from './limits.ts'
export { systemClock } from './clock.ts'
export type { Cancel, Clock } from './clock.ts'
export { systemRandom } from './random.ts'
export type { Random } from './random.ts'
export {
  AbortedError,
  BackpressureError,
  DeadLetter,
  InterceptorError,
  InvalidOptionError,
  InvalidValueError,
  NoReplyError,
  RetryAfter,
  SequenceError,
  StaleLeaseError,
  TimeoutError,
  TurnFailedError,
  UndecodableError,
  UnknownActorError,
} from './errors.ts'
export type { ValueIssue } from './errors.ts'
export {
  InvalidEventError,
  MigrationError,
  NotDurableError,
  UnfitStateError,
  UnstorableError,
} from '../actors/index.ts'
export {
  BrokenError,
  ClosedError,
  CorruptError,
  DirectoryError,
  DiskFullError,
  FencedError,
  LockedError,
  NewerFormatError,
  TooLargeError,
  UnlostError,
} from '../persistence/index.ts'
export type { AffectedOffsets, Damage, Outcome, RecoveryReport } from '../persistence/index.ts'
