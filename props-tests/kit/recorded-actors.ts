/**
 * The actors as the user's code reaches them through `world.runtime`: the real ones, with what is sent to them noted.
 *
 * Owns: that the user's own definitions lead to those of this life, and noting sends by hand. Leaves the rest to the real
 * references.
 *
 * RA1. A send without an idempotency key is an effect of whatever runs: made again, it is there twice.
 */
import type { ActorDefinition } from '../../actors/index.ts'
import type { ActorRef, Runtime } from '../../runtime/index.ts'
import { jsonText } from './json.ts'
import type { Life } from './life.ts'
import { context } from './notes.ts'
import { withMembers } from './with-members.ts'

interface SendTerms {
  readonly idempotencyKey?: string
}

/** Members of a runtime that take a definition. */
export function recordedActors(life: Life, runtime: Runtime): Readonly<Record<string, unknown>> {
  const own = (definition: ActorDefinition): ActorDefinition => life.actors.get(definition) ?? definition
  return {
    actor: (definition: ActorDefinition, key: string, options?: { readonly input?: unknown }) =>
      recordedRef(life, runtime.actor(own(definition), key, options), `${definition.name}/${key}`),
    actorLetters: (definition: ActorDefinition) => runtime.actorLetters(own(definition)),
  }
}

function recordedRef(life: Life, ref: ActorRef, name: string): ActorRef {
  const noted =
    <Answer>(send: (event: never, terms?: SendTerms) => Promise<Answer>) =>
    async (event: never, terms?: SendTerms): Promise<Answer> => {
      const run = context.getStore()?.run?.run
      life.byHand(name, jsonText(event))
      const answer = await send(event, terms)
      note(life, { run, name, value: jsonText(event), isKeyed: terms?.idempotencyKey !== undefined })
      return answer
    }
  const members = {
    send: noted((event, terms) => ref.send(event, terms as object)),
    ask: noted((event, terms) => ref.ask(event, terms as object)),
  }
  return withMembers(ref, members)
}

function note(
  life: Life,
  sent: {
    readonly run: number | undefined
    readonly name: string
    readonly value: string
    readonly isKeyed: boolean
  },
): void {
  const { run, value, isKeyed } = sent
  const name = `an event to ${sent.name}`
  const index = life.tell({ kind: 'effect', run, name, value, error: false })
  if (index === undefined) return
  const about = { kind: 'call', happened: true, failed: false, mayRepeat: isKeyed } as const
  life.noteEffect({ index, life: life.number, run, name, value, isKeyed, ...about })
}
