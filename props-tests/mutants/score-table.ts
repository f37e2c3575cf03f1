/**
 * The table of measured sources on `docs/mutants.md`.
 *
 * Owns: reading its rows and putting a measured one in. Leaves measuring to `main.ts`, and to a test that the table lists
 * the sources of `targets.ts`, each with a score that is high enough.
 *
 * ST1. A row that is put in takes the place of its source's old row; rows stand in the order of the targets.
 * ST2. The table is laid out as the formatter of the project lays it out.
 */

/** A source, how many changes were tried in it, and how many of them a test noticed. */
export interface Score {
  readonly source: string
  readonly changes: number
  readonly noticed: number
}

/** Below this share, in per cent, tests are missing. */
export const scoreMin = 90

const titles = ['source', 'changes', 'noticed', 'share'] as const
const tablePattern = /^\| source +\| changes .*\n(?:\|.*\n)+/mu
const rowPattern = /^\| (\S+\.ts) +\| (\d+) +\| (\d+) +\|/gmu

/** The share of changes that were noticed, in per cent; 0 where nothing was tried. */
export function shareOf({ changes, noticed }: Score): number {
  return changes === 0 ? 0 : (100 * noticed) / changes
}

/** The rows of the table on a page. */
export function scoresOn(page: string): Score[] {
  const table = tablePattern.exec(page)?.[0] ?? ''
  return [...table.matchAll(rowPattern)].map(([, source = '', changes, noticed]) => ({
    source,
    changes: Number(changes),
    noticed: Number(noticed),
  }))
}

/** The page with this row in its table. `order`: all sources that the table may list. */
export function withScore(page: string, score: Score, order: readonly string[]): string {
  const rows = new Map([...scoresOn(page), score].map((row) => [row.source, row]))
  const sorted = order.flatMap((source) => rows.get(source) ?? [])
  return page.replace(tablePattern, () => tableOf(sorted))
}

function tableOf(scores: readonly Score[]): string {
  const rows = scores.map((score) => [
    score.source,
    String(score.changes),
    String(score.noticed),
    `${shareOf(score).toFixed(1)} %`,
  ])
  const widths = titles.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |\n`
  const rule = widths.map((width) => '-'.repeat(width))
  return [titles, rule, ...rows].map(line).join('')
}
