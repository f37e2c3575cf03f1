/**
 * Promises of actors whose call outside was never made, and that are done all the same.
 *
 * Owns: what promises do and give when nothing goes wrong, and finding those that left it out. Leaves calls that were
 * made twice to `compare.ts`.
 *
 * LE1. An effect that says in what it gives that the call failed has lost nothing; neither has one that calls again.
 * LE2. What an effect calls is known by its like, of the same code and input, in runs in which nothing went wrong: only
 *      what every one of those calls is missed.
 */
import type { Violation } from '../history.ts'
import type { ActorFacts, EffectEnd } from './actor-facts.ts'
import { violation } from './comparison.ts'
import type { EffectNote } from './notes.ts'
import type { RunResult } from './scenario.ts'

export class EffectMemory {
  /** By code and input: what was given, and the calls that every run of it made. */
  readonly #known = new Map<string, { readonly outputs: Set<string>; calls: Set<string> }>()

  /** Takes in a run in which nothing went wrong. */
  learn({ ends }: ActorFacts, { notes }: RunResult): void {
    const calls = callsIn(notes.effects)
    for (const end of ends) {
      const made = new Set(calls.filter(({ run, happened }) => run === end.run && happened).map(nameOf))
      const known = this.#known.get(likeOf(end)) ?? { outputs: new Set(), calls: made }
      known.outputs.add(end.output)
      known.calls = both(known.calls, made)
      this.#known.set(likeOf(end), known)
    }
  }

  /** A call that is missing. */
  lost(facts: ActorFacts, { notes }: RunResult): Violation | undefined {
    const calls = callsIn(notes.effects)
    const waiting = new Set(
      [...facts.pure.values()].flatMap(({ running }) => [...running.values()].map(({ id }) => id)),
    )
    for (const end of facts.ends) {
      const known = this.#known.get(likeOf(end))
      if (known === undefined || waiting.has(end.id) || !known.outputs.has(end.output)) continue
      const missing = [...known.calls].find(
        (name) => !calls.some((call) => call.happened && nameOf(call) === name),
      )
      if (missing === undefined) continue
      const failed = calls.find((call) => call.run === end.run && call.failed && nameOf(call) === missing)
      const why =
        failed === undefined
          ? 'it was done before the call was, and then the process died'
          : 'the call failed, and it went on as if it had not'
      const text = `'${missing.replace('\n', "' with ")} never happened, and effect '${end.id}' (${end.src}) is done with ${end.output}: ${why}`
      const crashes = failed === undefined ? facts.crashes : []
      return violation('lost-effect', text, [end.index, failed?.index ?? -1, ...crashes, facts.last])
    }
    return undefined
  }
}

function callsIn(effects: readonly EffectNote[]): EffectNote[] {
  return effects.filter(({ kind, mayRepeat }) => kind === 'call' && !mayRepeat)
}

function both(left: ReadonlySet<string>, right: ReadonlySet<string>): Set<string> {
  return new Set([...left].filter((item) => right.has(item)))
}

const nameOf = ({ name, value }: EffectNote): string => `${name}\n${value}`
const likeOf = ({ src, input }: EffectEnd): string => `${src}\n${input}`
