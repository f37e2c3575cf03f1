/**
 * unbounded: more of something than its limit allows.
 *
 * Owns: what is measured (`held`), and how many handlers of a group run at once.
 * Leaves measuring to whoever runs the world.
 */
import { invariant } from './finding.ts'
import type { Finding } from './finding.ts'
import { toldOf } from './reading.ts'
import type { History, Terms } from '../history.ts'

/** See `about`. */
export const unbounded = invariant({
  name: 'unbounded',
  guarantee: 'G11',
  about: 'What has a limit stays below it: full means waiting or an error, never growth.',
  *find(history, terms) {
    for (const { at, event } of toldOf(history, 'held')) {
      if (event.count <= event.limit) continue
      yield { text: `${event.count} ${event.what}, and the limit is ${event.limit}`, events: [at] }
    }
    if (terms.concurrency !== undefined) yield* crowded(history, terms.concurrency)
  },
})

function* crowded(history: History, concurrency: NonNullable<Terms['concurrency']>): Iterable<Finding> {
  const running = new Map<number, string>()
  const counts = new Map<string, number>()
  for (const [at, event] of history.entries()) {
    if (event.kind === 'begun') {
      const name = `${event.life} ${event.group}`
      running.set(event.run, name)
      counts.set(name, (counts.get(name) ?? 0) + 1)
      const limit = concurrency[event.group] ?? Infinity
      if ((counts.get(name) ?? 0) > limit) {
        yield { text: `${counts.get(name)} handlers of ${event.group} at once, of ${limit}`, events: [at] }
      }
    } else if (event.kind === 'ended') {
      const name = running.get(event.run)
      if (name !== undefined) counts.set(name, (counts.get(name) ?? 1) - 1)
    }
  }
}
