/**
 * Figures out of rounds, and the table they stand in.
 *
 * Owns: medians, percentiles and columns. Leaves measuring to `load.ts`.
 */
import type { Round } from './load.ts'

export interface Figures {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/** The median over rounds of each figure. */
export function figuresOf(rounds: readonly Round[]): Figures {
  return {
    perSecond: median(rounds.map((round) => round.perSecond)),
    p50Ms: median(rounds.map((round) => percentile(round.latenciesMs, 0.5))),
    p99Ms: median(rounds.map((round) => percentile(round.latenciesMs, 0.99))),
  }
}

/** The median of the ratios of rounds that ran side by side: what shakes the machine shakes both. */
export function ratioOf(rounds: readonly Round[], base: readonly Round[]): number {
  return median(rounds.map((round, index) => round.perSecond / (base[index]?.perSecond ?? Number.NaN)))
}

export function median(values: readonly number[]): number {
  return percentile(Float64Array.from(values).sort(), 0.5)
}

/** Of sorted values; NaN when there are none. */
export function percentile(sorted: Float64Array, fraction: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? Number.NaN
}

/** Columns as wide as their widest cell; the first is aligned to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  )
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
  return rows.map(line).join('\n')
}

export const wholeNumber = (value: number): string => Math.round(value).toLocaleString('en')
export const milliseconds = (value: number): string => value.toFixed(value < 1 ? 3 : 2)
export const ratio = (value: number): string => value.toFixed(2)
