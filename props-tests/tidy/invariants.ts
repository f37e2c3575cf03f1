/**
 * The numbered invariants of the sources, and the tests that cite them.
 *
 * Owns: reading `J1. …` out of head comments and `it('J1: …')` out of tests.
 * Leaves to `invariants.test.ts` the comparison, and to `uncited.json` what is still owed.
 *
 * IV1. An invariant counts as cited only by the beginning of a test's title, up to its colon.
 * IV2. A range in a title (`J3-J5: …`) cites every number in it.
 */
import ts from 'typescript'
import type { ProjectFile } from '../tooling/checkout.ts'
import { allNodes, parse } from './rules.ts'

/** Invariants that the head comment of a file declares, in order. */
export function declaredIn({ text }: ProjectFile): string[] {
  const head = /^(?:#!.*\n)?\/\*\*[\s\S]*?\*\//.exec(text)?.[0] ?? ''
  return [...head.matchAll(/^ \* ([A-Z]{1,3}\d+)\. /gm)].map(([, id = '']) => id)
}

/** Invariants that the titles of a test file or a contract suite cite. */
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
