/**
 * The door of the test kit: what users run property tests with.
 *
 * Owns: the list of public names. Leaves everything else inside the folder.
 */
export { ChoiceTape, chooseFirst, chooseLast, everyChoice } from './choices.ts'
export type { Choices } from './choices.ts'
export {
  bytesOf,
  duplicate,
  filesOf,
  flipBit,
  makeUnreadable,
  misdirect,
  overwrite,
  plant,
  plantDirectory,
  rename,
  resize,
  stale,
  swap,
  vanish,
  zero,
} from './disk-damage.ts'
export type { PieceOfFile, PlaceInFile } from './disk-damage.ts'
export { SimulatedCrash, SimulatedDiskError } from './disk-errors.ts'
export type { CallName, DiskFault } from './disk-fault.ts'
export type { CrashCounting, CrashMoment } from './call-gate.ts'
export { SimulatedClock } from './simulated-clock.ts'
export type { SimulatedClockOptions } from './simulated-clock.ts'
export { SimulatedDisk } from './simulated-disk.ts'
export type { CrashKind, SimulatedDiskOptions } from './simulated-disk.ts'
export { SimulatedExecutor } from './simulated-executor.ts'
export type { SimulatedExecutorOptions } from './simulated-executor.ts'
export type { SyncFate } from './simulated-file.ts'
export { SimulatedRandom } from './simulated-random.ts'
export type {
  ActorInvariantName,
  ActorReport,
  CallOptions,
  CheckActorOptions,
  CheckReport,
  CheckTopicOptions,
  Checkable,
  CommonOptions,
  Death,
  EnumerateOptions,
  Enumeration,
  FaultOptions,
  HandlerProgram,
  KitHandler,
  KitInvariant,
  KitInvariantName,
  LoopProgram,
  Mishap,
  Outside,
  OutsideOptions,
  ProcessProgram,
  Rows,
  SimulateOptions,
  Table,
  TopicProgram,
  Workload,
  WorkloadSendOptions,
  World,
} from './kit/index.ts'
export type { CheckCounts, FailureReport, Shrinking } from './failure.ts'
export type { History, HistoryEvent, Happening, Invariant, Place, Terms, Violation } from './history.ts'
export { describeFailure, drawSpaceTime, reportFailure, summarize, writePicture } from './report/index.ts'
export type { Checked, DescribeOptions, Written } from './report/index.ts'
import { death, mishap } from './kit/index.ts'
export {
  CheckFailedError,
  CheckUsageError,
  OutsideError,
  actorInvariants,
  checkActor,
  checkTopic,
  enumerateCrashes,
  kitInvariants,
  simulate,
} from './kit/index.ts'

/** Mishaps for searches of your own. */
export const arbitraries = { death, mishap } as const
