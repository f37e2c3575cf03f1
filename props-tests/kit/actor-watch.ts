/**
 * What is seen of actors in a run, over all lives.
 *
 * Owns: noting it with how far the actor was durable just then. Leaves judging to `actor-checkers.ts`.
 */
import { effectId, markEffect } from '../../actors/index.ts'
import type { RunArguments } from '../../actors/index.ts'
import type { EffectEnd, Posted, Seen } from './actor-facts.ts'
import type { ActorLog } from './actor-log.ts'
import { spell } from './json.ts'
import type { Life } from './life.ts'
import type { RunNote } from './notes.ts'
import type { Fault } from './turn-lint.ts'

export class ActorWatch {
  readonly log: ActorLog
  readonly seen: Seen[] = []
  readonly ends: EffectEnd[] = []
  readonly selfSent = new Map<string, string[]>()
  /** What custom actions did to the state that they were given. */
  readonly faults: (Fault & { readonly index: number })[] = []
  readonly #turns = new Map<string, number>()

  constructor(log: ActorLog) {
    this.log = log
  }

  /** An actor began to take a turn; the last telling of a number counts. */
  turned(who: string, turn: number, index: number): void {
    this.#turns.set(`${who} ${turn}`, index)
  }

  indexOf(actor: string, key: string, turn: number): number {
    return this.#turns.get(`${actor}/${key} ${turn}`) ?? -1
  }

  started(life: Life, { id, child }: RunArguments, actor: string): void {
    const key = keyOf(id, actor)
    this.note(life, { what: 'started', actor, key, text: id, place: `${id} ${child}` })
  }

  acted(life: Life, id: string, actor: string): void {
    this.note(life, { what: 'acted', actor, key: keyOf(id, actor), text: id })
  }

  /** A custom action changed what it was given. */
  changed(life: Life, id: string, text: string): void {
    if (life.isDead) return
    const words = `custom action '${id}' changed the state in place: ${text}; what is in memory is no longer what is on disk`
    this.faults.push({ invariant: 'changed-state', text: words, index: life.recorder.length - 1 })
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

  /** `self` of a custom action, whose sends are noted. */
  selfOf(self: object, id: string, actor: string): object {
    const name = `${actor}/${keyOf(id, actor)}`
    const own = self as { readonly send: (event: unknown) => void }
    const watched = {
      ...self,
      send: (event: unknown) => {
        const sent = this.selfSent.get(name) ?? []
        sent.push(JSON.stringify(event))
        this.selfSent.set(name, sent)
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
