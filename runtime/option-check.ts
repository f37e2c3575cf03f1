/**
 * The checks of options, as the runtime names them.
 *
 * Owns: that every door of the runtime checks. Leaves the checks to `actors/`, where definitions need them too.
 *
 * OC1. Every door refuses an option that it does not know by name.
 * OC2. A check changes nothing; what it refuses is on no disk.
 */
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
} from '../actors/index.ts'
export type { Rule, Rules } from '../actors/index.ts'
