/**
 * The door of the engine: checks that users run on their own topics and handlers.
 *
 * Owns: the list of its public names. Leaves everything else inside the folder.
 */
export type { CheckReport, CheckTopicOptions, CommonOptions, FaultOptions } from './check-options.ts'
export type {
  CallOptions,
  KitHandler,
  Outside,
  OutsideOptions,
  Rows,
  Table,
  TopicProgram,
  World,
} from './world.ts'
export { checkTopic } from './check-topic.ts'
export { CheckFailedError, CheckUsageError, OutsideError } from './errors.ts'
