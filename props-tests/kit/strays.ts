/**
 * What happened beside the handlers: by a producer of their own, or by work that no handler waits for.
 *
 * Owns: finding that such messages and calls are missing, or come too often. Leaves the handlers' own to `compare.ts`.
 *
 * SY1. How often a process calls outside beside its handlers is its own affair, and so is what it does before the first
 *      of them; but what it calls when nothing goes wrong is called at all.
 */
import { violation } from './comparison.ts'
import type { Comparison, Finding, Pair } from './comparison.ts'
import type { EffectNote } from './notes.ts'
import type { RunResult } from './scenario.ts'

/** What a process does behind the back of its handlers, by a queue in memory or an interval, is done at all. */
export function unowned({ run, reference, equal }: Comparison): Finding {
  const begunAt = reference.history.findIndex(({ kind }) => kind === 'begun')
  const wanted = unownedIn(reference).filter(({ index, happened }) => happened && index > begunAt)
  for (const call of wanted) {
    const same = run.notes.effects.filter(
      ({ kind, name, value }) =>
        kind === 'call' && name === call.name && equal(JSON.parse(value), JSON.parse(call.value)),
    )
    if (same.some(({ happened }) => happened)) continue
    const why = same.length > 0 ? 'the call failed, and nobody made it again' : 'what was to do it died'
    const text = `'${call.name}' with ${call.value} never happened, although all messages are done: no handler waits for it, and ${why}`
    const crashes = run.history.flatMap(({ kind }, index) => (kind === 'crashed' ? [index] : []))
    const events = [...crashes, ...same.map(({ index }) => index), run.history.length - 1]
    return violation('lost-effect', text, events)
  }
  return undefined
}

const unownedIn = ({ notes }: RunResult): EffectNote[] =>
  notes.effects.filter((effect) => effect.kind === 'call' && effect.run === undefined && !effect.mayRepeat)

/** Messages that handlers sent by a producer of their own lie in their topic as often as they should. */
export function strayMessages({ run, reference, own }: Comparison, pairs: readonly Pair[]): Finding {
  const here = readsOf(run, own)
  const there = readsOf(reference, own)
  for (const [name, { count, index }] of here) {
    const usual = there.get(name)?.count ?? 0
    if (count <= usual || (usual === 0 && !isSentTwice(pairs, name))) continue
    const text = `${name} lies there ${count} times instead of ${usual}: ${senderOf(run, name)} ran again, and sent it again: neither with its ack nor under a messageId that is the same each time`
    return violation('duplicated-effect', text, [...sendsOf(run, name), index])
  }
  for (const [name, { count }] of there) {
    if ((here.get(name)?.count ?? 0) >= count) continue
    const late = lateSend(reference, name)
    const text = `${name} is missing, although the message that it follows from is done${late}`
    return violation('lost-effect', text, [...sendsOf(run, name), run.history.length - 1])
  }
  return undefined
}

/** Who sends it, and did so again. */
function senderOf({ notes }: RunResult, name: string): string {
  const isLoops = notes.effects.some((effect) => {
    return sentName(effect) === name && notes.runs.get(effect.run ?? -1)?.isLoop === true
  })
  return isLoops ? 'its loop' : 'its handler'
}

/** Whether whoever sends it does not wait for it, as far as a run shows in which nothing goes wrong. */
function lateSend({ history, notes }: RunResult, name: string): string {
  const send = notes.effects.find((effect) => sentName(effect) === name)
  const asked = history[send?.index ?? -1]
  const note = notes.runs.get(send?.run ?? -1)
  if (asked?.kind !== 'sending' || asked.joined || note?.endedAt === undefined) return ''
  const told = history.findIndex((event) => event.kind === 'confirmed' && event.send === asked.send)
  const who = note.isLoop ? 'its loop' : 'its handler'
  return told < (note.isLoop ? (note.askedAt ?? note.endedAt) : note.endedAt)
    ? ''
    : `: ${who} does not wait for the promise of this send, so that nobody makes up for it when it fails or the process dies`
}

function isSentTwice(pairs: readonly Pair[], name: string): boolean {
  const runs = pairs.flatMap(({ here }) => here.effects.filter((effect) => sentName(effect) === name))
  return new Set(runs.map(({ run }) => run)).size > 1
}

function readsOf(
  { history }: RunResult,
  own: ReadonlySet<string>,
): Map<string, { count: number; index: number }> {
  const reads = new Map<string, { count: number; index: number }>()
  for (const [index, event] of history.entries()) {
    if (event.kind !== 'read' || own.has(event.topic)) continue
    const name = `a message ${event.value} in topic '${event.topic}'`
    reads.set(name, { count: (reads.get(name)?.count ?? 0) + 1, index })
  }
  return reads
}

const sentName = ({ kind, name, value }: EffectNote): string =>
  kind === 'send' ? `a message ${value} in topic '${name.slice('send to '.length)}'` : ''

function sendsOf({ notes }: RunResult, name: string): number[] {
  return notes.effects.filter((effect) => sentName(effect) === name).map(({ index }) => index)
}
