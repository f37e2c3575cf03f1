/**
 * Holds the list of bugs that were found against their tests.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { checkout } from '../tooling/checkout.ts'

const folder = join(checkout, 'props-tests', 'regressions')

it('every regression has one row in the README of its folder, and every row its test', () => {
  const page = readFileSync(join(folder, 'README.md'), 'utf8')
  const listed = [...page.matchAll(/`([\w-]+\.test\.ts)`\s*\|\n/g)].map(([, name = '']) => name)
  const tests = readdirSync(folder).filter((name) => name.endsWith('.test.ts'))
  assert.deepEqual(new Set(listed), new Set(tests))
  assert.equal(listed.length, tests.length, 'each once')
})
