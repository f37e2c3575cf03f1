/**
 * What is known of a run of actors, and the judgement.
 *
 * Owns: what was confirmed, told and seen outside, and what is promised about it. Leaves the run to `actor-run.ts`.
 */
import type { ActorLetter } from '../../runtime/index.ts'
import type { Plan, State, Told } from './actor-workload.ts'
import { ViolationError } from './violation.ts'

/** What is on disk at the end. */
export interface Seen {
  readonly dead: readonly ActorLetter[]
  readonly states: ReadonlyMap<string, { readonly first: State; readonly second: State }>
}

export class ActorBook {
  /** Sent and confirmed, with the offset. */
  readonly confirmed = new Map<string, { plan: Plan; offset: number }>()
  /** Sent, and nobody knows. */
  readonly open = new Map<string, Plan>()
  readonly fed = new Set<string>()
  readonly openFeeds = new Map<string, string>()
  readonly told: Told[] = []
  readonly effects = new Map<string, Set<string>>()
  readonly asks = new Map<string, { key: number; reply: unknown }>()
  readonly openAsks = new Map<string, number>()
  readonly published: Told[] = []
  hasRedriven = false
  readonly counts = {
    confirmed: 0,
    crashes: 0,
    fired: 0,
    promises: 0,
    dead: 0,
    published: 0,
    asked: 0,
    fed: 0,
    told: 0,
  }

  /** Throws the first guarantee that is broken. */
  judge({ dead, states }: Seen): void {
    const deadIds = new Set(dead.map(({ event }) => String((event as { id?: unknown }).id)))
    this.counts.dead = Math.max(this.counts.dead, dead.length)
    for (const [key, { first: state, second }] of states) {
      this.#judgeState(key, state, deadIds)
      this.#judgeForwarded(key, state, second)
      this.#judgeTold(key, state)
    }
    this.#judgePublished(states)
  }

  #judgeState(key: string, state: State, dead: ReadonlySet<string>): void {
    const ids = state.seen.map(({ id }) => id)
    once(ids, `${key}: in state`)
    once(
      state.fired.map(({ id }) => id),
      `${key}: fired`,
    )
    once(state.done, `${key}: settled`)
    const mine = [...this.confirmed].filter(([, { plan }]) => `k${plan.key}` === key)
    for (const [id, { plan }] of mine) {
      if (plan.wants === 'poison' || plan.wants === 'fail') {
        if (ids.includes(id) === dead.has(id))
          fail('exactly-once', `${id} (${plan.wants}): state ${ids.includes(id)}, dead ${dead.has(id)}`)
        continue
      }
      if (!ids.includes(id) && !dead.has(id))
        fail('lost', `${id} (${plan.wants}) was confirmed and is nowhere`)
      if (ids.includes(id) && dead.has(id)) fail('repeated', `${id} is in the state and in the dead letters`)
      if (!ids.includes(id)) continue
      if (plan.wants === 'timer' && !state.fired.some((fired) => fired.id === id)) fail('lost-timer', id)
      if (plan.wants === 'promise' && !state.done.includes(id)) fail('lost-promise', id)
    }
    for (const { id, early } of state.fired) if (early > 0) fail('early-timer', `${id} by ${early} ms`)
    for (const id of this.fed) if (id.startsWith(`${key} `) && !ids.includes(id)) fail('lost', `fed ${id}`)
    this.counts.fired = Math.max(this.counts.fired, state.fired.length)
    this.counts.promises = Math.max(this.counts.promises, state.done.length)
    this.#judgeOrder(key, ids)
  }

  /** Mail that no failure held up is in the order of its offsets. */
  #judgeOrder(key: string, ids: readonly string[]): void {
    const redriven = this.hasRedriven
    const offsets = ids.flatMap((id) => {
      const known = this.confirmed.get(id)
      return known === undefined ? [] : [known.offset]
    })
    const isSorted = offsets.every((offset, i) => i === 0 || offset > (offsets[i - 1] ?? -1))
    if (!isSorted && !redriven) fail('order', `${key}: ${offsets.join(' ')}`)
  }

  #judgeForwarded(key: string, state: State, second: State): void {
    once(
      second.seen.map(({ id }) => id),
      `${key}: forwarded`,
    )
    for (const { id, life } of state.seen) {
      const wants = this.#planOf(id)?.wants
      const found = second.seen.find((entry) => entry.id === id)
      if ((wants === 'forward') !== (found !== undefined) && wants !== undefined)
        fail('forwarded', `${id} ${wants}`)
      if (found !== undefined && found.life !== life)
        fail('torn-turn', `${id} was forwarded by life ${found.life}, taken by ${life}`)
    }
  }

  /** What was seen outside is what is on disk. */
  #judgeTold(key: string, state: State): void {
    for (const told of this.told) {
      if (told.key !== key) continue
      const entry = state.seen.find(({ id }) => id === told.id)
      if (entry?.life !== told.life)
        fail('ungated', `${told.what} ${told.id} of life ${told.life}, on disk: ${entry?.life}`)
    }
    for (const { id, life } of state.seen) {
      if (this.#planOf(id)?.wants !== 'action') continue
      const isTold = this.told.some((told) => told.what === 'action' && told.id === id && told.life === life)
      if (!isTold) fail('lost-action', id)
    }
    for (const [effect, ids] of this.effects)
      if (ids.size > 1) fail('unstable-id', `${effect}: ${[...ids].join(' ')}`)
  }

  #judgePublished(states: Seen['states']): void {
    once(
      this.published.map(({ id }) => id),
      'published',
    )
    this.counts.published = this.published.length
    for (const { first } of states.values()) {
      for (const { id, life } of first.seen) {
        if (this.#planOf(id)?.wants !== 'publish') continue
        const found = this.published.find((told) => told.id === id)
        if (found?.life !== life) fail('published', `${id} of life ${life}: ${found?.life}`)
      }
    }
  }

  #planOf(id: string): Plan | undefined {
    return this.confirmed.get(id)?.plan ?? this.open.get(id)
  }
}

function once(ids: readonly string[], where: string): void {
  const twice = ids.find((id, i) => ids.indexOf(id) !== i)
  if (twice !== undefined) fail('repeated', `${where}: ${twice}`)
}

function fail(invariant: string, text: string): never {
  throw new ViolationError(invariant, text)
}
