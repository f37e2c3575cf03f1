/**
 * When to kill: drawn from the seed, before anything runs.
 *
 * Owns: the moments of a phase, in order; a life of the child gets one of them; chance that follows from the seed.
 * Leaves carrying them out to `life.ts`.
 *
 * The plan is the same for a seed. What the child is doing at that very instant is up to the machine, as in real life.
 */
import { createHash } from 'node:crypto'

export type Moment =
  /** The thing is done and on disk, and nobody has been told: the worst moment there is. Each phase has one. */
  | { readonly kind: 'between'; readonly at: number; readonly words?: string }
  /** At full speed, a little after progress has reached `at`. */
  | { readonly kind: 'running'; readonly at: number; readonly delayMs: number }
  /** While the child starts and recovers from the kill before. */
  | { readonly kind: 'opening'; readonly at: number; readonly delayMs: number }

export interface KillPlan {
  readonly send: readonly Moment[]
  readonly handle: readonly Moment[]
}

/** Kills strike between these parts of the way, so that there is something to lose before and something to do after. */
const FIRST_SHARE = 0.2
const LAST_SHARE = 0.95
const OPENING_SHARE = 0.2
const OPENING_MS_MAX = 400
const RUNNING_MS_MAX = 20

export function planKills(options: { seed: number; kills: number; messages: number }): KillPlan {
  const { seed, kills, messages } = options
  const sends = Math.floor(kills / 2)
  return {
    send: momentsOf(chance(seed, 'send'), sends, messages),
    handle: momentsOf(chance(seed, 'handle'), kills - sends, messages),
  }
}

/** So many moments, of which one is the worst, over a way of `size` steps. */
export function momentsOf(draw: () => number, count: number, size: number): Moment[] {
  const moments = Array.from({ length: count }, (_, index) => momentOf(draw, index, size))
  return moments.toSorted((a, b) => a.at - b.at)
}

function momentOf(draw: () => number, index: number, size: number): Moment {
  const at = Math.ceil((FIRST_SHARE + draw() * (LAST_SHARE - FIRST_SHARE)) * size)
  if (index === 0) return { kind: 'between', at }
  if (draw() < OPENING_SHARE) return { kind: 'opening', at, delayMs: draw() * OPENING_MS_MAX }
  return { kind: 'running', at, delayMs: draw() * RUNNING_MS_MAX }
}

/** Numbers from 0 to below 1 that follow from the seed and a word. */
export function chance(seed: number, word: string): () => number {
  let drawn = 0
  return () => {
    drawn += 1
    const digest = createHash('sha256').update(`${seed} ${word} ${drawn}`).digest()
    return digest.readUInt32BE(0) / 2 ** 32
  }
}
