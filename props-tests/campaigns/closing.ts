/**
 * How a campaign tells what it did.
 *
 * Owns: the progress line, the closing text and the verdict. Leaves printing to `campaign.ts`.
 *
 * CL1. The verdict is good only without a violation, and only when every situation was met (or the run was too short
 *      to ask for that, by `--partial`).
 * CL2. Each violation is told by name, with its smallest case and a line that runs it again.
 */
import { missing, situations } from './situations.ts'
import type { Counts, Tally } from './tally.ts'
import type { Found } from './task.ts'

export interface Closing {
  readonly tally: Tally
  readonly found: readonly Found[]
  readonly seed: number
  readonly elapsedMs: number
  readonly bug: string | undefined
  /** Too short to demand every situation. */
  readonly isPartial: boolean
}

export function isGood({ tally, found, isPartial }: Closing): boolean {
  return found.length === 0 && (isPartial || missing(tally).length === 0)
}

/** One line about a campaign that goes on. */
export function progressLine(
  tally: Tally,
  found: number,
  times: { elapsedMs: number; leftMs: number },
): string {
  const crashes = tally.total('crashes')
  const met = Object.keys(situations).length - missing(tally).length
  const rate = Math.round(crashes / Math.max(1, times.elapsedMs / 1000))
  return [
    `${clock(times.leftMs)} left`,
    `${number(tally.total('runs'))} runs`,
    `${number(crashes)} crashes (${number(rate)}/s)`,
    `${number(tally.total('faults'))} faults`,
    `${number(tally.total('images'))} images`,
    `situations ${met}/${Object.keys(situations).length}`,
    `${found} violations`,
  ].join(' | ')
}

/** The whole report. */
export function closingText(closing: Closing): string {
  const { tally, found, seed, elapsedMs } = closing
  const crashes = tally.total('crashes')
  const rate = number(Math.round(crashes / Math.max(1, elapsedMs / 1000)))
  return [
    '',
    `campaign of seed ${seed}, ${clock(elapsedMs)}`,
    `runs        ${number(tally.total('runs'))}  (${listed(tally.data.runs)})`,
    `crashes     ${number(crashes)}, each recovered and judged in full, ${rate}/s`,
    `            (${listed(tally.data.crashes)})`,
    `images      ${number(tally.total('images'))} damaged directories opened  (${listed(tally.data.images)})`,
    `faults      ${number(tally.total('faults'))} injected  (${listed(tally.data.faults)})`,
    'situations',
    ...situationLines(tally),
    `violations  ${found.length}`,
    ...found.flatMap((one) => violationLines(one, closing)),
    isGood(closing) ? 'good' : 'NOT good',
  ].join('\n')
}

function situationLines(tally: Tally): string[] {
  return Object.entries(situations).map(([name, about]) => {
    const count = tally.count('situations', name)
    return `  ${(count === 0 ? 'NEVER' : number(count)).padStart(9)}  ${name.padEnd(20)} ${about}`
  })
}

/** What is known of a violation, with the line that runs it again. */
export function violationLines(
  { invariant, text, example, replay }: Found,
  { bug }: { bug: string | undefined },
): string[] {
  const planted = bug === undefined ? '' : ` --bug '${bug}'`
  return [
    '',
    `  ${invariant}: ${text}`,
    `  case:   ${example}`,
    `  replay: npm run campaign -- --replay '${replay}'${planted}`,
  ]
}

function listed(counts: Counts): string {
  return Object.entries(counts)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, count]) => `${name} ${number(count)}`)
    .join(', ')
}

function number(value: number): string {
  return value.toLocaleString('en-US')
}

function clock(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
