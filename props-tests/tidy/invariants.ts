/**
 * The numbered invariants of the sources, and the tests that cite them.
 *
 * Owns: reading `J1. …` out of head comments and `it('J1: …')` out of tests.
 * Leaves to `invariants.test.ts` the comparison, and to `uncited.json` what is still owed.
 *
 * IV1. An invariant counts as cited only by the beginning of a test's title, up to its colon.
 * IV2. A range in a title (`J3-J5: …`) cites every number in it.
 * IV3. A number belongs to a folder: a test below `unit/<folder>/` cites that folder's, another test those of the
 *      folders whose doors it imports.
 */
import { posix } from 'node:path'
import ts from 'typescript'
import { sourceFolders } from '../tooling/checkout.ts'
import type { ProjectFile } from '../tooling/checkout.ts'
import { allNodes, parse } from './rules.ts'

/** Invariants that the head comment of a file declares, in order. */
export function declaredIn({ text }: ProjectFile): string[] {
  const head = /^(?:#!.*\n)?\/\*\*[\s\S]*?\*\//.exec(text)?.[0] ?? ''
  return [...head.matchAll(/^ \* ([A-Z]{1,3}\d+)\. /gm)].map(([, id = '']) => id)
}

/** Invariants that a test file or a contract suite cites, each as `folder id`. */
export function citationsOf(file: ProjectFile): string[] {
  const ids = citedIn(file)
  return foldersOf(file).flatMap((folder) => ids.map((id) => `${folder} ${id}`))
}

function foldersOf(file: ProjectFile): string[] {
  const unit = /^props-tests\/unit\/([^/]+)\//.exec(file.path)?.[1]
  if (unit !== undefined) return [unit]
  const imports = ts.preProcessFile(file.text).importedFiles
  const targets = imports.map(({ fileName }) => posix.join(posix.dirname(file.path), fileName))
  return sourceFolders.filter((folder) => targets.some((target) => posix.dirname(target) === folder))
}

/** Invariants that the titles of a file name. */
export function citedIn(file: ProjectFile): string[] {
  return allNodes(parse(file))
    .filter(isTestCall)
    .flatMap((call) => idsOf(titleOf(call)))
}

function isTestCall(node: ts.Node): node is ts.CallExpression {
  return ts.isCallExpression(node) && /^(?:it|test|describe)(?:\.\w+)?$/.test(node.expression.getText())
}

function titleOf(call: ts.CallExpression): string {
  const [title] = call.arguments
  if (title === undefined) return ''
  if (ts.isStringLiteralLike(title)) return title.text
  return ts.isTemplateExpression(title) ? title.head.text : ''
}

/** `J1, J3-J5 and S2: words` gives J1, J3, J4, J5 and S2. */
function idsOf(title: string): string[] {
  const colon = title.indexOf(':')
  const ids = title.slice(0, Math.max(colon, 0))
  return [...ids.matchAll(/\b([A-Z]{1,3})(\d+)(?:\s*(?:-|–|\.\.|…|to)\s*[A-Z]{0,3}(\d+))?/g)].flatMap(
    ([, letters = '', first = '', last = first]) => range(letters, Number(first), Number(last)),
  )
}

function range(letters: string, first: number, last: number): string[] {
  return Array.from({ length: Math.max(last - first + 1, 1) }, (_, index) => `${letters}${first + index}`)
}
