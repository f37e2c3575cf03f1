/**
 * Type-checks and runs every ts block of README.md and docs/, against the build and by the package's name.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { checkout, projectFiles } from '../tooling/checkout.ts'
import { SnippetError, snippetsOf } from './snippets.ts'
import type { Snippet } from './snippets.ts'

// Inside the checkout, so that `unlost` is found by its own name.
const folder = join(checkout, '.cache/snippets')
const runTimeoutMs = 60_000
const pages = projectFiles().filter(({ path }) => /^(?:README|docs\/[^/]+)\.md$/.test(path))
const snippets = pages.flatMap((page) => snippetsOf(page))

/** Writes all snippets, compiles them in one go, and returns what the compiler says. */
function compile(list: readonly Snippet[]): string[] {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const { name, code } of list) writeFileSync(join(folder, `${name}.ts`), `${code}\nexport {}\n`)
  const options = {
    rootDir: '.',
    outDir: 'built',
    noEmit: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
  }
  const config = { extends: '../../tsconfig.json', compilerOptions: options, include: ['*.ts'], exclude: [] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const compiler = join(checkout, 'node_modules/typescript/bin/tsc')
  const { stdout } = spawnSync(process.execPath, [compiler, '-p', '.', '--pretty', 'false'], {
    cwd: folder,
    encoding: 'utf8',
  })
  return stdout.split('\n')
}

function run({ name }: Snippet): void {
  const cwd = mkdtempSync(join(tmpdir(), 'unlost-snippet-'))
  after(() => {
    rmSync(cwd, { recursive: true })
  })
  const program = join(folder, 'built', `${name}.js`)
  const result = spawnSync(process.execPath, [program], { cwd, encoding: 'utf8', timeout: runTimeoutMs })
  assert.equal(result.error, undefined, `${name} did not end within ${runTimeoutMs} ms`)
  assert.equal(result.status, 0, `${name}\n${result.stdout}${result.stderr}`)
}

describe('snippets', () => {
  const said = compile(snippets)

  it('there are some', () => {
    assert.ok(snippets.some(({ isRun }) => isRun))
  })

  it('the compiler says nothing that belongs to no snippet', () => {
    const names = snippets.map(({ name }) => `${name}.ts`)
    assert.deepEqual(
      said.filter((line) => /^\S/.test(line) && !names.some((name) => line.startsWith(`${name}(`))),
      [],
    )
  })

  for (const snippet of snippets) {
    it(`${snippet.name} ${snippet.isRun ? 'type-checks and runs' : 'type-checks'}`, () => {
      assert.deepEqual(
        said.filter((line) => line.startsWith(`${snippet.name}.ts(`)),
        [],
      )
      if (snippet.isRun) run(snippet)
    })
  }
})

const fence = '```'
const block = (words: string, code: string): string => `${fence}${words}\n${code}\n${fence}\n`
const codeOf = (text: string): string[] =>
  snippetsOf({ path: 'docs/a.md', text }).map(({ code }) => code.replaceAll('// the snippet', '').trim())

describe('taking snippets out of a page', () => {
  it('DS1: a block is a program, named by its page and line', () => {
    const text = `words\n\n${block('ts', 'one()')}${block('js', 'no()')}${block('ts no-run', 'two()')}`
    const found = snippetsOf({ path: 'docs/a.md', text })
    assert.deepEqual(
      found.map(({ name, isRun }) => [name, isRun]),
      [
        ['docs-a-l3', true],
        ['docs-a-l9', false],
      ],
    )
    assert.deepEqual(codeOf(text), ['one()', 'two()'])
  })

  it('DS2: a block that continues joins the one before', () => {
    assert.deepEqual(codeOf(block('ts', 'one()') + block('ts continues', 'two()')), ['one()\ntwo()'])
    assert.throws(() => codeOf(block('ts continues', 'x')), SnippetError)
  })

  it('DS3: a frame goes around the blocks after it', () => {
    const frame = '<!-- around\nopen()\n// the snippet\nclose()\n-->\n'
    assert.deepEqual(codeOf(frame + block('ts', 'one()') + block('ts continues', '$&()')), [
      'open()\none()\n$&()\n\nclose()',
    ])
    assert.throws(() => codeOf('<!-- around\nopen()\n-->\n'), SnippetError)
    assert.throws(() => codeOf(block('ts norun', 'x')), SnippetError)
  })
})
