/**
 * The instants at which a process can die, and their words.
 *
 * Owns: listing them, spelling one for a replay, reading it again. Leaves dying there to `simulation.ts`.
 *
 * PT1. What is spelt is read as the same instant; anything else is refused by name.
 */
import { CheckUsageError } from './errors.ts'
import type { Death, Mishap } from './mishap.ts'
import type { RunResult } from './scenario.ts'

/** One instant at which the process dies. */
export interface Point {
  readonly step: number
  readonly mishap: Mishap
}

export const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1)

export function deathOf(call: number, moment: Death['moment'], kind: Death['kind']): Death {
  return { call, moment, kind, tape: [] }
}

/** All instants of a workload that went through `sizes`, in its order. */
export function pointsOf({ sizes }: RunResult): Point[] {
  return sizes.flatMap(({ calls, steps }, step) => [
    ...numbers(calls).flatMap((call) =>
      deathsAt(call).map((death): Point => ({ step, mishap: { do: 'crash', death } })),
    ),
    ...numbers(steps).map((nth): Point => ({
      step,
      mishap: { do: 'handler-crash', nth, kind: 'kill', tape: [] },
    })),
  ])
}

function deathsAt(call: number): Death[] {
  return (['before', 'within', 'after'] as const).flatMap((moment) => [
    deathOf(call, moment, 'kill'),
    deathOf(call, moment, 'power'),
  ])
}

/** Each of the first calls of the outside fails, in each step that makes some. */
export function failuresOf({ sizes, notes }: RunResult): Point[] {
  const hasCalls = notes.effects.some(({ kind }) => kind === 'call')
  if (!hasCalls) return []
  const hows = ['fails', 'fails-after'] as const
  return sizes.flatMap((_, step) =>
    [1, 2].flatMap((nth) => hows.map((how): Point => ({ step, mishap: { do: 'effect', nth, how } }))),
  )
}

/** `step:call:moment:kind`, or `step:handler:nth`; with what follows in the recovery. */
export function spellPoint({ step, mishap }: Point): string {
  if (mishap.do === 'handler-crash') return `${step}:handler:${mishap.nth}`
  if (mishap.do === 'effect') return `${step}:effect:${mishap.nth}:${mishap.how}`
  if (mishap.do !== 'crash') return String(step)
  const words = [mishap.death, mishap.again].map((death) =>
    death === undefined ? [] : [death.call, death.moment, death.kind],
  )
  return [step, ...words.flat()].join(':')
}

const DEATH = String.raw`\d+:(?:before|within|after):(?:kill|power)`

/** @throws CheckUsageError */
export function readPoint(word: string): Point {
  const handler = /^(\d+):handler:(\d+)$/.exec(word)
  if (handler !== null) {
    const nth = Number(handler[2])
    return { step: Number(handler[1]), mishap: { do: 'handler-crash', nth, kind: 'kill', tape: [] } }
  }
  const effect = /^(\d+):effect:(\d+):(fails|fails-after)$/.exec(word)
  if (effect !== null) {
    const how = effect[3] === 'fails' ? 'fails' : 'fails-after'
    return { step: Number(effect[1]), mishap: { do: 'effect', nth: Number(effect[2]), how } }
  }
  const found = new RegExp(`^(\\d+):(${DEATH})(?::(${DEATH}))?$`).exec(word)
  if (found === null) {
    throw new CheckUsageError(
      `replay must be a word that enumerateCrashes printed, such as '0:3:before:kill'; it is '${word}'`,
    )
  }
  const [, step, first = '', again] = found
  const next = again === undefined ? undefined : readDeath(again)
  return { step: Number(step), mishap: { do: 'crash', death: readDeath(first), again: next } }
}

function readDeath(word: string): Death {
  const [call, moment, kind] = word.split(':')
  return deathOf(Number(call), moment as Death['moment'], kind as Death['kind'])
}
