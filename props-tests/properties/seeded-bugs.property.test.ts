import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { journalProperty } from '../support/journal-commands.ts'
import { JournalRun } from '../support/journal-run.ts'
import type { Work } from '../support/journal-run.ts'
import { rightSubject } from '../support/journal-subject.ts'
import { seededBugs } from '../support/seeded-bugs.ts'

/** Runs within which each bug must be found. The rarest, a sync that is tried again, takes about 40. */
const numRuns = 1500

const plainUse: readonly Work[] = [
  { do: 'commit', runs: [1, 2].map((mailbox) => ({ mailbox, count: 1, size: 100 })), events: [5] },
  { do: 'checkpoint', size: 30 },
  { do: 'commit', runs: [{ mailbox: 1, count: 3, size: 900 }], events: [] },
  { do: 'read' },
]

describe('the checker is checked', () => {
  for (const bug of seededBugs) {
    it(`SB2: plain use does not show the bug: ${bug.name}`, () => {
      const run = new JournalRun(bug.plant(rightSubject))
      for (const work of plainUse) run.step({ work })
    })
  }

  for (const bug of seededBugs.filter(({ trigger }) => trigger !== 'damage')) {
    it(`SB1: random crashes find the bug: ${bug.name}`, (context) => {
      const kinds = { crashes: true, faults: bug.trigger === 'failed-sync', full: false }
      const property = journalProperty(bug.plant(rightSubject), kinds)
      const result = fc.check(property, { numRuns, endOnFailure: true })
      assert.ok(result.failed, `not found in ${numRuns} runs, seed ${result.seed}`)
      context.diagnostic(`found after ${result.numRuns} runs: ${String(result.errorInstance).slice(0, 120)}`)
    })
  }
})
