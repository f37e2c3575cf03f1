/**
 * Where everything stands in a space-time picture: lanes from left to right, events from top to bottom.
 *
 * Owns: the lanes and their names, the height of each row, and when the process was alive.
 * Leaves to `space-time.ts` the drawing.
 *
 * RSG1. The width depends on the number of groups, of which at most `lanesMax` get a lane of their own; the height on
 *      the number of rows of the scene.
 */
import type { Row, Scene } from './scene.ts'
import { checker, sender } from './cast.ts'
import { wrap } from './time-line.ts'
import { cut, timeText, whatOf } from './words.ts'

export interface Lane {
  readonly name: string
  readonly x: number
  /** It goes on when the process dies. */
  readonly isLasting: boolean
}

/** A row of the scene with its place. */
export interface PlacedRow {
  readonly row: Row
  /** The middle. */
  readonly y: number
  readonly top: number
  readonly height: number
  readonly words: readonly string[]
  readonly time: string
}

export interface Stage {
  readonly lanes: readonly Lane[]
  readonly rows: readonly PlacedRow[]
  /** Where the words of the events begin. */
  readonly wordsX: number
  readonly width: number
  readonly top: number
  readonly bottom: number
}

export const diskName = 'unlost, on disk'
export const outsideName = 'outside world'

const lanesMax = 4
/** They have no lane of their own. */
const nobody = new Set([sender, checker, 'runtime'])
const laneWidth = 140
const firstLaneX = 140
const wordsWidth = 440
const lettersPerLine = 62
const boldLettersPerLine = 52
const lineHeight = 16

/** Places the rows of a scene below `top`. */
export function stageOf(scene: Scene, top: number): Stage {
  const lanes = lanesOf(scene)
  const wordsX = firstLaneX + (lanes.length - 1) * laneWidth + 95
  const rows = placed(scene, top)
  const last = rows.at(-1)
  const bottom = last === undefined ? top : last.top + last.height
  return { lanes, rows, wordsX, width: wordsX + wordsWidth, top, bottom }
}

function lanesOf({ rows }: Scene): Lane[] {
  const told = rows.filter((row) => row.kind === 'told')
  const groups = [...new Set(told.map(({ actor }) => actor))].filter((each) => !nobody.has(each))
  const shown = groups.length <= lanesMax ? groups : [...groups.slice(0, lanesMax - 1), 'other groups']
  const hasOutside = told.some(({ event }) => event.kind === 'effect')
  const names = [sender, diskName, ...shown, ...(hasOutside ? [outsideName] : [])]
  return names.map((name, index) => ({
    name,
    x: firstLaneX + index * laneWidth,
    isLasting: name === diskName || name === outsideName,
  }))
}

function placed({ rows }: Scene, top: number): PlacedRow[] {
  const first = rows.find((row) => row.kind === 'told')
  const startMs = first?.event.nowMs ?? 0
  let y = top
  return rows.map((row) => {
    const text = textOf(row)
    const isCrash = row.kind === 'told' && row.event.kind === 'crashed'
    const words = wrap(text, isCrash ? boldLettersPerLine : lettersPerLine)
    const height = 16 + words.length * lineHeight
    const time = row.kind === 'told' ? timeText(row.event.nowMs, startMs) : ''
    const at = { row, y: y + height / 2, top: y, height, words, time }
    y += height
    return at
  })
}

function textOf(row: Row): string {
  if (row.kind === 'folded') return `… ${row.count} more event${row.count === 1 ? '' : 's'}`
  const { kind, life } = row.event
  if (kind === 'crashed') return whatOf(row)
  return kind === 'opened' ? `process ${life} ${whatOf(row)}` : `${cut(row.actor, 24)}: ${whatOf(row)}`
}

/** The lane of an actor; the runtime acts on the lane of the disk. */
export function laneOf({ lanes }: Stage, actor: string): Lane {
  const name = actor === 'runtime' ? diskName : actor
  return (
    lanes.find((lane) => lane.name === name) ??
    lanes.find((lane) => lane.name === 'other groups') ?? { name, x: firstLaneX, isLasting: false }
  )
}

/** The stretches of height in which a process was alive. */
export function livesOf({ rows, top, bottom }: Stage): Array<{ readonly from: number; readonly to: number }> {
  const lives: Array<{ from: number; to: number }> = []
  let from: number | undefined = top
  for (const { row, y } of rows) {
    if (row.kind !== 'told') continue
    if (row.event.kind === 'crashed' && from !== undefined) {
      lives.push({ from, to: y })
      from = undefined
    } else if (row.event.kind !== 'crashed') from ??= y
  }
  return from === undefined ? lives : [...lives, { from, to: bottom }]
}
