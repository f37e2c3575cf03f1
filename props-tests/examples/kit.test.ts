/**
 * The examples of the kit, run as a user runs them: each bug is found by name within seconds, its twin passes.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { checkout } from '../tooling/checkout.ts'

const folder = join(checkout, 'examples/kit')
const reports = mkdtempSync(join(tmpdir(), 'unlost-examples-'))
after(() => {
  rmSync(reports, { recursive: true })
})

/** Which guarantee each example breaks, and the words that a person must find in its report. */
const examples: Readonly<Record<string, readonly [invariant: string, clue: RegExp]>> = {
  'ack-before-work': [
    'work-after-ack',
    /its handler acked it before this work, and then the (?:process died|call failed) .* The ack of \w+ was on disk before its handler \(group handlers\) had ended/,
  ],
  'effect-outside': ['duplicated-effect', /context\.send/],
  'state-in-variable': ['state-lost', /At the end the view is .* without a mishap it is/],
  'swallowed-error': [
    'lost-effect',
    /returned from \w+ as if all were well, although its call of mail had failed/,
  ],
}

interface Ended {
  readonly exitCode: number | null
  readonly text: string
}

/** Runs a program of the checkout; the system's directory for temporary files is one of ours. */
function run(program: string, args: readonly string[]): Promise<Ended> {
  const env = { ...process.env, TMPDIR: reports, NO_COLOR: '1' }
  delete (env as NodeJS.ProcessEnv)['NODE_TEST_CONTEXT']
  const child = spawn(program, args, { cwd: checkout, env })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (part: Buffer) => (text += String(part)))
  return new Promise((resolve) => {
    child.on('close', (exitCode) => {
      resolve({ exitCode, text })
    })
  })
}

function argumentsFor(name: string): string[] {
  const seed = join(checkout, 'props-tests/support/seed.ts')
  const imports = ['--import', 'tsx', '--import', seed]
  return [...imports, '--test', '--test-reporter=spec', join(folder, `${name}.test.ts`)]
}

describe('examples/kit', () => {
  it('has a test for each bug, and no other', () => {
    const tests = readdirSync(folder).filter((name) => name.endsWith('.test.ts'))
    assert.deepEqual(
      tests.toSorted(),
      [...Object.keys(examples), 'actors'].map((name) => `${name}.test.ts`).toSorted(),
    )
  })

  it('actors: seven mistakes are found by name, three right ones pass', async () => {
    const { exitCode, text } = await run(process.execPath, argumentsFor('actors'))
    assert.equal(exitCode, 0, text)
    assert.match(text, /pass 10/)
  })

  for (const [name, [invariant, clue]] of Object.entries(examples)) {
    it(`${name}: found as ${invariant}, told and drawn; its twin passes`, async () => {
      const { exitCode, text } = await run(process.execPath, argumentsFor(name))
      assert.equal(exitCode, 0, text)
      assert.match(text, /pass 2/)
      const report = text.slice(text.indexOf(`${invariant}: `))
      assert.match(report.replaceAll(/\s+/g, ' '), clue)
      const [, picture = ''] = / Picture {11}(\S+\.svg)/.exec(report) ?? []
      assert.ok(picture.startsWith(reports), `the report names a picture: ${picture}`)
      assert.match(readFileSync(picture, 'utf8'), new RegExp(`^<svg [\\s\\S]*${invariant}`))
      assert.match(report, /UNLOST_REPLAY='[\d:-]+@[^']+' node --test/)
    })
  }
})

describe('examples/kit/vitest', () => {
  const runner = join(checkout, 'node_modules/vitest/vitest.mjs')
  const isHere = existsSync(runner)
  if (!isHere) console.log('NOT TRIED: vitest is not installed; npm ci installs it')

  it('the same check runs under vitest', { skip: !isHere }, async () => {
    const { exitCode, text } = await run(process.execPath, [runner, 'run', '--dir', join(folder, 'vitest')])
    assert.equal(exitCode, 0, text)
    assert.match(text, /Tests\s+2 passed/)
  })

  it('its types are right', { skip: !isHere }, async () => {
    const compiler = join(checkout, 'node_modules/typescript/bin/tsc')
    const { exitCode, text } = await run(process.execPath, [
      compiler,
      '-p',
      join(folder, 'vitest'),
      '--noEmit',
    ])
    assert.equal(exitCode, 0, text)
  })
})
