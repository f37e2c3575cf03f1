/**
 * A machine that moves on by itself without coming to rest.
 *
 * Owns: the error for it, and giving XState's bare error this name. Leaves counting to XState and to `plain-steps.ts`.
 */
import { NotDurableError } from './errors.ts'

export function endlessTurn(cause?: unknown): NotDurableError {
  return new NotDurableError('turn', {
    rule: 'endless-turn',
    reason: 'the machine moves on by itself without coming to rest',
    remedy: 'End the cycle of always and raise; a long but finite one may set options: { maxIterations }',
    cause,
  })
}

/** Runs `work`, in which XState may find a cycle without end. */
export function bounded<TResult>(work: () => TResult): TResult {
  try {
    return work()
  } catch (error) {
    const isEndless = error instanceof Error && error.message.startsWith('Infinite loop detected')
    throw isEndless ? endlessTurn(error) : error
  }
}
