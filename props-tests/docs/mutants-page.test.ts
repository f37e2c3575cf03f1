/**
 * Holds the table of docs/mutants.md against the sources that are to be measured, and against the score they must have.
 */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { scoreMin, scoresOn, shareOf, withScore } from '../mutants/score-table.ts'
import { targets } from '../mutants/targets.ts'
import { checkout } from '../tooling/checkout.ts'

const page = readFileSync(join(checkout, 'docs/mutants.md'), 'utf8')
const sources = targets.map(({ source }) => source)

describe('docs/mutants.md', () => {
  it('lists every source that is to be measured, in order, and no other', () => {
    assert.deepEqual(
      scoresOn(page).map(({ source }) => source),
      sources,
    )
  })

  it('shows no source in which too many changes go unnoticed', () => {
    const low = scoresOn(page).filter((score) => shareOf(score) < scoreMin)
    assert.deepEqual(low, [])
  })

  it('ST1, ST2: stays as it is when a row is put in again', () => {
    const [first] = scoresOn(page)
    assert.ok(first !== undefined)
    assert.equal(withScore(page, first, sources), page)
    const changed = withScore(page, { ...first, noticed: 0 }, sources)
    assert.deepEqual(scoresOn(changed)[0], { ...first, noticed: 0 })
    assert.equal(withScore(changed, first, sources), page)
  })

  it('names only sources and tests that exist', () => {
    const named = targets.flatMap(({ source, tests }) => [source, ...tests])
    assert.deepEqual(
      named.filter((path) => !existsSync(join(checkout, path))),
      [],
    )
  })
})
