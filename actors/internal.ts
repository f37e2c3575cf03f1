/**
 * The seam for the project's own tests: inner parts of actors under one address, outside the package's doors.
 *
 * Owns: the list. Leaves everything else to the modules.
 */
export { KnownMoves, MOVES_MAX } from './known-moves.ts'
export { PlainSteps } from './plain-steps.ts'
export { TimerBook } from './timer-book.ts'
