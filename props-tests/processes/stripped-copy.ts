/**
 * A copy of the sources as plain JavaScript, so that a child starts in a fifth of the time.
 *
 * Owns: making and removing it. Leaves to `child-process.ts` running scripts from it.
 * Types are taken away and nothing else: the code that is killed is the code of the checkout.
 *
 * SY1. A copy is taken of the sources as they are at that moment, below `.cache/`, where their imports resolve as ever.
 */
import * as fs from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { checkout } from '../tooling/checkout.ts'

/** What a child of this folder may import; of the kit, the files that stand alone. */
const folders = ['persistence', 'actors', 'runtime', 'props-tests', 'props-tests/processes']

export interface StrippedCopy {
  /** The folder of the scripts, in place of this one. */
  readonly scripts: string
  readonly remove: () => void
}

export function makeStrippedCopy(): StrippedCopy {
  const cache = join(checkout, '.cache')
  fs.mkdirSync(cache, { recursive: true })
  const root = fs.mkdtempSync(join(cache, 'stripped-'))
  for (const folder of folders) {
    for (const name of fs.readdirSync(join(checkout, folder))) {
      if (name.endsWith('.ts') && !name.endsWith('.test.ts')) strip(join(folder, name), root)
    }
  }
  return { scripts: join(root, 'props-tests/processes'), remove: () => fs.rmSync(root, { recursive: true }) }
}

function strip(path: string, root: string): void {
  const { outputText } = ts.transpileModule(fs.readFileSync(join(checkout, path), 'utf8'), {
    fileName: path,
    compilerOptions: {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2023,
      verbatimModuleSyntax: true,
      rewriteRelativeImportExtensions: true,
    },
  })
  const to = join(root, path.replace(/\.ts$/, '.js'))
  fs.mkdirSync(dirname(to), { recursive: true })
  fs.writeFileSync(to, outputText)
}
