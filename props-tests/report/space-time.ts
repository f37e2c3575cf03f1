/**
 * The space-time picture of a violation: time runs down, each party has a line, and what passes between two parties
 * is an arrow.
 *
 * Owns: which shape tells which event. Leaves to `stage.ts` where things stand, to `svg.ts` the shapes.
 *
 * RST1. The picture holds at most as many events as a scene may, however long the history is.
 * RST2. It stands alone: no script, no outside font or image, a ground of its own; all text is escaped.
 * RST3. A crash breaks the lines of the process; the disk and the world outside go on.
 */
import type { History, HistoryEvent, Violation } from '../history.ts'
import { sceneOf } from './scene.ts'
import type { Scene } from './scene.ts'
import { Spans } from './spans.ts'
import { diskName, laneOf, livesOf, outsideName, stageOf } from './stage.ts'
import type { PlacedRow, Stage } from './stage.ts'
import { arrow, badge, box, cross, escaped, ink, line, tag, words, zigzag } from './svg.ts'
import type { Colour } from './svg.ts'
import { atTheEnd, wrap } from './time-line.ts'
import { cut, messageText } from './words.ts'

const rowsMax = 60
const messagesMax = 12
const marginX = 24
/** Per line of the head. */
const headLettersMax = 105
const textLettersMax = 600
const fonts = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', Arial, sans-serif"

/**
 * Draws a violation as a standalone SVG document.
 *
 * @example writeFileSync('failure.svg', drawSpaceTime(history, violation))
 */
export function drawSpaceTime(history: History, violation: Violation): string {
  const scene = sceneOf(history, violation, rowsMax)
  const head = headOf(scene, violation)
  const stage = stageOf(scene, head.bottom + 44)
  const height = stage.bottom + 64
  const parts = [
    tag('title', {}, escaped(cut(`${violation.invariant}: ${violation.text}`, textLettersMax))),
    box({ x: 0, y: 0, width: stage.width, height }, { fill: ink.ground }),
    ...head.parts,
    ...stage.rows.map((row) => groundOf(row, stage)),
    ...laneLines(stage),
    ...new Spans(stage).drawn(),
    ...stage.rows.flatMap((row) => [...shapesOf(row, stage), ...wordsOf(row, stage, violation)]),
    ...legendOf(stage),
  ]
  const size = { width: stage.width, height, viewBox: `0 0 ${stage.width} ${height}` }
  const root = { xmlns: 'http://www.w3.org/2000/svg', ...size, role: 'img', 'font-family': fonts }
  return `${tag('svg', root, `\n${parts.filter((part) => part !== '').join('\n')}\n`)}\n`
}

/** The guarantee, what was found, and which letter is which message. */
function headOf(scene: Scene, violation: Violation): { readonly parts: string[]; readonly bottom: number } {
  const parts = [
    words({ x: marginX, y: 34 }, cut(violation.invariant, 60), {
      'font-size': 19,
      'font-weight': 'bold',
      fill: ink.bad,
    }),
  ]
  let y = 38
  const put = (text: string, style: Readonly<Record<string, string | number>>): void => {
    for (const each of wrap(text, headLettersMax))
      parts.push(words({ x: marginX, y: (y += 18) }, each, style))
  }
  put(cut(violation.text, textLettersMax), { 'font-size': 13.5 })
  y += 6
  for (const message of scene.messages.slice(0, messagesMax))
    put(`${message.letter} = ${messageText(message)}`, { fill: ink.pale })
  const more = scene.messages.length - messagesMax
  if (more > 0) put(`… and ${more} more messages`, { fill: ink.pale })
  return { parts, bottom: y }
}

function groundOf({ row, top, height }: PlacedRow, stage: Stage): string {
  if (row.kind === 'folded' || row.shows === undefined) return ''
  const fill = row.shows === 'noticed' ? ink.noticedGround : ink.showsGround
  return box({ x: 8, y: top + 2, width: stage.width - 16, height: height - 4 }, { fill, rx: 4 })
}

/** The name of each lane, and its line: whole where it lasts, broken where the process was dead. */
function laneLines(stage: Stage): string[] {
  const { lanes, top, bottom } = stage
  const lives = livesOf(stage)
  return lanes.flatMap(({ name, x, isLasting }) => {
    const label = words({ x, y: top - 16 }, cut(name, 18), { 'text-anchor': 'middle', 'font-weight': 'bold' })
    const stretches = isLasting ? [{ from: top, to: bottom }] : lives
    const style = { 'stroke-width': name === diskName ? 3 : 1.6 }
    return [label, ...stretches.map(({ from, to }) => line({ x, y: from }, { x, y: to }, style))]
  })
}

function wordsOf(
  { row, y, top, height, words: lines, time }: PlacedRow,
  stage: Stage,
  violation: Violation,
): string[] {
  const firstY = y - ((lines.length - 1) * 16) / 2 + 4
  const isCrash = row.kind === 'told' && row.event.kind === 'crashed'
  const style =
    row.kind === 'folded' ? { fill: ink.pale } : isCrash ? { fill: ink.bad, 'font-weight': 'bold' } : {}
  const noticed = row.kind === 'told' && row.shows === 'noticed' ? row.event : undefined
  return [
    words({ x: marginX + 58, y: y + 4 }, time, { 'text-anchor': 'end', fill: ink.pale, 'font-size': 11 }),
    ...lines.map((text, index) => words({ x: stage.wordsX, y: firstY + index * 16 }, text, style)),
    ...(noticed === undefined
      ? []
      : [noticeOf(violation, { x: stage.width - 20, y: top + height + 1, kind: noticed.kind })]),
  ]
}

interface Notice {
  readonly x: number
  readonly y: number
  readonly kind: string
}

function noticeOf({ invariant }: Violation, { x, y, kind }: Notice): string {
  const text = `${atTheEnd.has(kind) ? 'noticed here, at the end' : 'broken here'}: ${cut(invariant, 40)}`
  const width = text.length * 6.6 + 20
  const style = { 'text-anchor': 'middle', 'font-weight': 'bold', fill: ink.ground, 'font-size': 11.5 }
  return (
    box({ x: x - width, y: y - 9, width, height: 19 }, { fill: ink.bad, rx: 9 }) +
    words({ x: x - width / 2, y: y + 5 }, text, style)
  )
}

/** The shapes of one event, beside those that span several. */
function shapesOf({ row, y }: PlacedRow, stage: Stage): string[] {
  if (row.kind === 'folded') return []
  const { event, actor, letters } = row
  const carried = { letter: letters[0] ?? '?', y }
  switch (event.kind) {
    case 'crashed':
      return crashShapes(stage, y)
    case 'opened':
      return [tag('circle', { cx: laneOf(stage, 'runtime').x, cy: y, r: 5, fill: ink.text })]
    case 'begun':
      return carry(stage, [diskName, actor], carried)
    case 'settled':
      return carry(stage, [actor, diskName], { ...carried, note: event.how })
    case 'asked':
      return carry(stage, [actor, diskName], { ...carried, note: `${event.how}()` })
    case 'effect':
      return carry(stage, [actor, outsideName], { ...carried, isFailed: event.error, note: event.name })
    case 'read':
      return carry(stage, [diskName, actor], { ...carried, note: 'read' })
    case 'ended':
      return event.how === 'returned' || event.how === 'went-on'
        ? []
        : [cross({ x: laneOf(stage, actor).x, y })]
    case 'fault':
    case 'refused-opening':
      return [cross({ x: laneOf(stage, 'runtime').x, y })]
    case 'event':
    case 'drained':
    case 'closed':
    case 'retained':
    case 'listed':
    case 'moved':
      return [noteMark(event, laneOf(stage, actor).x, y)]
    default:
      return []
  }
}

const noteMark = ({ kind }: HistoryEvent, x: number, y: number): string =>
  tag('rect', { x: x - 4, y: y - 4, width: 8, height: 8, fill: kind === 'event' ? ink.bad : ink.text })

function crashShapes(stage: Stage, y: number): string[] {
  const first = stage.lanes[0]?.x ?? 0
  const last = stage.lanes.findLast(({ isLasting }) => !isLasting)?.x ?? first
  return [zigzag({ x: first - 28, y }, Math.max(last, laneOf(stage, 'runtime').x) - first + 56)]
}

interface Carried {
  readonly letter: string
  readonly y: number
  readonly note?: string
  readonly isFailed?: boolean
}

/** An arrow that carries a message from one lane to another. */
function carry(stage: Stage, [from, to]: readonly [string, string], what: Carried): string[] {
  const { letter, y, note, isFailed = false } = what
  const [start, end] = [laneOf(stage, from).x, laneOf(stage, to).x]
  const side = Math.sign(end - start)
  const colour: Colour = isFailed ? ink.bad : ink.flow
  const shaft = arrow(
    { x: start + 6 * side, y },
    { x: end - (isFailed ? 16 : 6) * side, y },
    { stroke: colour },
  )
  const badgeX = Math.abs(end - start) > 200 ? start + 70 * side : (start + end) / 2
  const style = { 'font-size': 10, fill: colour, 'text-anchor': side > 0 ? 'start' : 'end' }
  return [
    shaft,
    ...(isFailed ? [cross({ x: end - 9 * side, y })] : []),
    badge({ x: badgeX, y }, letter, colour),
    ...(note === undefined ? [] : [words({ x: badgeX + 12 * side, y: y - 4 }, cut(note, 10), style)]),
  ]
}

function legendOf({ bottom, width }: Stage): string[] {
  const text =
    'Time runs down. Blue arrows carry messages; a bar is a handler at work; a red jagged line is a crash, at which ' +
    'all lines of the process break. Coloured rows show the violation.'
  const lines = wrap(text, Math.floor((width - 2 * marginX) / 6))
  return lines.map((each, index) =>
    words({ x: marginX, y: bottom + 30 + index * 15 }, each, { fill: ink.pale, 'font-size': 11 }),
  )
}
