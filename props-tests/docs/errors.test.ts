/**
 * Holds the list of error codes against docs/errors.md, both ways.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import * as door from '../../runtime/index.ts'
import { checkout } from '../tooling/checkout.ts'

const base = door.UnlostError
const page = readFileSync(join(checkout, 'docs/errors.md'), 'utf8')
const [, ...sections] = page.split(/^## (?=UNLOST_)/m)
const inPage = new Map(sections.map((section) => [section.split('\n')[0] ?? '', section]))

/** All error classes that the door exports, by code: those of `actors/` share the base by code only. */
const inCode = new Map<string, string>()
for (const [name, value] of Object.entries(door)) {
  if (typeof value !== 'function' || !Object.prototype.isPrototypeOf.call(Error, value)) continue
  const { code } = value as { code?: unknown }
  assert.ok(typeof code === 'string' && code.startsWith('UNLOST_'), `${name} has a code`)
  if (value === base) continue
  assert.ok(!inCode.has(code), `${name} and ${inCode.get(code)} share ${code}`)
  inCode.set(code, name)
}

describe('error codes', () => {
  it('docs/errors.md has a section for each, and no other', () => {
    assert.ok(inCode.size > 10)
    assert.deepEqual([...inPage.keys()].toSorted(), [...inCode.keys()].toSorted())
  })

  it('the table at the top of the page lists the same codes', () => {
    const rows = [...page.matchAll(/^\| \[`(UNLOST_\w+)`\]/gm)].map(([, code]) => String(code))
    assert.deepEqual(rows.toSorted(), [...inCode.keys()].toSorted())
  })

  it('each code differs from the code of its base', () => {
    assert.ok(!inCode.has(base.code))
  })

  for (const [code, section] of inPage) {
    it(`${code}: says what happened, what is on disk, what to do, and shows its class`, () => {
      for (const label of ['**What happened.**', '**On disk.**', '**What to do.**', '```ts']) {
        assert.ok(section.includes(label), `${code} lacks ${label}`)
      }
      assert.ok(section.includes(`${inCode.get(code)}`), `${code} names its class`)
    })
  }
})
