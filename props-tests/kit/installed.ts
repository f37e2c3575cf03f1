/**
 * Something put in the place of the process's own, while work goes on.
 *
 * Owns: that it is put in once however much work needs it at once, and taken out with the last. Leaves what it is to its
 * callers.
 */

/** Runs work while `install` has its effect; what `install` answers takes it back. */
export function whileInstalled(
  install: () => () => void,
): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let depth = 0
  let restore: (() => void) | undefined
  return async (work) => {
    if (depth === 0) restore = install()
    depth += 1
    try {
      return await work()
    } finally {
      depth -= 1
      if (depth === 0) restore?.()
    }
  }
}
