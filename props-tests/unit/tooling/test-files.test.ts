/**
 * Proves that the runner never takes an empty list for a good run.
 */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, describe, it } from 'node:test'
import { NoTestsError, findTestFiles, groupOf, selectTestFiles } from '../../tooling/test-files.ts'

const root = mkdtempSync(join(tmpdir(), 'unlost-test-files-'))
after(() => {
  rmSync(root, { recursive: true })
})

function place(...names: readonly string[]): string[] {
  return names.map((name) => {
    const path = join(root, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, '')
    return path
  })
}

describe('test files', () => {
  const [a, b] = place('unit/deep/a.test.ts', 'faults/b.test.ts')
  place('unit/support.ts', 'package/fixture/inner.test.ts')

  it('TF1: a group is the first folder, and data folders hold no tests', () => {
    assert.deepEqual(findTestFiles(root), [b, a])
    assert.equal(groupOf(root, String(a)), 'unit')
    assert.deepEqual(selectTestFiles(root, ['unit']), [a])
    assert.deepEqual(selectTestFiles(root, [join(root, 'faults')]), [b])
    assert.deepEqual(selectTestFiles(root, []), [b, a])
  })

  it('TF2: a word that selects nothing is an error', () => {
    assert.throws(() => selectTestFiles(root, ['unti']), NoTestsError)
    assert.throws(() => selectTestFiles(join(root, 'package'), []), NoTestsError)
  })
})
