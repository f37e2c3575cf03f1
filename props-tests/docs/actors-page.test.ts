/**
 * Holds the table of refusals in `docs/actors.md` against the rules that the code knows.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { checkout } from '../tooling/checkout.ts'

const read = (path: string): string => readFileSync(join(checkout, path), 'utf8')

describe('docs/actors.md', () => {
  it('lists every rule by which a definition is refused, and no other', () => {
    const union =
      /export type NotDurableRule =((?:\s*\| '[a-z-]+')+)/.exec(read('actors/errors.ts'))?.[1] ?? ''
    const rules = [...union.matchAll(/'([a-z-]+)'/g)].map(([, rule = '']) => rule)
    const section = /\n## What is refused\n([\s\S]*?)\n## /.exec(read('docs/actors.md'))?.[1] ?? ''
    const told = [...section.matchAll(/^\| `([a-z-]+)`/gm)]
      .map(([, rule = '']) => rule)
      .filter((rule) => rule !== 'rule')
    assert.ok(rules.length > 10)
    assert.deepEqual(told.toSorted(), rules.toSorted())
  })
})
