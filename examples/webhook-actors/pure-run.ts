/**
 * What must come out: the same days with live machines of XState and its simulated clock, and nothing of the runtime's.
 *
 * Owns: the states by subject after every day, and the sums that follow from them.
 */
import { createActor, SimulatedClock, type Actor } from 'xstate'
import { DAY_MS, issue, pullRequest, type Past } from './lifecycle.ts'
import { happened, type Kind, type Script } from './script.ts'

/** The state of an actor, in words that JSON keeps. */
export interface State {
  readonly kind: Kind
  readonly value: unknown
  readonly context: Past
}

export type States = Readonly<Record<string, State>>

/** What must have happened until … */
export interface Sums {
  readonly events: number
  readonly stale: number
  readonly told: number
}

export interface ExpectedDay {
  /** … the day begins and what fell due before has been done, */
  readonly dawn: Sums
  /** … and the day is over. */
  readonly dusk: Sums
}

export interface Expected {
  readonly days: readonly ExpectedDay[]
  readonly states: States
}

interface Live {
  readonly kind: Kind
  readonly actor: Actor<typeof pullRequest> | Actor<typeof issue>
}

export async function pureRun(script: Script): Promise<Expected> {
  const clock = new SimulatedClock()
  const lives = new Map<string, Live>()
  const days: ExpectedDay[] = []
  for (const { day, deliveries } of script.days) {
    clock.set(day * DAY_MS)
    const dawn = await settledSums(lives)
    for (const delivery of deliveries) {
      const webhook = script.webhook(delivery)
      const live = lives.get(webhook.subject) ?? born(webhook.kind, clock)
      lives.set(webhook.subject, live)
      live.actor.send(happened(delivery, webhook))
    }
    days.push({ dawn, dusk: await settledSums(lives) })
  }
  return { days, states: Object.fromEntries([...lives].map(([subject, live]) => [subject, stateOf(live)])) }
}

function born(kind: Kind, clock: SimulatedClock): Live {
  const actor = kind === 'issue' ? createActor(issue, { clock }) : createActor(pullRequest, { clock })
  actor.start()
  return { kind, actor }
}

/** Once the promises that were started have had their say. */
async function settledSums(lives: ReadonlyMap<string, Live>): Promise<Sums> {
  await new Promise(setImmediate)
  return sumsOf([...lives.values()].map(({ actor }) => actor.getSnapshot().context))
}

export function sumsOf(pasts: readonly Past[]): Sums {
  const sum = (of: (past: Past) => number): number => pasts.reduce((all, past) => all + of(past), 0)
  return {
    events: sum(({ events }) => events),
    stale: sum(({ stale }) => stale),
    told: sum(({ told }) => told),
  }
}

function stateOf({ kind, actor }: Live): State {
  const { value, context } = actor.getSnapshot()
  return { kind, value, context }
}
