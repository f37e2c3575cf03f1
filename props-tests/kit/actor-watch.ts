/**
 * What is seen of actors in a run, over all lives.
 *
 * Owns: noting it with how far the actor was durable just then. Leaves judging to `actor-checkers.ts`.
 */
import { effectId, markEffect } from '../../actors/index.ts'
import type { RunArguments } from '../../actors/index.ts'
import type { EffectEnd, Posted, Seen } from './actor-facts.ts'
import type { ActorLog } from './actor-log.ts'
import { jsonText, spell } from './json.ts'
import { lossIn } from './json-losses.ts'
import type { Life } from './life.ts'
import type { RunNote } from './notes.ts'
import type { Fault } from './turn-lint.ts'

const TURNS_AT_ONCE = 1_000

export class ActorWatch {
  readonly log: ActorLog
  readonly seen: Seen[] = []
  readonly ends: EffectEnd[] = []
  readonly selfSent = new Map<string, string[]>()
  /** What custom actions did to the state that they were given. */
  readonly faults: (Fault & { readonly index: number })[] = []
  readonly #turns = new Map<string, number>()
  #instant = { nowMs: -1, turns: 0 }
  /** Turns go on for ever without any time going by. */
  isEndless = false

  constructor(log: ActorLog) {
    this.log = log
  }

  /** An actor began to take a turn; the last telling of a number counts. */
  turned(who: string, turn: number, index: number): void {
    this.#turns.set(`${who} ${turn}`, index)
  }

  /** Counts turns in which no time goes by: more than any burst makes, and the process is ended. */
  taken(life: Life, who: string): void {
    const nowMs = life.clock.nowMs()
    if (nowMs !== this.#instant.nowMs) this.#instant = { nowMs, turns: 0 }
    this.#instant.turns += 1
    if (this.#instant.turns < TURNS_AT_ONCE || this.isEndless || life.isDead) return
    const text = `${TURNS_AT_ONCE} turns were taken one after the other, without any time going by, and the end is not in sight; the last is one of ${who}`
    this.#fault(life, { invariant: 'never-rests', text })
    this.isEndless = true
    life.diedAt = 'as its turns had no end'
    life.dieNow()
  }

  indexOf(actor: string, key: string, turn: number): number {
    return this.#turns.get(`${actor}/${key} ${turn}`) ?? -1
  }

  started(life: Life, { id, child }: RunArguments, actor: string): void {
    const key = keyOf(id, actor)
    this.note(life, { what: 'started', actor, key, text: id, place: `${id} ${child}` })
  }

  acted(
    life: Life,
    { id, isUnconfirmed }: { readonly id: string; readonly isUnconfirmed: boolean },
    actor: string,
  ): void {
    this.note(life, { what: 'acted', actor, key: keyOf(id, actor), text: id, isUnconfirmed })
  }

  /** Code outside of turns changed what it was given. */
  changed(life: Life, what: string, text: string): void {
    const words = `${what} changed the state in place: ${text}; what is in memory is no longer what is on disk`
    this.#fault(life, { invariant: 'changed-state', text: words })
  }

  /** What comes back to the actor is a mail: JSON. */
  returned(life: Life, what: string, value: unknown): void {
    const loss = lossIn(value)
    if (loss === undefined) return
    const text = `what ${what} is not what arrives, as it is stored as JSON: ${loss}`
    this.#fault(life, { invariant: 'not-durable', text })
  }

  /** It went on after its end: nobody waits for it, and no other process does it. */
  late(life: Life, id: string, text: string): void {
    const words = `custom action '${id}' sent ${text} to its actor after it was over: a process that dies in between takes it along, and none begins it again`
    this.#fault(life, { invariant: 'lost-effect', text: words })
  }

  #fault(life: Life, fault: Fault): void {
    if (!life.isDead) this.faults.push({ ...fault, index: life.recorder.length - 1 })
  }

  ended({
    note,
    id,
    src,
    output,
  }: {
    readonly note: RunNote
    readonly id: string
    readonly src: string
    readonly output: unknown
  }): void {
    const { run, value, endedAt = -1 } = note
    this.ends.push({ run, id, src, input: value, output: spell(output), index: endedAt })
  }

  /** Code outside of turns sends an event: it may do so again. */
  byHand(name: string, text: string): void {
    const sent = this.selfSent.get(name) ?? []
    sent.push(text)
    this.selfSent.set(name, sent)
  }

  /** `self` of a custom action, whose sends are noted. */
  selfOf(
    self: object,
    id: string,
    { actor, sends }: { readonly actor: string; readonly sends: (text: string) => void },
  ): object {
    const name = `${actor}/${keyOf(id, actor)}`
    const own = self as { readonly send: (event: unknown) => void }
    const watched = {
      ...self,
      send: (event: unknown) => {
        sends(jsonText(event))
        this.byHand(name, jsonText(event))
        own.send(event)
      },
    }
    markEffect(watched, effectId(self))
    return watched
  }

  note(
    life: Life,
    seen: Pick<Seen, 'what' | 'actor' | 'key' | 'text'> & {
      readonly posted?: Posted
      readonly place?: string
      readonly isSafe?: boolean
      readonly isUnconfirmed?: boolean
    },
  ): void {
    if (life.isDead) return
    const { what, actor, key, text } = seen
    const durable = this.log.durableTurn(actor, key)
    const index = life.recorder.length - 1
    this.seen.push({ ...seen, what, actor, key, text, life: life.number, index, durable })
  }
}

/** Of the actor that an effect's id names: `<definition>/<key>/<turn>:<index>`. */
function keyOf(id: string, actor: string): string {
  return id.slice(actor.length + 1, id.lastIndexOf('/'))
}
