/**
 * The judges of actors: each looks for one kind of guarantee that a run broke.
 *
 * Owns: their order. Leaves gathering facts to `actor-scenario.ts`, and pure turns to `pure-run.ts`.
 *
 * JA1. The disk is asked, and not the runtime. What a power cut could still take does not count as there.
 * JA2. What the code of an actor does wrong is told first: it explains the rest.
 */
import type { ActorFacts } from './actor-facts.ts'
import type { Finding } from './actor-findings.ts'
import { hiddenMemory, impurities, ownInvariant } from './behaviour-checkers.ts'
import { mailFromOutside, mailOfTopics, mailOfTurns } from './mail-checkers.ts'
import { effects, outputs, replies } from './output-checkers.ts'
import { states } from './state-checkers.ts'
import { timers } from './timer-checkers.ts'

/** The first guarantee that is broken. */
export function judgeActors(facts: ActorFacts): Finding {
  return judgeCode(facts) ?? first(hostCheckers, facts)
}

/** What the code does wrong. */
export function judgeCode(facts: ActorFacts): Finding {
  return first(codeCheckers, facts)
}

type Checkers = readonly ((facts: ActorFacts) => Finding)[]

function first(checkers: Checkers, facts: ActorFacts): Finding {
  for (const check of checkers) {
    const found = check(facts)
    if (found !== undefined) return found
  }
  return undefined
}

/** In this order they are asked. */
const codeCheckers: Checkers = [impurities, hiddenMemory, ownInvariant]
const hostCheckers: Checkers = [
  mailFromOutside,
  mailOfTopics,
  states,
  mailOfTurns,
  replies,
  outputs,
  timers,
  effects,
]
