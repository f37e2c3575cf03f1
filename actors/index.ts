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
export {
  abortSignal,
  anything,
  bool,
  callable,
  checkName,
  checkOptions,
  either,
  finiteNumber,
  nearest,
  oneOf,
  port,
  record,
  text,
  wholeNumber,
} from './option-check.ts'
export type { Rule, Rules } from './option-check.ts'
export {
  InvalidEventError,
  InvalidOptionError,
  MigrationError,
  NotDurableError,
  UnfitStateError,
  UnstorableError,
  dataOfError,
} from './errors.ts'
export type { NotDurableRule, UnstorablePlace } from './errors.ts'
export type { ActorShown, EventShown, InspectedActor, InspectionEvent, SnapshotShown } from './inspected.ts'
export { defineActor } from './define-actor.ts'
export type {
  ActorDefinition,
  ActorSubscription,
  ActorTypes,
  MachineActorOptions,
  MachineTypes,
  MachineView,
  ReducerActorOptions,
  ReducerTypes,
  ReducerView,
  ReplyTo,
  StoredMachine,
  StoredReducer,
  SubscribedTopic,
  Subscription,
  SupervisionOptions,
  TopicMessage,
  TypesOf,
  ValueOf,
} from './actor-definition.ts'
export { refuseSystem } from './live-system.ts'
export type { TurnSystem } from './live-system.ts'
export type { ChildData, RefData, Timer, TimerTarget } from './machine-state.ts'
export type { Later, ReducerTurn } from './reducer-logic.ts'
export { deliver, publish, reply } from './messages.ts'
export type { DeliverOptions } from './messages.ts'
export { effectId, markEffect } from './outside-code.ts'
export { checkEvent } from './event-door.ts'
export { isOfChild } from './places.ts'
export { canonicalJson } from './canonical-json.ts'
export { checkPlain } from './plain-json.ts'
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
