/**
 * What is asked of actors in a check, as data: ways that are gone, and random cases.
 *
 * Owns: making them. Leaves finding ways to `actor-walk.ts`, carrying cases out to `actor-scenario.ts`.
 *
 * AC1. Beside the shortest ways there are two that are only gone calmly: all events at once, again and again, and all events
 *      one after the other, twice.
 */
import fc from 'fast-check'
import type { TypedEvent } from '../../actors/index.ts'
import type { Topic } from '../../runtime/index.ts'
import type { ActorItem } from './actor-scenario.ts'
import type { Way, WayStep } from './actor-walk.ts'
import { realPatience } from './ambient.ts'
import type { Case, Step } from './arbitraries.ts'
import type { RunSettings } from './scenario.ts'

/** More than one batch of the smaller ones holds. */
const BURST_COUNT = 60
const SHORT_MS = [0, 1, 20, 39] as const
const TOUR_MAX = 12
const AFTER_MAX = 4
const MESSAGES_TRIED = 3

/** The ways that are gone beside the shortest ones. */
export function longWays(events: readonly TypedEvent[]): Way[] {
  const once = distinct(events)
  const tour = [...once, ...once].slice(0, TOUR_MAX).map((event) => ({ event, again: true }) as const)
  return [tour, [{ burst: once }]]
}

/** What random steps do: events above all. */
export function randomItems({
  definition,
  keys,
  events,
  feeds,
  isUpgraded,
}: {
  readonly definition: string
  readonly keys: readonly string[]
  readonly events: fc.Arbitrary<TypedEvent>
  readonly feeds: readonly Feed[]
  readonly isUpgraded: boolean
}): fc.Arbitrary<ActorItem> {
  const event = fc.record({
    do: fc.constant('event' as const),
    definition: fc.constant(definition),
    key: fc.constantFrom(...keys),
    event: events,
    mode: fc.constantFrom('send' as const, 'send' as const, 'processed' as const, 'ask' as const),
  })
  const due = fc.record({ do: fc.constant('due' as const), shortMs: fc.constantFrom(...SHORT_MS) })
  const burst = fc.record({
    do: fc.constant('burst' as const),
    definition: fc.constant(definition),
    events: fc.array(events, { minLength: 1, maxLength: 4 }),
    count: fc.constantFrom(3, 3, 3, 3, 3, BURST_COUNT),
  })
  return fc.oneof(
    { weight: 21, arbitrary: event },
    { weight: 3, arbitrary: due },
    { weight: 1, arbitrary: burst },
    ...feeds.map(({ topic, values }) => {
      const message = { do: fc.constant('message' as const), topic: fc.constant(topic.name), value: values }
      return { weight: 10, arbitrary: fc.record(message) }
    }),
    ...(isUpgraded ? [{ weight: 4, arbitrary: fc.constant({ do: 'upgrade' as const }) }] : []),
  )
}

/** What may be sent to one topic. */
export interface Feed {
  readonly topic: Topic<unknown>
  readonly values: fc.Arbitrary<unknown>
}

/** A few messages of each topic, one after the other. */
export function wayOfMessages(feeds: readonly Feed[], seed: number): Way[] {
  const way = feeds.flatMap(({ topic, values }) =>
    fc
      .sample(values, { seed, numRuns: MESSAGES_TRIED })
      .map((value) => ({ message: { topic: topic.name, value } })),
  )
  return way.length === 0 ? [] : [way]
}

/** Each way of the older version, and then some of each event for the new one. */
export function waysOver(older: readonly Way[], events: readonly TypedEvent[]): Way[] {
  const after = distinct(events).map((event) => ({ event }))
  return [...older, []].map((way) => [...way, { upgrade: true } as const, ...after.slice(0, AFTER_MAX)])
}

/** A list to choose from is an arbitrary too. */
export function arbitraryOf<Item>(items: fc.Arbitrary<Item> | readonly Item[]): fc.Arbitrary<Item> {
  return Array.isArray(items) ? fc.constantFrom(...(items as readonly Item[])) : (items as fc.Arbitrary<Item>)
}

/** Deaths along it are left to the random search. */
export function isCalmOnly(way: Way | undefined): boolean {
  return way?.some((step) => 'burst' in step || 'again' in step) === true
}

/** One of each kind, and some more of each. */
export function distinct(events: readonly TypedEvent[]): TypedEvent[] {
  const counts = new Map<string, number>()
  const seen = new Set<string>()
  return events.filter((event) => {
    const text = JSON.stringify(event)
    const count = counts.get(event.type) ?? 0
    if (seen.has(text) || count >= 2) return false
    seen.add(text)
    counts.set(event.type, count + 1)
    return true
  })
}

/** Settings of a run in which nothing goes wrong. */
export function calm(): RunSettings {
  return { chance: 0, tape: [], mishapAt: () => undefined, patience: realPatience() }
}

/** A way as a case: all that happens is to the actor of `key`. */
export function caseOf(way: Way, key: string, definition: string): Case<ActorItem> {
  const steps = way.map((step, i): Step<ActorItem> => {
    if ('burst' in step) {
      const item: ActorItem = { do: 'burst', definition, events: step.burst, count: BURST_COUNT }
      return { values: [item], waitMs: 1, mishap: undefined }
    }
    return { values: [itemOf(step, i, { key, definition })], waitMs: 1, mishap: undefined }
  })
  return { steps, chance: 1, tape: [] }
}

function itemOf(
  step: Exclude<WayStep, { readonly burst: unknown }>,
  i: number,
  { key, definition }: { readonly key: string; readonly definition: string },
): ActorItem {
  if ('upgrade' in step) return { do: 'upgrade' }
  if ('message' in step) return { do: 'message', ...step.message }
  if ('timer' in step) return { do: 'due', shortMs: 0 }
  return { do: 'event', definition, key, event: step.event, mode: i % 2 === 0 ? 'processed' : 'ask' }
}

/** At most `max` of them, from everywhere. */
export function spread<Item>(items: readonly Item[], max: number): readonly Item[] {
  if (items.length <= max) return items
  return items.filter(
    (_, i) => Math.floor((i * max) / items.length) !== Math.floor(((i - 1) * max) / items.length),
  )
}
