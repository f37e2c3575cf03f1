/**
 * A run, message by message: which runs of handlers it had, what they did, and whether it died.
 *
 * Owns: putting the notes of a run together. Leaves judging to `compare.ts`.
 */
import type { EffectNote, RunNote } from './notes.ts'
import type { RunResult } from './scenario.ts'

/** One message, as one group handled it. */
export interface MessageFacts {
  /** The group and the message. */
  readonly id: string
  readonly message: string
  readonly group: string
  readonly value: string
  readonly runs: readonly RunNote[]
  readonly effects: readonly EffectNote[]
  readonly isDead: boolean
  /** It has the same name in the reference. */
  readonly isNamed: boolean
}

/** All messages of a run, by group and name. */
export type Facts = ReadonlyMap<string, MessageFacts>

export function factsOf({ history, notes }: RunResult): Facts {
  const runsOf = new Map<string, RunNote[]>()
  for (const note of notes.runs.values()) push(runsOf, `${note.group} ${note.message}`, note)
  const effectsOf = new Map<number, EffectNote[]>()
  for (const effect of notes.effects) if (effect.run !== undefined) push(effectsOf, effect.run, effect)
  const dead = deadOf(history)
  const facts = new Map<string, MessageFacts>()
  for (const [id, runs] of runsOf) {
    const [first] = runs
    if (first === undefined) continue
    const { group, message, value, isNamed } = first
    const effects = runs.flatMap(({ run }) => effectsOf.get(run) ?? [])
    facts.set(id, { id, message, group, value, isNamed, runs, effects, isDead: dead.has(placeOf(first)) })
  }
  return facts
}

function deadOf(history: RunResult['history']): Set<string> {
  const dead = new Set<string>()
  for (const event of history) if (event.kind === 'listed') dead.add(placeOf(event))
  return dead
}

interface Held {
  readonly group: string
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

function placeOf({ group, topic, partition, offset }: Held): string {
  return `${group} ${topic}/${partition}@${offset}`
}

function push<Key, Item>(lists: Map<Key, Item[]>, key: Key, item: Item): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [item])
  else list.push(item)
}

/** How often each text occurs. */
export function countsOf(texts: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return counts
}

/** How often each text occurs in the one run where it occurs most. */
export function mostInOneRun(
  effects: readonly EffectNote[],
  text: (effect: EffectNote) => string,
): Map<string, number> {
  const most = new Map<string, number>()
  for (const run of new Set(effects.map((effect) => effect.run))) {
    const counts = countsOf(effects.filter((effect) => effect.run === run).map(text))
    for (const [name, count] of counts) most.set(name, Math.max(most.get(name) ?? 0, count))
  }
  return most
}
