/**
 * From a verdict to the error that a check rejects with.
 *
 * Owns: finding the words of the broken guarantee, and the line to paste. Leaves the report to `report/`.
 */
import { actorInvariants } from '../actor-invariants.ts'
import type { CheckCounts, FailureReport, Shrinking } from '../failure.ts'
import type { Invariant } from '../history.ts'
import { CheckFailedError } from './errors.ts'
import type { Verdict } from './judge.ts'
import { kitInvariants } from './kit-invariants.ts'
import { builtInInvariants, tellFailure } from './telling.ts'

/** What a check knows beside the verdict. */
export interface Telling {
  /** The function that the user called. */
  readonly name: 'checkTopic' | 'simulate' | 'enumerateCrashes' | 'checkActor'
  readonly title: string
  readonly invariants: readonly Invariant[]
  readonly pictures: string | false | undefined
  readonly counts: CheckCounts
  readonly replay: string
  readonly shrinking: Shrinking
}

export function failedCheck(
  { violation, history, reference, terms }: Verdict,
  telling: Telling,
): CheckFailedError {
  const { name, title, replay, counts, shrinking, pictures } = telling
  const known = [
    ...Object.values(kitInvariants),
    ...Object.values(actorInvariants),
    ...builtInInvariants,
    ...telling.invariants,
  ]
  const invariant = known.find((each) => each.name === violation.invariant) ?? {
    name: violation.invariant,
    guarantee: '',
    about: violation.text,
  }
  const failure: FailureReport = {
    ...{ title, invariant, violation, history, reference, terms, replay, counts, shrinking },
    replayLine: `${name}({ …, replay: '${replay}' })`,
  }
  return new CheckFailedError(tellFailure(failure, pictures), failure)
}
