/**
 * The sources in which every small change must be noticed by a test.
 *
 * Owns: which they are, and the fast tests that must notice. Leaves running them to `main.ts`, and what is said of the
 * changes that nobody notices to docs/mutants.md.
 */

export interface Target {
  readonly source: string
  /** The tests that are run for each change, the fastest first; others may notice it too, but take too long. */
  readonly tests: readonly string[]
}

const unit = (folder: string, ...names: string[]): string[] =>
  names.map((name) => `props-tests/unit/${folder}/${name}.test.ts`)

const identity = unit('persistence', 'owner-liveness')

export const targets: readonly Target[] = [
  { source: 'persistence/frame.ts', tests: unit('persistence', 'frame') },
  { source: 'persistence/recovery-table.ts', tests: unit('persistence', 'recovery-table') },
  { source: 'persistence/recovery.ts', tests: unit('persistence', 'recovery', 'journal-state', 'damage') },
  { source: 'persistence/clean-up.ts', tests: unit('persistence', 'clean-up', 'recovery') },
  { source: 'persistence/examine.ts', tests: unit('persistence', 'examine', 'damage') },
  { source: 'persistence/tail.ts', tests: unit('persistence', 'tail') },
  { source: 'persistence/survey.ts', tests: unit('persistence', 'survey', 'claim') },
  { source: 'persistence/prepare-directory.ts', tests: unit('persistence', 'prepare-directory') },
  { source: 'persistence/claim.ts', tests: unit('persistence', 'claim', 'ownership') },
  { source: 'persistence/closed-record.ts', tests: unit('persistence', 'claim') },
  { source: 'persistence/ownership.ts', tests: unit('persistence', 'ownership') },
  { source: 'persistence/owner-liveness.ts', tests: identity },
  { source: 'persistence/owner-identity.ts', tests: identity },
  { source: 'persistence/courtesy-lock.ts', tests: unit('persistence', 'courtesy-lock') },
  { source: 'actors/retry-policy.ts', tests: unit('actors', 'retry-policy') },
  { source: 'actors/producer-machine.ts', tests: unit('actors', 'producer-table', 'producer-machine') },
  { source: 'actors/broker-machine.ts', tests: unit('actors', 'broker-table', 'broker-machine') },
  { source: 'actors/consumer-machine.ts', tests: unit('actors', 'consumer-table', 'consumer-machine') },
  { source: 'actors/delivery-machine.ts', tests: unit('actors', 'delivery-table', 'delivery-machine') },
]
