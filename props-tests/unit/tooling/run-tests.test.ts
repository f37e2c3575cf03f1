/**
 * Proves that the runner's exit code can be trusted, on planted test files in a copy of the layout.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { checkout } from '../../tooling/checkout.ts'

const passing = "import { it } from 'node:test'\nit('is fine', () => {})\n"
const failing = "import { it } from 'node:test'\nit('is not', () => { throw 1 })\n"
const called = "import { contract } from './contract.ts'\ncontract()\n"
const contract = `import { describe, it } from 'node:test'
export const contract = () => describe('a contract', () => { it('holds', () => {}) })
`
const hollow = "import { describe } from 'node:test'\ndescribe('nothing', () => {})\n"
const seeded = `import { it } from 'node:test'\nit('sees seed ' + process.env['UNLOST_SEED'], () => {})\n`

const place = mkdtempSync(join(tmpdir(), 'unlost-runner-'))
after(() => {
  rmSync(place, { recursive: true })
})

interface Outcome {
  readonly status: number | null
  readonly text: string
}

/** Lays out a project with these test files and runs its runner. */
function runWith(name: string, tests: Readonly<Record<string, string>>, seed = '42'): Outcome {
  const folder = join(place, name)
  for (const part of ['tooling', 'support']) {
    cpSync(join(checkout, 'props-tests', part), join(folder, 'props-tests', part), { recursive: true })
  }
  symlinkSync(join(checkout, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  mkdirSync(join(folder, 'props-tests/unit'))
  for (const [file, text] of Object.entries(tests))
    writeFileSync(join(folder, 'props-tests/unit', file), text)
  // The inner runner must not take itself for a test file of the outer one.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const args = ['--import', 'tsx', 'props-tests/tooling/run-tests.ts']
  const result = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...env, UNLOST_SEED: seed },
  })
  return { status: result.status, text: result.stdout + result.stderr }
}

describe('the runner', () => {
  it('RT1: a run of no file, and a file of no test, are failures', () => {
    const nothing = runWith('nothing', {})
    assert.equal(nothing.status, 1)
    assert.match(nothing.text, /no \*\.test\.ts/)
    const empty = runWith('empty', { 'a.test.ts': passing, 'b.test.ts': 'export {}\n' })
    assert.equal(empty.status, 1)
    assert.match(empty.text, /no test ran in .*b\.test\.ts/)
    const suite = runWith('suite', { 'a.test.ts': passing, 'b.test.ts': hollow })
    assert.equal(suite.status, 1, 'a suite of no test is none')
  })

  it('RT1: a file whose tests are written in a contract has tests', () => {
    const shared = runWith('shared', { 'contract.ts': contract, 'b.test.ts': called })
    assert.equal(shared.status, 0, shared.text)
    assert.match(shared.text, /# tests 1\n/)
  })

  it('RT2: a failed test fails the run, and the last lines count', () => {
    const red = runWith('red', { 'a.test.ts': passing, 'b.test.ts': failing })
    assert.equal(red.status, 1)
    assert.match(red.text, /# tests 2\n(?:# suites 0\n)?# pass 1\n# fail 1\n/)
    const broken = runWith('broken', { 'a.test.ts': passing, 'b.test.ts': `${passing}throw 1\n` })
    assert.equal(broken.status, 1)
    const green = runWith('green', { 'a.test.ts': passing })
    assert.equal(green.status, 0, green.text)
    assert.match(green.text, /# tests 1\n(?:# suites 0\n)?# pass 1\n# fail 0\n/)
  })

  it('RT3: the seed reaches the tests and is told; a mistyped one is refused', () => {
    const run = runWith('seeded', { 'a.test.ts': seeded })
    assert.match(run.text, /sees seed 42/)
    assert.match(run.text, /UNLOST_SEED=42 npm test/)
    assert.notEqual(runWith('mistyped', { 'a.test.ts': seeded }, '42x').status, 0)
  })
})
