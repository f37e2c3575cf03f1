/**
 * The judgement: what the actors became, against a run of the same machines without the runtime.
 *
 * Owns: each check and the number it gives. Leaves gathering the evidence to the days, and printing to `report.ts`.
 */
import { isDeepStrictEqual } from 'node:util'
import { none, type Check } from '../webhooks/audit.ts'
import type { News } from './actors.ts'
import { DAYS } from './script.ts'
import type { Line } from './protocol.ts'
import { sumsOf, type States } from './pure-run.ts'

export interface Evidence {
  readonly messages: number
  readonly kills: { readonly planned: number; readonly made: number }
  readonly confirmed: number
  /** As the actors are in the end, and as they must be. */
  readonly states: States
  readonly expected: States
  readonly news: readonly News[]
  /** What the outside wrote down. */
  readonly lines: readonly Line[]
}

export interface Verdict {
  readonly checks: readonly Check[]
  /** Effects that came again after a kill and were known by their id. */
  readonly redelivered: number
}

export function audit(evidence: Evidence): Verdict {
  const told = evidence.lines.filter((line) => line.kind === 'told')
  return {
    checks: [
      ...flowChecks(evidence),
      ...stateChecks(evidence),
      ...newsChecks(evidence),
      ...outsideChecks(evidence),
    ],
    redelivered: told.length - new Set(told.map(({ id }) => id)).size,
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0)
}

function pastsOf(states: States) {
  return Object.values(states).map(({ context }) => context)
}

function flowChecks({ messages, kills, confirmed, states, expected }: Evidence): Check[] {
  const mine = new Map(Object.entries(states).map(([subject, { context }]) => [subject, context.events]))
  const over = Object.entries(expected).map(
    ([subject, { context }]) => (mine.get(subject) ?? 0) - context.events,
  )
  return [
    { name: 'events', found: confirmed, expected: messages, meaning: 'webhooks whose send has resolved' },
    { name: 'kills', found: kills.made, expected: kills.planned, meaning: 'with SIGKILL' },
    none('lost', sum(over.map((by) => Math.max(0, -by))), 'confirmed, but not in the state of their actor'),
    none('twice', sum(over.map((by) => Math.max(0, by))), 'counted again by their actor'),
  ]
}

function stateChecks({ states, expected }: Evidence): Check[] {
  const [mine, theirs] = [sumsOf(pastsOf(states)), sumsOf(pastsOf(expected))]
  const subjects = new Set([...Object.keys(states), ...Object.keys(expected)])
  const differing = [...subjects].filter((subject) => !isDeepStrictEqual(states[subject], expected[subject]))
  return [
    {
      name: 'actors',
      found: Object.keys(states).length,
      expected: Object.keys(expected).length,
      meaning: 'pull requests and issues that have a state',
    },
    {
      name: 'turns',
      found: mine.events + mine.stale + mine.told,
      expected: theirs.events + theirs.stale + theirs.told,
      meaning: 'webhooks, timers and results that the actors have taken',
    },
    {
      name: 'stale by timer',
      found: mine.stale,
      expected: theirs.stale,
      meaning: `timers of 14 days, over ${DAYS.at(-1)} days and all restarts`,
    },
    none('states that differ', differing.length, 'from a run of live XState actors, counters and all'),
  ]
}

function newsChecks({ news, expected }: Evidence): Check[] {
  const wanted = new Set(
    pastsOf(expected).flatMap(({ subject, stale, merges }) => [
      ...Array.from({ length: stale }, (_, i) => `${subject} stale ${i + 1}`),
      ...Array.from({ length: merges }, (_, i) => `${subject} merged ${i + 1}`),
    ]),
  )
  const found = news.map(({ subject, what, nth }) => `${subject} ${what} ${nth}`)
  const distinct = new Set(found)
  return [
    none(
      'news lost',
      [...wanted].filter((each) => !distinct.has(each)).length,
      `of ${wanted.size} that actors published`,
    ),
    none('news twice', found.length - distinct.size, 'published again'),
    none('news made up', [...distinct].filter((each) => !wanted.has(each)).length, 'of what never happened'),
  ]
}

function outsideChecks({ lines, expected }: Evidence): Check[] {
  const told = lines.filter((line) => line.kind === 'told')
  const done = told.filter(({ isNew }) => isNew)
  const { told: wanted } = sumsOf(pastsOf(expected))
  return [
    {
      name: 'merges told outside',
      found: new Set(done.map(({ id }) => id)).size,
      expected: wanted,
      meaning: 'effects, each with an id of its own',
    },
    none('told twice', done.length - new Set(done.map(({ id }) => id)).size, 'an effect that was done again'),
    none('alarms', lines.length - told.length, 'gaps, dead letters, failed turns, lost timers'),
  ]
}
