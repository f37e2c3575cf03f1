/**
 * The few shapes that a space-time picture is made of, as SVG text.
 *
 * Owns: escaping, numbers, colours and shapes. Leaves to `space-time.ts` where they stand.
 *
 * RSV1. Whatever a text holds, the outcome is well-formed XML without scripts, links or outside resources.
 */

/** Colours on a ground of its own, so that the picture reads the same on a light and on a dark page. */
export const ink = {
  ground: '#ffffff',
  text: '#1f2933',
  pale: '#7b8794',
  line: '#9aa5b1',
  flow: '#2563a8',
  work: '#bcd4ee',
  bad: '#c81e1e',
  showsGround: '#fff4cc',
  noticedGround: '#fde2e2',
} as const

export type Colour = (typeof ink)[keyof typeof ink]

interface Point {
  readonly x: number
  readonly y: number
}

/** Makes a text safe in XML: markup is escaped, what XML forbids is left out. */
export function escaped(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

/** One element. */
export function tag(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  content = '',
): string {
  const inner = Object.entries(attributes).map(([key, value]) => ` ${key}="${numbered(value)}"`)
  return content === '' ? `<${name}${inner.join('')}/>` : `<${name}${inner.join('')}>${content}</${name}>`
}

const numbered = (value: string | number): string =>
  typeof value === 'number' ? String(Math.round(value * 10) / 10) : escaped(value)

/** Words. `weight` and the rest are SVG attributes. */
export function words(
  at: Point,
  text: string,
  style: Readonly<Record<string, string | number>> = {},
): string {
  return tag('text', { x: at.x, y: at.y, fill: ink.text, 'font-size': 12, ...style }, escaped(text))
}

export function line(from: Point, to: Point, style: Readonly<Record<string, string | number>>): string {
  return tag('line', { x1: from.x, y1: from.y, x2: to.x, y2: to.y, stroke: ink.line, ...style })
}

export function box(
  at: Point & { readonly width: number; readonly height: number },
  style: Readonly<Record<string, string | number>>,
): string {
  return tag('rect', { x: at.x, y: at.y, width: at.width, height: at.height, ...style })
}

/** A line with a head at its end. */
export function arrow(from: Point, to: Point, style: Readonly<Record<string, string | number>> = {}): string {
  const colour = String(style['stroke'] ?? ink.flow)
  const angle = Math.atan2(to.y - from.y, to.x - from.x)
  const wing = (turn: number): string =>
    `${numbered(to.x - 8 * Math.cos(angle + turn))},${numbered(to.y - 8 * Math.sin(angle + turn))}`
  const points = `${numbered(to.x)},${numbered(to.y)} ${wing(0.42)} ${wing(-0.42)}`
  const shaft = line(from, to, { stroke: colour, 'stroke-width': 1.6, ...style })
  return shaft + tag('polygon', { points, fill: colour })
}

/** A cross: something that failed, or was cut off. */
export function cross({ x, y }: Point, size = 5): string {
  const style = { stroke: ink.bad, 'stroke-width': 2.4 }
  return (
    line({ x: x - size, y: y - size }, { x: x + size, y: y + size }, style) +
    line({ x: x - size, y: y + size }, { x: x + size, y: y - size }, style)
  )
}

/** A letter in a circle: which message an arrow carries. */
export function badge({ x, y }: Point, letter: string, colour: Colour = ink.flow): string {
  const circle = tag('circle', {
    cx: x,
    cy: y,
    r: 8.5,
    fill: ink.ground,
    stroke: colour,
    'stroke-width': 1.4,
  })
  const size = letter.length > 1 ? 8.5 : 11
  const style = { 'text-anchor': 'middle', 'font-size': size, 'font-weight': 'bold', fill: colour }
  return circle + words({ x, y: y + size * 0.36 }, letter, style)
}

/** A jagged line from `from` to the right. */
export function zigzag(from: Point, width: number): string {
  const count = Math.max(2, Math.round(width / 9))
  const points = Array.from(
    { length: count + 1 },
    (_, index) =>
      `${numbered(from.x + (width * index) / count)},${numbered(from.y + (index % 2 === 0 ? -4 : 4))}`,
  )
  return tag('polyline', { points: points.join(' '), fill: 'none', stroke: ink.bad, 'stroke-width': 2 })
}
