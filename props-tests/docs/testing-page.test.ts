/**
 * docs/testing.md shows a report and lists guarantees: both must be what the kit says today.
 *
 * When one of these fails because the kit has changed, `npm run docs:testing` writes the page again.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { drawSpaceTime } from '../index.ts'
import { checkout } from '../tooling/checkout.ts'
import { failing, replayOf, withFailure, withGuarantees } from '../../docs/testing-page.ts'

const page = readFileSync(join(checkout, 'docs/testing.md'), 'utf8')
/** How long the search took is another matter each time. */
const withoutSearch = (text: string): string => text.replace(/ {2}Search {12}[\s\S]*?```/, '```')

describe('docs/testing.md', () => {
  it('shows the failure that its replay word replays, and its picture', async () => {
    const failure = await failing({ replay: replayOf(page) })
    assert.equal(withoutSearch(withFailure(page, failure)), withoutSearch(page))
    const picture = readFileSync(join(checkout, 'docs/testing-failure.svg'), 'utf8')
    assert.equal(drawSpaceTime(failure.history, failure.violation), picture)
  })

  it('lists the guarantees of handlers and of the library, by name', () => {
    assert.equal(withGuarantees(page), page)
  })

  it('would notice a stale page', () => {
    const stale = page.replace('- `lost-effect`: ', '- `lost-affect`: ')
    assert.notEqual(stale, page)
    assert.notEqual(withGuarantees(stale), stale)
    assert.throws(() => withGuarantees('empty'), /no place for handlers/)
    assert.throws(() => replayOf('empty'), /no report/)
  })
})
