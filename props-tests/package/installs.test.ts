/**
 * The tarball, installed as a user would: it type-checks under each TypeScript and runs on each Node.
 *
 * Binaries are kept in `.cache/` of the checkout. What cannot be fetched is skipped, and the run says so.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { checkout } from '../tooling/checkout.ts'
import { installInto } from './npm-folder.ts'
import { pack } from './tarball.ts'

const nodeVersions = ['20.20.2', '22.23.3', '24.21.0', '26.10.0']
const typescriptVersions = ['5.4.5', '5.6.3', '5.9.3', '6.0.3', '7.0.2']
const platform = process.platform === 'win32' ? 'win' : process.platform

const nodenext = { module: 'nodenext', moduleResolution: 'nodenext', skipLibCheck: false }
/** The types of a dependency do not hold under exact optional properties, so there ours alone are checked, in use. */
const modes: Readonly<Record<string, object>> = {
  nodenext,
  bundler: { module: 'esnext', moduleResolution: 'bundler', skipLibCheck: false },
  'nodenext and exact optional properties': {
    ...nodenext,
    skipLibCheck: true,
    exactOptionalPropertyTypes: true,
  },
}

/** A tool from npm, kept under `.cache/`; says nothing when it is there. */
function cached(t: TestContext, name: string, spec: string): string | undefined {
  const folder = join(checkout, '.cache', name)
  const home = join(folder, 'node_modules/tool')
  if (existsSync(join(folder, 'complete'))) return home
  const outcome = installInto(folder, [`tool@npm:${spec}`])
  if (outcome === 'installed') {
    writeFileSync(join(folder, 'complete'), spec)
    return home
  }
  const notice = `NOT TRIED: ${spec} cannot be fetched here: ${outcome.unavailable}`
  console.log(notice)
  t.skip(notice)
  return undefined
}

function runOrFail(command: string, args: readonly string[], cwd: string): string {
  const result = spawnSync(command, args, { cwd, encoding: 'utf8', timeout: 120_000 })
  assert.equal(result.status, 0, `${command} ${args.join(' ')}\n${result.stdout}${result.stderr}`)
  return result.stdout
}

/** A tsconfig as strict as a user may have it, library types checked too. */
const config = (mode: object, extra: object): string =>
  JSON.stringify({
    compilerOptions: {
      ...mode,
      target: 'es2022',
      lib: ['es2023', 'esnext.disposable'],
      types: ['node'],
      strict: true,
      ...extra,
    },
    files: ['program.ts'],
  })

describe('the installed tarball', () => {
  const tarball = pack()
  const user = mkdtempSync(join(tmpdir(), 'unlost-user-'))
  after(() => {
    tarball.remove()
    rmSync(user, { recursive: true })
  })
  copyFileSync(join(checkout, 'props-tests/package/fixture/program.ts'), join(user, 'program.ts'))
  const outcome = installInto(user, [tarball.path, '@types/node@20.19.43', 'fast-check@4.10.2'])
  const skip =
    outcome === 'installed' ? false : `NOT TRIED: dependencies cannot be fetched: ${outcome.unavailable}`
  if (skip !== false) console.log(skip)

  for (const version of typescriptVersions) {
    for (const [name, mode] of Object.entries(modes)) {
      it(`type-checks under TypeScript ${version}, ${name}`, { skip }, (t) => {
        const typescript = cached(t, `typescript-${version}`, `typescript@${version}`)
        if (typescript === undefined) return
        const file = `tsconfig-${version}-${name.replaceAll(' ', '-')}.json`
        writeFileSync(join(user, file), config(mode, { noEmit: true }))
        runOrFail(process.execPath, [join(typescript, 'bin/tsc'), '-p', file], user)
      })
    }
  }

  for (const version of nodeVersions) {
    it(`runs on Node ${version}`, { skip }, (t) => {
      const node = cached(t, `node-${version}`, `node-${platform}-${process.arch}@${version}`)
      if (node === undefined) return
      buildProgram()
      const binary = join(node, 'bin/node')
      assert.equal(runOrFail(binary, ['--version'], user).trim(), `v${version}`)
      const saw = JSON.parse(runOrFail(binary, ['program.js'], user)) as unknown
      assert.deepEqual(saw, {
        offsets: 8,
        refused: 'UNLOST_LOCKED',
        sum: 36,
        attempts: 8,
        left: 0,
        doors: [true, true, true],
      })
    })
  }

  function buildProgram(): void {
    if (existsSync(join(user, 'program.js'))) return
    writeFileSync(join(user, 'tsconfig.json'), config(modes['nodenext'] ?? {}, {}))
    runOrFail(process.execPath, [join(checkout, 'node_modules/typescript/bin/tsc'), '-p', '.'], user)
  }
})
