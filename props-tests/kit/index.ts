/**
 * The door of the engine: checks that users run on their own topics and handlers.
 *
 * Owns: the list of its public names. Leaves everything else inside the folder.
 */
export type {
  CheckReport,
  CheckTopicOptions,
  CommonOptions,
  EnumerateOptions,
  Enumeration,
  FaultOptions,
  ProcessProgram,
  SimulateOptions,
  Workload,
  WorkloadSendOptions,
} from './check-options.ts'
export type {
  CallOptions,
  HandlerProgram,
  KitHandler,
  LoopProgram,
  Outside,
  OutsideOptions,
  Rows,
  Table,
  TopicProgram,
  World,
} from './world.ts'
export type { ActorReport, CheckActorOptions, Checkable } from './check-actor-options.ts'
export { actorInvariants } from '../actor-invariants.ts'
export type { ActorInvariantName } from '../actor-invariants.ts'
export { checkActor } from './check-actor.ts'
export { checkTopic } from './check-topic.ts'
export { CheckFailedError, CheckUsageError, OutsideError } from './errors.ts'
export { simulate } from './simulate.ts'
export { enumerateCrashes } from './enumerate-crashes.ts'
export { kitInvariants } from './kit-invariants.ts'
export type { KitInvariant, KitInvariantName } from './kit-invariants.ts'
export { death, mishap } from './arbitraries.ts'
export type { Death, Mishap } from './mishap.ts'
