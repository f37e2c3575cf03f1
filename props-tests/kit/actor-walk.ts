/**
 * The shortest ways through an actor: one to each state that it can be in, and one along each transition.
 *
 * Owns: finding them, by taking turns purely. Leaves running along them to `check-actor.ts`.
 *
 * WK1. A state counts as new where its value, its status or what is armed and running is; for a reducer, its data.
 * WK2. It ends: at most `STATES_MAX` states are looked at, whatever the machine.
 * WK3. What a turn throws leads nowhere.
 */
import type { ActorEvent, ActorLogic, StoredState, TurnResult, TypedEvent } from '../../actors/index.ts'
import { Scope } from '../../runtime/internal.ts'
import { spell } from './json.ts'
import type { Fault } from './turn-lint.ts'

/** A step of a way: an event, or the next timer. */
export type WayStep =
  /** `again`: on a way that is only gone calmly. */
  | { readonly event: TypedEvent; readonly again?: true }
  | { readonly timer: true }
  | { readonly message: { readonly topic: string; readonly value: unknown } }
  | { readonly upgrade: true }
  /** All of these again and again, more at once than one batch holds. */
  | { readonly burst: readonly TypedEvent[] }

export type Way = readonly WayStep[]

/** What was found on the way: the same event gave two results. */
export type WayFault = Fault & { readonly way: Way }

export interface Walked {
  readonly ways: readonly Way[]
  readonly faults: readonly WayFault[]
}

const STATES_MAX = 200
const WAYS_MAX = 60
const LENGTH_MAX = 8
const START_MS = 1_767_225_600_000

interface Node {
  readonly stored: StoredState
  readonly way: Way
  readonly turn: number
  readonly timers: readonly string[]
}

/** The ways, shortest first. None is the beginning of another one. */
export function waysThrough(logic: ActorLogic, events: readonly TypedEvent[], input: unknown): Walked {
  const first = take(() => logic.begin(scopeAt(1), input))
  if (first === undefined) return { ways: [], faults: [] }
  const faults: WayFault[] = []
  const known = new Set<string>()
  const taken = new Set<string>()
  const ways: Way[] = []
  const queue: Node[] = [nodeOf(logic, first, { way: [], turn: 1 })]
  known.add(nameOf(logic, first))
  for (let node = queue.shift(); node !== undefined && known.size < STATES_MAX; node = queue.shift()) {
    for (const { step, event } of stepsFrom(node, events)) {
      const [next, other] = [turned(logic, node, event), turned(logic, node, event)]
      if (wordsOf(logic, next) !== wordsOf(logic, other)) faults.push(twoResults([...node.way, step]))
      if (next === undefined || !next.handled) continue
      const way = [...node.way, step]
      const name = nameOf(logic, next)
      const edge = `${nameOf(logic, { ...next, state: logic.load(node.stored) })} ${event.kind === 'event' ? event.event.type : 'timer'} ${name}`
      if (taken.has(edge)) continue
      taken.add(edge)
      ways.push(way)
      if (known.has(name) || way.length >= LENGTH_MAX) continue
      known.add(name)
      queue.push(nodeOf(logic, next, { way, turn: node.turn + 1 }))
    }
  }
  return { ways: longest(ways).slice(0, WAYS_MAX), faults }
}

function stepsFrom(
  node: Node,
  events: readonly TypedEvent[],
): { readonly step: WayStep; readonly event: ActorEvent }[] {
  const [timer] = node.timers
  return [
    ...events.map((event) => ({ step: { event }, event: { kind: 'event', event } as const })),
    ...(timer === undefined
      ? []
      : [{ step: { timer: true } as const, event: { kind: 'timer', timer } as const }]),
  ]
}

function turned(logic: ActorLogic, node: Node, event: ActorEvent): TurnResult | undefined {
  return take(() => logic.turn(scopeAt(node.turn + 1), logic.load(node.stored), structuredClone(event)))
}

function take(turn: () => TurnResult): TurnResult | undefined {
  try {
    return turn()
  } catch {
    return undefined
  }
}

function twoResults(way: Way): WayFault {
  const last = way.at(-1)
  const name = last !== undefined && 'event' in last ? JSON.stringify(last.event) : 'a timer'
  const text = `${name}, taken twice from the same stored bytes, gave two results the first time it was tried: the code remembers something outside of its state`
  return { invariant: 'impure-turn', text, way }
}

function wordsOf(logic: ActorLogic, result: TurnResult | undefined): string {
  if (result === undefined) return 'threw'
  const { state, effects, handled } = result
  return spell([textOf(logic, state), effects, handled])
}

function scopeAt(turn: number): Scope {
  return new Scope({ actor: 'walk', key: 'walk' }, turn, START_MS + turn)
}

function nodeOf(
  logic: ActorLogic,
  { state }: TurnResult,
  { way, turn }: { readonly way: Way; readonly turn: number },
): Node {
  const { version, hash } = logic
  const stored = { version, hash, text: textOf(logic, state) }
  return { stored, way, turn, timers: logic.timers(state).map(({ timer }) => timer) }
}

function textOf(logic: ActorLogic, state: TurnResult['state']): string {
  try {
    return logic.save(state)
  } catch {
    return '{}'
  }
}

/** What tells a state from another one. */
function nameOf(logic: ActorLogic, { state, status }: Pick<TurnResult, 'state' | 'status'>): string {
  const { value, context, children = {} } = logic.view(state)
  const timers = logic.timers(state).map(({ event }) => event.type)
  const running = logic.running(state).map(({ effect }) => effect)
  const parts = Object.entries(children).map(([id, child]) => [id, child.value, child.status])
  return spell([status, value ?? context, timers, running, parts])
}

/** Leaves out what a longer way goes through anyhow. */
function longest(ways: readonly Way[]): Way[] {
  const texts = ways.map((way) => way.map((step) => JSON.stringify(step)).join('\n'))
  const covered = new Set<string>()
  for (const way of ways)
    for (let i = 1; i < way.length; i += 1)
      covered.add(
        way
          .slice(0, i)
          .map((step) => JSON.stringify(step))
          .join('\n'),
      )
  return ways.filter((_, i) => !covered.has(texts[i] ?? ''))
}
