/**
 * Holds every numbered invariant against the tests: one that no test cites is a wish.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { checkout, isSource, projectFiles } from '../tooling/checkout.ts'
import { citedIn, declaredIn } from './invariants.ts'

const files = projectFiles().filter(({ path }) => path.endsWith('.ts'))
const declared = files
  .filter(({ path }) => isSource(path))
  .flatMap((file) => declaredIn(file).map((id) => ({ id, path: file.path })))
const cited = new Set(
  files.filter(({ path }) => path.startsWith('props-tests/')).flatMap((file) => citedIn(file)),
)
const owed = JSON.parse(readFileSync(join(checkout, 'props-tests/tidy/uncited.json'), 'utf8')) as string[]

describe('invariants', () => {
  it('each is cited by a test, except those still owed; and what is paid leaves the list', () => {
    const uncited = declared.filter(({ id }) => !cited.has(id)).map(({ id, path }) => `${path} ${id}`)
    assert.deepEqual(uncited.toSorted(), owed.toSorted())
  })

  it('each number belongs to one file', () => {
    const owners = new Map<string, Set<string>>()
    for (const { id, path } of declared) owners.set(id, (owners.get(id) ?? new Set()).add(path))
    const shared = [...owners]
      .filter(([, paths]) => paths.size > 1)
      .map(([id, paths]) => [id, ...paths].join(' '))
    assert.deepEqual(shared, [])
  })

  it('IV1: a citation is the beginning of a title, up to its colon', () => {
    const text =
      "it('J1: keeps J7', f)\nit('J2', f)\n// it('J3: no')\nit(`J4: ${x}`, f)\ndescribe.skip('K1, K9: both', f)\n"
    assert.deepEqual(citedIn({ path: 'a.test.ts', text }), ['J1', 'J4', 'K1', 'K9'])
    assert.deepEqual(
      declaredIn({ path: 'a.ts', text: '/**\n * Words.\n *\n * J1. One.\n * J2. Two.\n */\n// J3. no' }),
      ['J1', 'J2'],
    )
  })

  it('IV2: a range cites every number in it', () => {
    assert.deepEqual(citedIn({ path: 'a.test.ts', text: "it('J3-J5 and S2: all', f)" }), [
      'J3',
      'J4',
      'J5',
      'S2',
    ])
  })
})
