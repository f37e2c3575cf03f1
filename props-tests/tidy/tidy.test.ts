/**
 * Holds every rule of `rules.ts` against the files of the project, and shows that each rule can fail.
 */
import assert from 'node:assert/strict'
import { basename } from 'node:path'
import { describe, it } from 'node:test'
import { isSource, projectFiles } from '../tooling/checkout.ts'
import type { ProjectFile } from '../tooling/checkout.ts'
import { namedInHead, rules } from './rules.ts'

const files = projectFiles()

/** For each rule: a file that breaks it, and one that is near but fine. */
const planted: ReadonlyArray<readonly [path: string, bad: string, good: string]> = [
  ['runtime/a.ts', "import x from 'y'\n", '/**\n * Owns nothing.\n */\n'],
  ['runtime/camelCase.ts', '', ''],
  ['runtime/a.ts', 'x\n'.repeat(401), 'x\n'.repeat(400)],
  ['runtime/a.ts', "throw new Error('x')", "throw new DiskFullError('throw new Error(')"],
  ['runtime/a.ts', 'const x = y as any', "const x = 'as any' // : any"],
  ['runtime/a.ts', "export * from './b.ts'", "export { b } from './b.ts'"],
  ['runtime/a.ts', "import '../persistence/frame.ts'", "import '../persistence/index.ts'"],
  ['props-tests/unit/a.test.ts', 'await sleep(5)', "log('sleep(5)')"],
  ['docs/a.md', ['TO', 'DO: later'].join(''), 'todo'],
  ['docs/a.md', ['see /ro', 'ot/x'].join(''), 'see /dev/null'],
]

describe('tidy', () => {
  for (const rule of rules) {
    it(rule.name, () => {
      const concerned = files.filter(({ path }) => rule.applies(path))
      assert.deepEqual(
        concerned.flatMap((file) => rule.find(file).map((finding) => `${file.path}${finding}`)),
        [],
      )
    })
  }

  it('TR1: each rule finds its planted fault, and spares what only looks like it', () => {
    assert.equal(planted.length, rules.length)
    for (const [index, rule] of rules.entries()) {
      const [path = '', bad = '', good = ''] = planted[index] ?? []
      assert.ok(rule.applies(path), `${rule.name}: concerns ${path}`)
      assert.equal(rule.find({ path, text: bad }).length, 1, `${rule.name}: finds the fault`)
      const near = { path: path.replace('camelCase', 'kebab-case'), text: good }
      assert.deepEqual(rule.find(near), [], `${rule.name}: spares its neighbour`)
    }
  })

  it('TR2: a head leaves things only to files that there are', () => {
    const names = new Set(files.map(({ path }) => basename(path)))
    const strangers = ({ path, text }: ProjectFile): string[] =>
      namedInHead(text).flatMap((name) => (names.has(basename(name)) ? [] : [`${path}: ${name}`]))
    assert.deepEqual(files.filter(({ path }) => path.endsWith('.ts')).flatMap(strangers), [])
    const bad = { path: 'a.ts', text: '/**\n * Leaves it to `rules.ts` and `nowhere/no-such.ts`.\n */\n' }
    assert.deepEqual(strangers(bad), ['a.ts: nowhere/no-such.ts'])
  })

  it('the files of the four folders are seen', () => {
    assert.ok(files.filter(({ path }) => isSource(path)).length > 5)
  })
})
