/**
 * Holds docs/faults.md and docs/guarantees.md against the tests that they name.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import ts from 'typescript'
import { checkout } from '../tooling/checkout.ts'
import { allNodes, parse } from '../tidy/rules.ts'

const FAULTS = 26
const EVENTS = [
  'process kill',
  'kernel crash',
  'power cut',
  'full disk',
  'failed sync',
  'rot',
  'stolen ownership',
  'clock jump',
  'lost mirror',
]

interface Reference {
  readonly file: string
  readonly title: string
}

/** A file in backticks and a piece of a title in quotation marks behind it. */
function referencesIn(text: string): Reference[] {
  return [...text.matchAll(/`([^`\s]+\.ts)`\s+“([^”]+)”/g)].map(([, file = '', title = '']) => ({
    file,
    title: title.replaceAll(/\s+/g, ' '),
  }))
}

/** Cells of the rows below the last heading of a table. */
function rowsOf(page: string): string[][] {
  const lines = page.split('\n').filter((line) => line.startsWith('| ') && !/^\| *-/.test(line))
  return lines
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
    .map((cells) => cells.slice(1, -1))
}

const titles = new Map<string, string[]>()

/** Titles as they are written, template and all. Undefined when the file is not there. */
function titlesOf(file: string): string[] | undefined {
  const known = titles.get(file)
  if (known !== undefined) return known
  const path = `props-tests/${file}`
  let text: string
  try {
    text = readFileSync(join(checkout, path), 'utf8')
  } catch {
    return undefined
  }
  const found = allNodes(parse({ path, text })).flatMap((node) => (isTest(node) ? [titleIn(node)] : []))
  titles.set(file, found)
  return found
}

function isTest(node: ts.Node): node is ts.CallExpression {
  return ts.isCallExpression(node) && /^(?:it|test|describe)$/.test(node.expression.getText())
}

function titleIn(node: ts.CallExpression): string {
  return node.arguments[0]?.getText().slice(1, -1) ?? ''
}

function missingIn(page: string): string[] {
  return referencesIn(page).flatMap(({ file, title }) => {
    const there = titlesOf(file)
    if (there === undefined) return [`${file} is not there`]
    return there.some((each) => each.includes(title)) ? [] : [`${file} has no test “${title}”`]
  })
}

describe('the tables of the proof', () => {
  for (const name of ['faults', 'guarantees']) {
    const page = readFileSync(join(checkout, `docs/${name}.md`), 'utf8')
    it(`docs/${name}.md: every test that is named is there, by file and title`, () => {
      assert.deepEqual(missingIn(page), [])
      assert.ok(referencesIn(page).length > 20)
    })
  }

  it('docs/faults.md: each fault has one row, in order, and each row a test', () => {
    const rows = rowsOf(readFileSync(join(checkout, 'docs/faults.md'), 'utf8')).filter(([id]) =>
      /^F\d/.test(id ?? ''),
    )
    assert.deepEqual(
      rows.map(([id]) => id),
      Array.from({ length: FAULTS }, (_, i) => `F${i + 1}`),
    )
    for (const [id, what = '', owed = '', tests = ''] of rows) {
      assert.ok(what.length > 10 && owed.length > 3, `${id} says what is owed`)
      assert.ok(referencesIn(tests).length > 0, `${id} names a test`)
    }
  })

  it('docs/guarantees.md: each event has one row, with what holds, what may happen, and a test', () => {
    const rows = rowsOf(readFileSync(join(checkout, 'docs/guarantees.md'), 'utf8'))
    const found = rows.filter(([event]) => EVENTS.includes(event ?? ''))
    assert.deepEqual(
      found.map(([event]) => event),
      EVENTS,
    )
    for (const [event, holds = '', may = '', tests = ''] of found) {
      assert.ok(holds.length > 10 && may.length > 10 && referencesIn(tests).length > 0, event)
    }
  })

  it('a file or a title that is not there is found', () => {
    const wrong = '`docs/gone.test.ts` “x” and `docs/proof-tables.test.ts` “no such title at all, surely”'
    assert.equal(missingIn(wrong.replace('“no such', '“no  such')).length, 2)
    assert.deepEqual(missingIn('`docs/proof-tables.test.ts` “a file or a title\nthat is not there”'), [])
  })
})
