/**
 * The whole behaviour of a machine as a text: every state it can reach, under every event.
 *
 * Owns: finding the states by walking, and the words for what an event does there.
 * Leaves to each test the sample of every event, and the table that it pins.
 *
 * MT1. A state is in the table only if events lead to it, with the context that they give it.
 * MT2. Every event is tried in every state: it does something, is ignored, is refused, or is unexpected.
 */
import assert from 'node:assert/strict'
import type { AnyStateMachine, EventFromLogic, SnapshotFrom } from 'xstate'
import type { ActionData, Runner } from '../../actors/index.ts'

/** What a table is made from. */
export interface TableSource<TMachine extends AnyStateMachine> {
  readonly start: () => Runner<TMachine>
  /** One sample of each event (and of each of its variants), by the name it has in the table. */
  readonly samples: Readonly<Record<string, EventFromLogic<TMachine>>>
  /** The name of a state in the table; states of one name count as one. */
  readonly nameOf?: (snapshot: SnapshotFrom<TMachine>) => string
}

/** More than any of our machines has: a walk that finds more goes on for ever. */
const statesMax = 60

/** Actions that only say no; where nothing else happens, the table gathers their events on one line. */
const gathered: Readonly<Record<string, string>> = { unexpected: 'unexpected', refuseStale: 'refuses' }

/** The table: a block per state, a line per event that does something, then lines for those that do nothing. */
export function tableOf<TMachine extends AnyStateMachine>(source: TableSource<TMachine>): string {
  return [...walk(source)].map(([name, way]) => [name, ...linesOf(source, way)].join('\n  ')).join('\n')
}

function linesOf<TMachine extends AnyStateMachine>(
  source: TableSource<TMachine>,
  way: readonly EventFromLogic<TMachine>[],
): string[] {
  const acting: string[] = []
  const quiet = new Map<string, string[]>([['ignores', []], ...Object.values(gathered).map(emptyList)])
  for (const [event, sample] of Object.entries(source.samples)) {
    const outcome = outcomeOf(source, way, sample)
    const list = quiet.get(outcome)
    if (list === undefined) acting.push(`${event} ${outcome}`)
    else list.push(event)
  }
  const lists = [...quiet].filter(([, events]) => events.length > 0)
  return [...acting, ...lists.map(([word, events]) => `${word}: ${events.join(' ')}`)]
}

function emptyList(word: string): [string, string[]] {
  return [word, []]
}

/** Every state that events lead to, with the shortest way there. */
export function walk<TMachine extends AnyStateMachine>(
  source: TableSource<TMachine>,
): ReadonlyMap<string, readonly EventFromLogic<TMachine>[]> {
  const ways = new Map<string, readonly EventFromLogic<TMachine>[]>([[nameAfter(source, []), []]])
  // The map grows while it is walked, which is what makes this a breadth-first search.
  for (const way of ways.values()) {
    assert.ok(ways.size <= statesMax, `a machine has at most ${statesMax} states`)
    for (const sample of Object.values(source.samples)) {
      const name = nameAfter(source, [...way, sample])
      if (!ways.has(name)) ways.set(name, [...way, sample])
    }
  }
  return ways
}

/** A runner that has seen these events. */
export function runnerAfter<TMachine extends AnyStateMachine>(
  { start }: TableSource<TMachine>,
  way: readonly EventFromLogic<TMachine>[],
): Runner<TMachine> {
  const runner = start()
  for (const event of way) runner.step(event)
  return runner
}

/** `{ full: 'waiting' }` becomes `full.waiting`. */
export function valueName(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.entries(value)
    .map(([key, inner]) => `${key}.${valueName(inner)}`)
    .join(' ')
}

function nameAfter<TMachine extends AnyStateMachine>(
  source: TableSource<TMachine>,
  way: readonly EventFromLogic<TMachine>[],
): string {
  return nameOf(source, runnerAfter(source, way).snapshot)
}

function nameOf<TMachine extends AnyStateMachine>(
  source: TableSource<TMachine>,
  snapshot: SnapshotFrom<TMachine>,
): string {
  return source.nameOf?.(snapshot) ?? valueName((snapshot as { readonly value: unknown }).value)
}

function outcomeOf<TMachine extends AnyStateMachine>(
  source: TableSource<TMachine>,
  way: readonly EventFromLogic<TMachine>[],
  event: EventFromLogic<TMachine>,
): string {
  const runner = runnerAfter(source, way)
  const before = stateOf(runner)
  const actions: readonly ActionData[] = runner.step(event)
  const changed = stateOf(runner) !== before
  if (!changed && actions.length === 0) return 'ignores'
  const no = actions.length === 1 ? gathered[actions[0]?.type ?? ''] : undefined
  if (!changed && no !== undefined) return no
  const names = actions.map(({ type, params }) => `${type}${paramsText(params)}`)
  return [`-> ${nameOf(source, runner.snapshot)}`, ...names].join(' ')
}

/** State and context; what else a snapshot holds is XState's own. */
function stateOf({ snapshot }: Runner<AnyStateMachine>): string {
  const { value, context } = snapshot as { readonly value: unknown; readonly context: unknown }
  return JSON.stringify({ value, context })
}

function paramsText(params: unknown): string {
  return typeof params === 'object' && params !== null ? `(${Object.values(params).join(', ')})` : ''
}
