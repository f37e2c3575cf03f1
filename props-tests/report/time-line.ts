/**
 * The time line of a violation as text.
 *
 * Owns: the columns, the marks, and breaking long words.
 * Leaves to `scene.ts` what is told, to `words.ts` how.
 *
 * TL1. No line is wider than 100 columns, whatever a user's values hold.
 * TL2. The events that show the violation bear `>`, crashes bear `X`; nothing hangs on colour.
 */
import type { Row, Scene } from './scene.ts'
import { clean, cut, timeText, whatOf } from './words.ts'

/** No line of a report is wider. */
export const columnsMax = 100

interface Columns {
  readonly startMs: number
  readonly timeWidth: number
  readonly actorWidth: number
}

const actorWidthMax = 16
/** These do no wrong themselves: at them it was seen that something is missing. */
export const atTheEnd: ReadonlySet<string> = new Set(['drained', 'closed'])

/**
 * The lines of the time line.
 *
 * @param broken - the name to write below the event where the violation was noticed
 */
export function timeLineOf(scene: Scene, broken: string): string[] {
  const told = scene.rows.filter((row) => row.kind === 'told')
  const startMs = told[0]?.event.nowMs ?? 0
  const times = told.map(({ event }) => timeText(event.nowMs, startMs).length)
  const columns = {
    startMs,
    timeWidth: Math.max(4, ...times),
    actorWidth: Math.min(actorWidthMax, Math.max(7, ...told.map(({ actor }) => actor.length))),
  }
  const lines: string[] = []
  let life: number | undefined
  for (const row of scene.rows) {
    if (row.kind === 'told' && row.event.life !== life) {
      life = row.event.life
      lines.push(rule(`process ${life}`))
    }
    lines.push(...linesOf(row, columns, broken))
  }
  return lines
}

function linesOf(row: Row, columns: Columns, broken: string): string[] {
  const indent = ' '.repeat(columns.timeWidth + columns.actorWidth + 8)
  if (row.kind === 'folded') return [`${indent}… ${row.count} more event${row.count === 1 ? '' : 's'}`]
  const { event, shows, actor } = row
  const time = timeText(event.nowMs, columns.startMs).padStart(columns.timeWidth)
  const mark = event.kind === 'crashed' ? 'X' : shows === undefined ? ' ' : '>'
  const who = event.kind === 'crashed' ? '' : cut(actor, columns.actorWidth)
  const head = `  ${mark} ${time}  ${who.padEnd(columns.actorWidth)}  `
  const what = event.kind === 'crashed' ? `*** ${whatOf(row)} ***` : whatOf(row)
  const [first = '', ...rest] = wrap(what, columnsMax - head.length)
  const lines = [`${head}${first}`, ...rest.map((line) => `${indent}${line}`)]
  const when = atTheEnd.has(event.kind) ? 'noticed here, at the end' : 'broken here'
  return shows === 'noticed' ? [...lines, `${' '.repeat(indent.length - 4)}^^^ ${when}: ${broken}`] : lines
}

function rule(text: string): string {
  return `  --- ${text} ${'-'.repeat(Math.max(0, 56 - text.length))}`
}

/**
 * Breaks a text at blanks so that no line is wider than `width`; a word that is wider is cut.
 *
 * @example wrap('one two', 4) // ['one', 'two']
 */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of clean(text)
    .split(' ')
    .flatMap((each) => pieces(each, width))) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

function pieces(word: string, width: number): string[] {
  if (word.length <= width) return [word]
  return Array.from({ length: Math.ceil(word.length / width) }, (_, index) =>
    word.slice(index * width, (index + 1) * width),
  )
}
