/**
 * Proves that the lint rules bite: each is given a planted fault in a copy of the layout, and must name it.
 *
 * LT1. Every fault is found by the rule that is meant for it.
 * LT2. The same layout without faults is clean, so that LT1 does not pass by noise.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, describe, it } from 'node:test'
import { checkout, kitFolders } from '../tooling/checkout.ts'

interface Fault {
  readonly rule: string
  readonly file: string
  readonly source: string
}

const lines = (count: number): string => 'x += 1\n'.repeat(count)

/** Imports that must be refused, per file. */
const badImports: Readonly<Record<string, readonly string[]>> = {
  'persistence/disk-x.ts': [
    '../runtime/index.ts',
    '../actors/index.ts',
    'xstate',
    'nanoid',
    'node:timers/promises',
  ],
  'actors/machine-x.ts': [
    '../runtime/index.ts',
    '../persistence/index.ts',
    'node:events',
    'nanoid',
    'fast-check',
  ],
  'runtime/loop-x.ts': [
    '../persistence/disk.ts',
    '../actors/retry-policy.ts',
    'node:fs',
    'node:fs/promises',
    'node:worker_threads',
    'proper-lockfile',
    '../props-tests/index.ts',
  ],
  'props-tests/kit-x.ts': ['../runtime/loop.ts', './support/seed.ts', 'node:timers'],
  'props-tests/report/text-x.ts': ['../support/seed.ts', '../../runtime/loop.ts', 'node:timers'],
  'props-tests/unit/runtime/loop-x.test.ts': ['../../../runtime/loop.ts', 'node:timers/promises'],
}

const goodImports: Readonly<Record<string, readonly string[]>> = {
  'persistence/disk-y.ts': ['./store-y.ts', 'node:fs', 'node:assert/strict', 'proper-lockfile'],
  'persistence/system.ts': ['nanoid', 'node:process'],
  'actors/machine-y.ts': ['./policy-y.ts', 'xstate'],
  'runtime/loop-y.ts': [
    './topic-y.ts',
    '../persistence/index.ts',
    '../actors/index.ts',
    'node:events',
    'node:assert/strict',
  ],
  'props-tests/kit-y.ts': [
    './disk-y.ts',
    './report/index.ts',
    '../persistence/index.ts',
    '../runtime/index.ts',
    'fast-check',
  ],
  'props-tests/report/text-y.ts': ['./line-y.ts', '../history-y.ts', '../../runtime/index.ts', 'node:fs'],
  'props-tests/unit/runtime/loop-y.test.ts': ['../../../runtime/index.ts', '../../../runtime/internal.ts'],
}

const ambient = [
  'Date.now()',
  'performance.now()',
  'setTimeout(f, 1)',
  'setInterval(f, 1)',
  'setImmediate(f)',
  'process.pid',
]

const faults: readonly Fault[] = [
  ...Object.entries(badImports).flatMap(([file, sources]) =>
    sources.map((from, index) => ({
      rule: 'eslint(no-restricted-imports)',
      file: file.replace('-x', `-x${index}`),
      source: `export { thing } from '${from}'\n`,
    })),
  ),
  ...['persistence', 'actors', 'runtime', 'props-tests', 'props-tests/report'].flatMap((folder) =>
    ambient.map((call, index) => ({
      rule: 'eslint(no-restricted-globals)',
      file: `${folder}/ambient-${index}.ts`,
      source: `export const use = (f: () => void): unknown => ${call.replace('f)', '() => f())')}\n`,
    })),
  ),
  ...['setTimeout', 'setInterval'].map((name) => ({
    rule: 'eslint(no-restricted-globals)',
    file: `props-tests/unit/sleep-${name.toLowerCase()}.test.ts`,
    source: `export const nap = (f: () => void): unknown => ${name}(f, 10)\n`,
  })),
  ...['persistence', 'actors', 'runtime', 'props-tests', 'props-tests/unit'].map((folder) => ({
    rule: 'eslint(no-restricted-properties)',
    file: `${folder}/chance.ts`,
    source: 'export const chance = (): number => Math.random()\n',
  })),
  {
    rule: 'import(no-cycle)',
    file: 'runtime/egg.ts',
    source: `import { hen } from './hen.ts'\nexport const egg = (): unknown => hen\n`,
  },
  {
    rule: 'import(no-cycle)',
    file: 'runtime/hen.ts',
    source: `import { egg } from './egg.ts'\nexport const hen = (): unknown => egg\n`,
  },
  { rule: 'import(no-default-export)', file: 'runtime/default.ts', source: 'export default 1\n' },
  { rule: 'eslint(max-lines)', file: 'runtime/long.ts', source: `export let x = 0\n${lines(400)}` },
  {
    rule: 'eslint(max-lines-per-function)',
    file: 'runtime/long-function.ts',
    source: `export function long(): number {\nlet x = 0\n${lines(70)}return x\n}\n`,
  },
  {
    rule: 'eslint(max-params)',
    file: 'runtime/params.ts',
    source: 'export const four = (a: number, b: number, c: number, d: number): number => a + b + c + d\n',
  },
  {
    rule: 'eslint(max-depth)',
    file: 'runtime/depth.ts',
    source:
      'export function deep(a: number): void {\nif (a) { if (a > 1) { if (a > 2) { if (a > 3) { deep(4) } } } }\n}\n',
  },
  {
    rule: 'typescript(no-explicit-any)',
    file: 'runtime/any.ts',
    source: 'export const x = (a: any): unknown => a\n',
  },
  {
    rule: 'typescript(no-floating-promises)',
    file: 'runtime/floating.ts',
    source: 'const later = async (): Promise<void> => {}\nexport function forget(): void {\n  later()\n}\n',
  },
  {
    rule: 'typescript(no-misused-promises)',
    file: 'runtime/misused.ts',
    source: 'export const all = (a: number[]): void => {\n  a.forEach(async () => {})\n}\n',
  },
  {
    rule: 'typescript(switch-exhaustiveness-check)',
    file: 'runtime/switch.ts',
    source: `export function say(kind: 'a' | 'b'): number {\n  switch (kind) {\n    case 'a':\n      return 1\n  }\n  return 2\n}\n`,
  },
  {
    rule: 'typescript(only-throw-error)',
    file: 'runtime/throw.ts',
    source: `export function fail(): never {\n  throw 'text'\n}\n`,
  },
]

const clean: readonly Fault[] = [
  ...Object.entries(goodImports).map(([file, sources]) => ({
    rule: '',
    file,
    source: sources.map((from, index) => `export { thing as thing${index} } from '${from}'\n`).join(''),
  })),
  { rule: '', file: 'runtime/clock.ts', source: 'export const now = (): number => Date.now()\n' },
  { rule: '', file: 'runtime/random.ts', source: 'export const draw = (): number => Math.random()\n' },
]

interface Diagnostic {
  readonly code: string
  readonly filename: string
}

/** Lays the files out beside the real configuration and returns what the linter says. */
function lint(files: readonly Fault[]): Diagnostic[] {
  const folder = mkdtempSync(join(tmpdir(), 'unlost-lint-'))
  after(() => {
    rmSync(folder, { recursive: true })
  })
  for (const name of ['.oxlintrc.json', 'tsconfig.json'])
    copyFileSync(join(checkout, name), join(folder, name))
  symlinkSync(join(checkout, 'node_modules'), join(folder, 'node_modules'))
  for (const { file, source } of files) place(join(folder, file), source)
  const binary = join(checkout, 'node_modules/.bin/oxlint')
  const result = spawnSync(binary, ['-f', 'json'], { cwd: folder, encoding: 'utf8' })
  const report = JSON.parse(result.stdout) as { diagnostics: Diagnostic[]; number_of_files: number }
  assert.equal(report.number_of_files, files.length, 'the linter saw every planted file')
  return report.diagnostics
}

function place(path: string, source: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, source)
}

describe('lint', () => {
  const found = lint(faults)
  for (const { rule, file, source } of faults) {
    it(`LT1: ${rule} refuses ${file}: ${source.split('\n')[0]?.slice(0, 70)}`, () => {
      const codes = found.filter((diagnostic) => diagnostic.filename === file).map(({ code }) => code)
      assert.ok(codes.includes(rule), `found only [${codes.join(', ')}]`)
    })
  }

  it('each folder below props-tests/ is named by the rules, as the kit or as tests', () => {
    const rules = readFileSync(join(checkout, '.oxlintrc.json'), 'utf8')
    const named = [...rules.matchAll(/"props-tests\/\{([\w,-]+)\}/g)].flatMap(([, words = '']) =>
      words.split(','),
    )
    const folders = readdirSync(join(checkout, 'props-tests'), { withFileTypes: true })
    for (const { name } of folders.filter((entry) => entry.isDirectory()))
      assert.ok(named.includes(name), name)
    for (const name of kitFolders) assert.ok(named.includes(name), name)
  })

  it('LT2: a layout without faults is clean', () => {
    const ours = new Set(faults.map(({ rule }) => rule))
    assert.deepEqual(
      lint(clean).filter(({ code }) => ours.has(code)),
      [],
    )
  })
})
