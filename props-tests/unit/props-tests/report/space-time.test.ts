/**
 * The picture: well-formed, bounded, alone, and with the shapes that the events ask for.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { drawSpaceTime, reportFailure, writePicture } from '../../../report/index.ts'
import { ackedTooEarly, failureOf, longAndHostile, mailedTwice } from '../../../support/told-failures.ts'
import { ToldHistory } from '../../../support/told-history.ts'
import type { FailureReport } from '../../../failure.ts'

const draw = ({ history, violation }: FailureReport): string => drawSpaceTime(history, violation)
const count = (text: string, part: string): number => text.split(part).length - 1

/** Reads XML strictly enough to catch what a browser would refuse; returns the names of all elements. */
function elementsOf(xml: string): string[] {
  const names: string[] = []
  const open: string[] = []
  let rest = xml.trim()
  while (rest !== '') {
    const token =
      /^(?:<(\/?)([a-z]+)((?: [a-zA-Z0-9:-]+="[^"<]*")*)(\/?)>|[^<>&]+|&(?:amp|lt|gt|quot);)/.exec(rest)
    assert.ok(token !== null, `not well-formed: ${rest.slice(0, 60)}`)
    const [whole, closing, name, , empty] = token
    rest = rest.slice(whole.length)
    if (name === undefined) continue
    if (closing === '/') assert.equal(open.pop(), name)
    else names.push(name)
    if (closing === '' && empty === '') open.push(name)
  }
  assert.deepEqual(open, [])
  return names
}

describe('drawSpaceTime', () => {
  it('RST1: the picture stays small, however long the history', () => {
    const [short, long] = [draw(longAndHostile(500)), draw(longAndHostile(5000))]
    assert.ok(long.length < 100_000, `${long.length} bytes`)
    assert.ok(long.length < short.length * 1.5)
    elementsOf(long)
  })

  it('RST2 and RSV1: it is well-formed and stands alone, whatever the texts hold', () => {
    const known = new Set(['svg', 'title', 'rect', 'line', 'text', 'circle', 'polygon', 'polyline'])
    for (const failure of [ackedTooEarly(), mailedTwice(), longAndHostile(300)]) {
      const svg = draw(failure)
      for (const name of elementsOf(svg)) assert.ok(known.has(name), name)
      assert.equal(count(svg, 'http'), 1, 'only the name of the format')
      assert.match(svg, /<rect x="0" y="0" width="[\d.]+" height="[\d.]+" fill="#ffffff"\/>/)
    }
  })

  it('RST3: a crash breaks the lines of the process, the disk and the outside go on', () => {
    const svg = draw(mailedTwice())
    assert.equal(count(svg, '<polyline'), 1)
    const lanes = [...svg.matchAll(/<line x1="(\d+)"[^>]* x2="(\d+)"[^>]*stroke="#9aa5b1"/g)]
    const stretches = new Map<string, number>()
    for (const [, x = '', x2 = ''] of lanes) {
      assert.equal(x, x2)
      stretches.set(x, (stretches.get(x) ?? 0) + 1)
    }
    assert.deepEqual([...stretches.values()], [2, 1, 2, 1])
    for (const name of ['sender', 'unlost, on disk', 'billing', 'outside world'])
      assert.ok(svg.includes(`>${name}<`))
  })

  it('shows where it broke, by name, and which letter is which message', () => {
    const svg = draw(mailedTwice())
    assert.ok(svg.includes('>broken here: duplicated-effect<'))
    assert.ok(svg.includes('>A = orders 0, offset 0, key &quot;ann&quot;, {&quot;id&quot;:7}<'))
    assert.equal(count(svg, '#fff4cc'), 2)
    assert.equal(count(svg, '#fde2e2'), 1)
  })

  it('RSN1: a send that a crash cut never reaches the disk', () => {
    const tale = new ToldHistory()
    tale.open()
    tale.send('ann', 1)
    const crash = tale.crash('kill', 'write')
    const svg = drawSpaceTime(tale.history, { invariant: 'x', text: 'x', events: [crash] })
    assert.equal(count(svg, '<polygon'), 0)
    assert.equal(count(svg, 'stroke="#c81e1e" stroke-width="2.4"'), 2)
  })

  it('RSN2: handlers at work at the same time stand beside each other', () => {
    const tale = new ToldHistory()
    tale.open()
    const runs = [1, 2, 3].map((id) => tale.begin(tale.send('ann', id)))
    for (const run of runs) tale.end(run)
    const svg = drawSpaceTime(tale.history, { invariant: 'x', text: 'x', events: [] })
    const bars = [...svg.matchAll(/<rect x="([\d.]+)"[^>]*fill="#bcd4ee"/g)].map(([, x]) => x)
    assert.equal(new Set(bars).size, 3)
  })

  it('RSG1: many groups share a lane, so that the width is bounded', () => {
    const widths = [3, 40].map((groups) => {
      const tale = new ToldHistory()
      tale.open()
      const order = tale.send('ann', 1)
      for (let group = 0; group < groups; group += 1) tale.end(tale.begin(order, 1, `group-${group}`))
      const svg = drawSpaceTime(tale.history, { invariant: 'x', text: 'x', events: [] })
      return Number(/ width="(\d+)"/.exec(svg)?.[1])
    })
    assert.ok((widths[1] ?? 0) <= 1400, String(widths))
    assert.ok((widths[1] ?? 0) > (widths[0] ?? 0))
  })
})

describe('writePicture', () => {
  const directory = mkdtempSync(join(tmpdir(), 'unlost-report-'))
  after(() => {
    rmSync(directory, { recursive: true })
  })

  it('WP1 and RF1: a picture that cannot be written never hides the report', () => {
    const file = join(directory, 'a-file')
    writeFileSync(file, '')
    const text = reportFailure(mailedTwice(), file)
    assert.match(text, /^duplicated-effect: /)
    assert.match(text, /Picture {11}not written: /)
    assert.doesNotMatch(reportFailure(mailedTwice(), false), /Picture/)
  })

  it('RF1: a violation that names no event, or one that is not there, is told all the same', () => {
    for (const events of [[], [99]]) {
      const text = reportFailure(failureOf([], { invariant: 'gap', text: 'gone', events }), false)
      assert.match(text, /^gap: /)
      assert.ok(drawSpaceTime([], { invariant: 'gap', text: 'gone', events }).startsWith('<svg'))
    }
  })

  it('WP2: the same failure has the same file, another one has another', () => {
    const pictures = join(directory, 'some', 'pictures')
    const texts = [mailedTwice(), mailedTwice(), ackedTooEarly()].map((each) => reportFailure(each, pictures))
    assert.equal(readdirSync(pictures).length, 2)
    const [name = ''] = readdirSync(pictures).filter((each) => each.startsWith('duplicated-effect-'))
    assert.ok(texts[0]?.includes(join(pictures, name)))
    assert.equal(readFileSync(join(pictures, name), 'utf8'), draw(mailedTwice()))
  })

  it('WP3: a link that stands there is replaced, not followed', () => {
    const first = writePicture('<svg/>', 'x', directory)
    assert.ok('path' in first)
    const victim = join(directory, 'victim')
    writeFileSync(victim, 'dear')
    rmSync(first.path)
    symlinkSync(victim, first.path)
    assert.deepEqual(writePicture('<svg/>', 'x', directory), first)
    assert.equal(readFileSync(victim, 'utf8'), 'dear')
    assert.equal(readFileSync(first.path, 'utf8'), '<svg/>')
  })
})
