/**
 * The whole report of a failure: the picture beside it, and the text that says where the picture is.
 *
 * Owns: joining the two. Leaves to `describe-failure.ts` the text, to `space-time.ts` the picture.
 *
 * RF1. Whatever happens to the picture, the text comes.
 */
import type { FailureReport } from '../failure.ts'
import { describeFailure } from './describe-failure.ts'
import { drawSpaceTime } from './space-time.ts'
import { writePicture } from './write-picture.ts'

/**
 * Writes the picture of a failure and returns its text.
 *
 * @param pictures - the directory for pictures; `false` for none; default the system's directory for such files
 * @example throw new CheckFailedError(reportFailure(failure, options.pictures))
 */
export function reportFailure(failure: FailureReport, pictures?: string | false): string {
  if (pictures === false) return describeFailure(failure)
  const svg = drawSpaceTime(failure.history, failure.violation)
  const written = writePicture(svg, failure.violation.invariant, pictures)
  return describeFailure(failure, {
    picture: 'path' in written ? written.path : `not written: ${written.reason}`,
  })
}
