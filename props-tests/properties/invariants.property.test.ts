/**
 * The checkers are checked: a right history with one thing made wrong must be found, by a checker that says so.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { History } from '../history.ts'
import { allInvariants } from '../invariants/index.ts'
import type { Crash } from '../support/journal-run.ts'
import { historyEdits } from '../support/history-edits.ts'
import { runtimeTerms } from '../support/runtime-book.ts'
import { carryOut } from '../support/runtime-commands.ts'
import type { Plan, RuntimeCommand } from '../support/runtime-run.ts'

function plans(...keys: number[]): Plan[] {
  return keys.map((key) => ({ key, padBytes: 20 + key, delayMs: 0 }))
}

const crash: Crash = { call: 4, moment: 'within', kind: 'power', tape: [1, 0] }

const commands: readonly RuntimeCommand[] = [
  { work: { do: 'send', producer: 0, plans: plans(0, 1, 0, 2, 0, 3) } },
  { work: { do: 'advance', ms: 60 }, crashes: [crash] },
  { work: { do: 'batch', producer: 1, plans: plans(0, 1, 2) } },
  { work: { do: 'send', producer: 2, plans: plans(1, 1, 2, 2) } },
  { work: { do: 'advance', ms: 200 } },
  { work: { do: 'send', producer: 1, plans: plans(3, 0, 2, 1) }, crashes: [{ ...crash, kind: 'kill' }] },
  { work: { do: 'resend' } },
]

/** The names of all invariants that a history breaks. */
function brokenIn(history: History): string[] {
  return allInvariants.flatMap(({ check }) => check(history, runtimeTerms)?.invariant ?? [])
}

describe('right histories, made wrong by one edit', async () => {
  const { history } = (await carryOut({ name: 'none' }, commands)).book

  it('the history is right as it is', () => assert.deepEqual(brokenIn(history), []))

  for (const { name, found, edit } of historyEdits) {
    it(`${found.join(' or ')} finds: ${name}`, () => {
      const property = fc.property(fc.nat(), (chance) => {
        const wrong = edit(history, (count) => chance % count)
        assert.ok(wrong !== undefined, 'the recorded history has no place for it')
        const heard = brokenIn(wrong)
        assert.ok(
          heard.some((each) => found.includes(each)),
          `heard ${heard.join(', ') || 'nothing'}`,
        )
      })
      fc.assert(property, { numRuns: 60 })
    })
  }
})
