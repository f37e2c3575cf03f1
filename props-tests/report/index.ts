/**
 * The door of the reports: what a person sees of a check.
 *
 * Owns: the list of its public names. Leaves everything else inside the folder.
 */
export { describeFailure } from './describe-failure.ts'
export type { DescribeOptions } from './describe-failure.ts'
export { reportFailure } from './report-failure.ts'
export { drawSpaceTime } from './space-time.ts'
export { summarize } from './summarize.ts'
export type { Checked } from './summarize.ts'
export { writePicture } from './write-picture.ts'
export type { Written } from './write-picture.ts'
