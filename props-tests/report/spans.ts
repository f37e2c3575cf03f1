/**
 * The shapes of a space-time picture that span several events: a send until its answer, a handler at work.
 *
 * Owns: pairing beginnings with their ends, where a crash may come between.
 * Leaves to `space-time.ts` the events that stand alone.
 *
 * RSN1. A send whose answer a crash cut ends in a cross at the crash; its arrow never reaches the disk.
 * RSN2. Handlers that work at the same time stand beside each other.
 */
import type { Row } from './scene.ts'
import { laneOf } from './stage.ts'
import type { Stage } from './stage.ts'
import { arrow, badge, box, cross, ink, line } from './svg.ts'

type Told = Extract<Row, { kind: 'told' }>
type End = 'confirmed' | 'rejected' | 'crashed' | 'open'

interface Work {
  readonly actor: string
  readonly slot: number
  readonly from: number
}

interface Send {
  readonly actor: string
  readonly letter: string
  readonly from: number
}

const barWidth = 10

export class Spans {
  readonly #stage: Stage
  readonly #works = new Map<number, Work>()
  readonly #sends = new Map<number, Send>()
  readonly #shapes: string[] = []

  constructor(stage: Stage) {
    this.#stage = stage
    for (const { row, y } of stage.rows) if (row.kind === 'told') this.#take(row, y)
    for (const run of [...this.#works.keys()]) this.#endWork(run, stage.bottom)
    for (const send of [...this.#sends.keys()]) this.#endSend(send, stage.bottom, 'open')
  }

  /** The shapes, first to last. */
  drawn(): readonly string[] {
    return this.#shapes
  }

  #take(row: Told, y: number): void {
    const { event, actor, letters } = row
    if (event.kind === 'begun') this.#beginWork(event.run, actor, y)
    if (event.kind === 'ended') this.#endWork(event.run, y)
    if (event.kind === 'sending') this.#sends.set(event.send, { actor, letter: letters[0] ?? '?', from: y })
    if (event.kind === 'confirmed') this.#endSend(event.send, y, 'confirmed')
    if (event.kind === 'rejected') this.#endSend(event.send, y, 'rejected')
    if (event.kind === 'crashed') this.#crash(y)
  }

  #crash(y: number): void {
    for (const run of [...this.#works.keys()]) this.#endWork(run, y)
    for (const send of [...this.#sends.keys()]) this.#endSend(send, y, 'crashed')
  }

  #beginWork(run: number, actor: string, from: number): void {
    const taken = new Set(
      [...this.#works.values()].filter((work) => work.actor === actor).map(({ slot }) => slot),
    )
    let slot = 0
    while (taken.has(slot)) slot += 1
    this.#works.set(run, { actor, slot, from })
  }

  #endWork(run: number, to: number): void {
    const work = this.#works.get(run)
    if (work === undefined) return
    this.#works.delete(run)
    const x = laneOf(this.#stage, work.actor).x - barWidth / 2 + Math.min(work.slot, 4) * (barWidth + 2)
    const size = { x, y: work.from, width: barWidth, height: Math.max(6, to - work.from) }
    this.#shapes.push(box(size, { fill: ink.work, stroke: ink.flow, 'stroke-width': 1 }))
  }

  #endSend(send: number, to: number, end: End): void {
    const open = this.#sends.get(send)
    if (open === undefined) return
    this.#sends.delete(send)
    this.#shapes.push(...sendShapes(this.#stage, open, { to, end }))
  }
}

function sendShapes(
  stage: Stage,
  { actor, letter, from }: Send,
  { to, end }: { to: number; end: End },
): string[] {
  const [startX, diskX] = [laneOf(stage, actor).x, laneOf(stage, 'runtime').x]
  const side = Math.sign(diskX - startX)
  const start = { x: startX + 6 * side, y: from }
  const middle = (share: number): number => startX + (diskX - startX) * share
  if (end === 'crashed') {
    const cut = { x: middle(0.72), y: to - 4 }
    return [
      line(start, cut, { stroke: ink.flow, 'stroke-width': 1.6 }),
      cross(cut),
      badge(midOf(start, cut), letter),
    ]
  }
  if (end === 'open') {
    const near = { x: middle(0.8), y: Math.min(to, from + 24) }
    return [
      line(start, near, { stroke: ink.flow, 'stroke-dasharray': '4 3' }),
      badge(midOf(start, near), letter),
    ]
  }
  const landed = { x: diskX - 6 * side, y: from + (to - from) * 0.6 }
  const told = { x: startX + 6 * side, y: to }
  const colour = end === 'confirmed' ? ink.flow : ink.bad
  return [
    arrow(start, landed),
    badge(midOf(start, landed), letter),
    arrow(landed, told, { stroke: colour, 'stroke-dasharray': '5 3', 'stroke-width': 1.2 }),
    ...(end === 'rejected' ? [cross(landed)] : []),
  ]
}

const midOf = (a: { x: number; y: number }, b: { x: number; y: number }): { x: number; y: number } => ({
  x: (a.x + b.x) / 2,
  y: (a.y + b.y) / 2,
})
