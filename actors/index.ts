/**
 * The door of `unlost/actors`: decisions as data.
 *
 * Owns: what other folders and users may name.
 * Leaves to the files behind it everything else.
 */
export type {
  ActionCode,
  ActionEffect,
  ActorEffect,
  ActorEvent,
  ActorLogic,
  ActorStatus,
  ActorView,
  Address,
  ArmEffect,
  ArmedTimer,
  CancelEffect,
  DeliverEffect,
  EmitEffect,
  ErrorData,
  LoadedState,
  LogEffect,
  PublishEffect,
  PublishOptions,
  ReplyEffect,
  RunArguments,
  RunReport,
  Runnable,
  Running,
  StartEffect,
  StopEffect,
  StoredState,
  TellEffect,
  TurnResult,
  TurnScope,
  TypedEvent,
} from './actor-logic.ts'
export { perform } from './action.ts'
export type { ActionData, ActionOf, ActionTable, TableOf } from './action.ts'
export { createRunner } from './machine-runner.ts'
export type { Runner } from './machine-runner.ts'
export { brokerMachine } from './broker-machine.ts'
export type { BrokerContext, BrokerEvent, CommitScope } from './broker-machine.ts'
export { producerMachine } from './producer-machine.ts'
export type { ProducerContext, ProducerEvent } from './producer-machine.ts'
export { consumerMachine } from './consumer-machine.ts'
export type { ConsumerEnd, ConsumerEvent } from './consumer-machine.ts'
export { deliveryMachine, ownerCrashed } from './delivery-machine.ts'
export type {
  DeliveryContext,
  DeliveryEvent,
  DeliveryInput,
  DeliveryOutcome,
  FailedAttempt,
  LeaseId,
} from './delivery-machine.ts'
export { defaultMaxDelayMs, defaultMinDelayMs, retryDelayMs } from './retry-policy.ts'
export type { RetryLimits, RetryQuestion } from './retry-policy.ts'
export type { Ending, Refusal, StallCause } from './words.ts'
