/**
 * Holds every numbered invariant against the tests: one that no test cites is a wish.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { checkout, isSource, projectFiles } from '../tooling/checkout.ts'
import { citationsOf, citedIn, declaredIn } from './invariants.ts'

const files = projectFiles().filter(({ path }) => path.endsWith('.ts'))
const declared = files
  .filter(({ path }) => isSource(path))
  .flatMap((file) =>
    declaredIn(file).map((id) => ({ id, path: file.path, key: `${file.path.split('/')[0]} ${id}` })),
  )
const tests = files.filter(({ path }) => /^props-tests\/.+\//.test(path))
const cited = new Set(tests.flatMap((file) => citationsOf(file)))
const owed = JSON.parse(readFileSync(join(checkout, 'props-tests/tidy/uncited.json'), 'utf8')) as string[]

describe('invariants', () => {
  it('each is cited by a test, except those still owed; and what is paid leaves the list', () => {
    const uncited = declared.filter(({ key }) => !cited.has(key)).map(({ id, path }) => `${path} ${id}`)
    const fresh = uncited.filter((each) => !owed.includes(each))
    assert.equal(fresh.join('\n'), '', 'cited by no test')
    const paid = owed.filter((each) => !uncited.includes(each))
    assert.equal(paid.join('\n'), '', 'to be taken out of uncited.json')
  })

  it('each number belongs to one file of its folder', () => {
    const owners = new Map<string, string[]>()
    for (const { key, path } of declared) owners.set(key, [...(owners.get(key) ?? []), path])
    const shared = [...owners]
      .filter(([, paths]) => paths.length > 1)
      .map(([key, paths]) => [key, ...paths].join(' '))
    assert.equal(shared.join('\n'), '')
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

  it('IV3: a number belongs to a folder', () => {
    const text = "import '../../runtime/index.ts'\nimport '../../persistence/internal.ts'\nit('J1: x', f)"
    assert.deepEqual(citationsOf({ path: 'props-tests/unit/actors/a.test.ts', text }), ['actors J1'])
    assert.deepEqual(citationsOf({ path: 'props-tests/faults/a.test.ts', text }), [
      'persistence J1',
      'runtime J1',
    ])
  })
})
