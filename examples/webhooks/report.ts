/**
 * The closing words: totals, table, verdict.
 *
 * Owns: the text. Leaves what is right to the audit.
 */
import type { Check, Verdict } from './audit.ts'
import type { Recovery } from './deaths.ts'
import type { Story } from './phases.ts'
import type { Totals } from './ledger.ts'

const LARGEST = 5

export const count = (value: number): string => value.toLocaleString('en-US')
export const row = (name: string, value: string, meaning: string): string =>
  `  ${name.padEnd(26)}${value.padStart(12)}   ${meaning}`

export function describeTotals(totals: Totals): string[] {
  const all = Object.entries(totals).toSorted(([, a], [, b]) => b.events - a.events)
  const shown = all.slice(0, LARGEST)
  const rows = shown.map(([key, { events, bytes }]) =>
    row(key, count(events), `events, ${count(bytes)} bytes`),
  )
  const left = all.length - shown.length
  return ['the handler’s totals:', ...rows, ...(left > 0 ? [`  … and ${count(left)} more keys`] : [])]
}

export function describeTable(verdict: Verdict, story: Story): string[] {
  const checks = verdict.checks.map(describeCheck)
  return [
    'what came of it:',
    ...checks,
    row('redelivered', count(verdict.redelivered), 'attempt 2 or later: a kill took the attempt before'),
    row(
      'sends answered as repeats',
      count(story.repeats),
      'outcome unknown after a kill, tried again, stored once',
    ),
    ...(story.otherDeaths > 0 ? [row('other deaths', count(story.otherDeaths), 'by a signal not ours')] : []),
    ...describeRecoveries(story.recoveries),
  ]
}

export function describeCheck({ name, found, expected, meaning }: Check): string {
  const verdict = found === expected ? meaning : `FAILED, must be ${count(expected)}: ${meaning}`
  return row(name, count(found), verdict)
}

export function describeRecoveries(recoveries: readonly Recovery[]): string[] {
  const of = (name: string, values: readonly number[], meaning: string): string =>
    row(name, `${ms(median(values))} ms`, `median, at most ${ms(Math.max(...values))} ms: ${meaning}`)
  if (recoveries.length === 0) return []
  return [
    row('recoveries', count(recoveries.length), 'times the directory was opened after a kill'),
    of(
      'time per recovery',
      recoveries.map(({ journalMs }) => journalMs),
      'the journal is read and its tail repaired',
    ),
    of(
      'openRuntime',
      recoveries.map(({ openMs }) => openMs),
      'what the program waits for, compiling TypeScript included',
    ),
    of(
      'back at work',
      recoveries.map(({ readyMs }) => readyMs),
      'from the start of the process',
    ),
  ]
}

const ms = (value: number): string => count(Math.round(value))

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2
}

/** The checks that did not hold, by name. */
export function failures({ checks }: Pick<Verdict, 'checks'>): string[] {
  return checks
    .filter(({ found, expected }) => found !== expected)
    .map(({ name, found, expected }) => `${name} is ${count(found)}, must be ${count(expected)}`)
}
