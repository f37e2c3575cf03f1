/**
 * What is in the tarball, and whether the tools that judge packages accept it.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import { after, describe, it } from 'node:test'
import { checkout } from '../tooling/checkout.ts'
import { pack } from './tarball.ts'

const tarball = pack()
after(() => {
  tarball.remove()
})

const packedBytesMax = 2 * 1024 * 1024
const doors = ['runtime', 'actors', 'persistence', 'props-tests']
const has = new Set(tarball.files)
const read = (file: string): string => readFileSync(join(tarball.folder, file), 'utf8')

function judge(tool: string, args: readonly string[]): void {
  const binary = join(checkout, 'node_modules/.bin', tool)
  const result = spawnSync(binary, args, { cwd: checkout, encoding: 'utf8' })
  assert.equal(result.status, 0, `${tool} ${args.join(' ')}\n${result.stdout}${result.stderr}`)
}

describe('the tarball', () => {
  it('has the four doors, with types', () => {
    for (const door of doors) {
      assert.ok(has.has(`dist/${door}/index.js`), `${door} has code`)
      assert.ok(has.has(`dist/${door}/index.d.ts`), `${door} has types`)
    }
    const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, string> }
    const names = ['.', './actors', './persistence', './props-tests', './package.json']
    assert.deepEqual(Object.keys(exports).toSorted(), names.toSorted())
    for (const target of Object.values(exports)) assert.ok(has.has(target.replace('./', '')), target)
  })

  it('has every source that a source map names', () => {
    const maps = tarball.files.filter((file) => file.endsWith('.map'))
    assert.ok(maps.length > 0)
    for (const map of maps) {
      const { sources, sourceRoot } = JSON.parse(read(map)) as { sources: string[]; sourceRoot?: string }
      assert.ok(sources.length > 0, `${map} names a source`)
      for (const source of sources) {
        const path = posix.join(posix.dirname(map), sourceRoot ?? '', source)
        assert.ok(has.has(path), `${map} names ${source}, which is not packed`)
      }
    }
  })

  it('has a map for each file of code and of types', () => {
    const built = tarball.files.filter((file) => /^dist\/.*\.(?:js|d\.ts)$/.test(file))
    for (const file of built) {
      assert.ok(has.has(`${file}.map`), `${file} has a map`)
      assert.match(read(file), /\/\/# sourceMappingURL=\S+\.map\s*$/)
    }
  })

  it('has nothing but the build, its sources and the papers', () => {
    const expected =
      /^(?:dist\/(?:runtime|actors|persistence|props-tests)\/|(?:runtime|actors|persistence)\/[^/]+\.ts$|props-tests\/(?:(?:invariants|kit|report)\/)?[^/]+\.ts$|(?:package\.json|README\.md|LICENSE|CHANGELOG\.md)$)/
    assert.deepEqual(
      tarball.files.filter((file) => !expected.test(file) || file.includes('.test.')),
      [],
    )
    for (const paper of ['README.md', 'LICENSE', 'CHANGELOG.md']) assert.ok(has.has(paper), paper)
  })

  it('is small', () => {
    assert.ok(statSync(tarball.path).size < packedBytesMax)
  })

  it('runs no script when it is installed', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    for (const name of ['preinstall', 'install', 'postinstall']) assert.equal(scripts[name], undefined)
  })

  it('passes publint --strict', () => {
    judge('publint', ['run', tarball.path, '--strict'])
  })

  it('passes attw for packages of ES modules', () => {
    judge('attw', [tarball.path, '--profile', 'esm-only'])
  })
})
