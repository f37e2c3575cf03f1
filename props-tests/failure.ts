/**
 * A check that failed, as data: what the report is written and the picture is drawn from.
 *
 * Owns: the words between the engine that finds a failure and the report that tells it.
 * Leaves finding to `kit/`, and telling to `report/`.
 */
import type { History, Invariant, Terms, Violation } from './history.ts'

/** How much was tried. */
export interface CheckCounts {
  /** Runs from an empty disk to the end, each with other values and mishaps; without those of shrinking. */
  readonly runs: number
  /** Deaths of a process over all runs: kills and power cuts. */
  readonly crashes: number
  /** Failed system calls, full disks, jumps of the clock and failed calls of the outside, over all runs. */
  readonly faults: number
  /** Messages that were confirmed. */
  readonly messages: number
  /** Runs of handlers. */
  readonly handlerRuns: number
}

/** How the failing case was made small. */
export interface Shrinking {
  /** Smaller cases that were tried. */
  readonly tried: number
  /** The time for it ran out: a smaller case may exist. */
  readonly isCutShort: boolean
}

/** A failure, found and shrunk. */
export interface FailureReport {
  /** What was checked: the `title` of the check. */
  readonly title: string
  /** What must hold. The kit's own ones (`work-after-ack`, `lost-effect` …) come in the same form. */
  readonly invariant: Pick<Invariant, 'name' | 'guarantee' | 'about'>
  readonly violation: Violation
  /** The shrunk run. The indices in `violation.events` point into it. */
  readonly history: History
  /** The same messages handled without a mishap, where the violation is a difference from that. */
  readonly reference: History | undefined
  readonly terms: Terms
  /** The case as one short word for the option `replay`, such as `1812:37:0:2`. */
  readonly replay: string
  /** One line to paste into a test that runs this case alone. */
  readonly replayLine: string
  readonly counts: CheckCounts
  readonly shrinking: Shrinking
}
