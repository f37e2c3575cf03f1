/**
 * phantom: a message that nobody sent.
 *
 * Owns: contents that were never asked for, or not yet. Leaves bytes that changed on the way to `silent-corruption`.
 */
import { contentsOf, excessOf } from './contents.ts'
import type { Content, Excess } from './contents.ts'
import { invariant } from './finding.ts'
import { describe } from './reading.ts'
import type { Spot } from './reading.ts'
import type { History } from '../history.ts'

/** See `about`. */
export const phantom = invariant({
  name: 'phantom',
  guarantee: 'G4',
  about: 'Whatever is delivered or read was sent before.',
  *find(history) {
    for (const { spot, at } of excessesOf(history, 'phantom')) {
      yield { text: `${describe(spot)} was seen, and nobody had sent it`, events: [at] }
    }
  },
})

/** One content of which there is too much, and where that was noticed. */
export interface Surplus {
  readonly content: Content
  readonly spot: Spot
  readonly at: number | undefined
}

/** All contents of which there is too much for this reason. */
export function* excessesOf(history: History, excess: Excess): Iterable<Surplus> {
  for (const content of contentsOf(history).values()) {
    const spot = content.spots.at(-1)
    if (spot !== undefined && excessOf(content) === excess) {
      yield { content, spot, at: spot.sightings[0]?.at }
    }
  }
}
