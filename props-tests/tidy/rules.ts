/**
 * The rules of house-keeping that no linter has, as data.
 *
 * Owns: for each rule, which files it concerns and which lines break it.
 * Leaves to `tidy.test.ts` the files of the project and the proof that each rule can fail.
 *
 * TR1. A rule reads the syntax tree where it speaks of code, so that a comment or a string never trips it.
 * TR2. The files that a head leaves things to exist.
 */
import { posix } from 'node:path'
import ts from 'typescript'
import { isSource, sourceFolders } from '../tooling/checkout.ts'
import type { ProjectFile } from '../tooling/checkout.ts'

/** A place that breaks a rule: what to say about it, after the path. */
export type Finding = string

export interface Rule {
  readonly name: string
  readonly applies: (path: string) => boolean
  readonly find: (file: ProjectFile) => Finding[]
}

const isTypeScript = (path: string): boolean => path.endsWith('.ts')
const isTest = (path: string): boolean => path.startsWith('props-tests/') && !isSource(path)
const isCode = (path: string): boolean =>
  isTypeScript(path) && sourceFolders.some((f) => path.startsWith(`${f}/`))
const linesMax = 400

/** Words that may stand in no file; they are cut in two here so that this file may stand too. */
const oneOf = (halves: readonly (readonly [string, string])[]): RegExp =>
  new RegExp(halves.map((both) => both.join('')).join('|'))
const postponed = oneOf([
  ['\\bTO', 'DO\\b'],
  ['\\bFIX', 'ME\\b'],
])
const places = oneOf([
  ['/wo', 'rk/'],
  ['/ro', 'ot/'],
  ['/ho', 'me/'],
  ['//regis', 'try\\.'],
  ['\\bnpm', 'js\\.'],
])

/** The files that the comment at the head of a file names. */
export function namedInHead(text: string): string[] {
  const [head = ''] = /^(?:#!.*\n)?\/\*\*[^]*?\*\//.exec(text) ?? []
  return [...head.matchAll(/`([\w./-]+\.ts)`/g)].map(([, name = '']) => name)
}

export const rules: readonly Rule[] = [
  {
    name: 'a file begins with a comment that says what it owns',
    applies: (path) => isCode(path) && !path.endsWith('.test.ts'),
    find: ({ text }) => (/^(?:#!.*\n)?\/\*\*\n \* \S/.test(text) ? [] : [': has no head comment']),
  },
  {
    name: 'a file has a kebab-case name',
    applies: isCode,
    find: ({ path }) =>
      /^[a-z0-9]+(?:[.-][a-z0-9]+)*\.ts$/.test(posix.basename(path)) ? [] : [': has another name'],
  },
  {
    name: `a file has at most ${linesMax} lines`,
    applies: isTypeScript,
    find: ({ text }) => {
      const count = text.trimEnd().split('\n').length
      return count > linesMax ? [`: has ${count} lines`] : []
    },
  },
  {
    name: 'a source throws typed errors only',
    applies: (path) => isSource(path) || path.startsWith('examples/'),
    find: (file) => findNodes(file, isBareThrow, 'throws a bare Error'),
  },
  {
    name: 'nothing is any',
    applies: isTypeScript,
    find: (file) => findNodes(file, (node) => node.kind === ts.SyntaxKind.AnyKeyword, 'says any'),
  },
  {
    name: 'doors name what they export',
    applies: isTypeScript,
    find: (file) =>
      findNodes(
        file,
        (node) => ts.isExportDeclaration(node) && node.exportClause === undefined,
        'exports everything',
      ),
  },
  {
    name: 'a folder is entered by its door',
    applies: isCode,
    find: (file) => findNodes(file, (node) => isDeepImport(file.path, node), 'imports past a door'),
  },
  {
    name: 'a test never sleeps',
    applies: (path) => isTypeScript(path) && isTest(path),
    find: (file) => findNodes(file, isSleep, 'sleeps'),
  },
  {
    name: 'nothing is put off in a comment',
    applies: () => true,
    find: ({ text }) => findLines(text, postponed),
  },
  {
    name: 'no file knows this machine or its network',
    applies: () => true,
    find: ({ text }) => findLines(text, places),
  },
]

function findLines(text: string, pattern: RegExp): Finding[] {
  const lines = text.split('\n')
  return lines.flatMap((line, index) =>
    pattern.test(line) ? [`:${index + 1} says "${line.trim().slice(0, 80)}"`] : [],
  )
}

/** Lines of the nodes that `matches` picks. */
function findNodes(file: ProjectFile, matches: (node: ts.Node) => boolean, words: string): Finding[] {
  const source = parse(file)
  return allNodes(source)
    .filter(matches)
    .map((node) => `:${source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1} ${words}`)
}

/** The syntax tree of a file. */
export function parse({ path, text }: ProjectFile): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true)
}

/** All nodes of a tree, parents first. */
export function allNodes(root: ts.Node): ts.Node[] {
  const nodes = [root]
  ts.forEachChild(root, (child) => {
    nodes.push(...allNodes(child))
  })
  return nodes
}

function isBareThrow(node: ts.Node): boolean {
  if (!ts.isThrowStatement(node) || !ts.isNewExpression(node.expression)) return false
  return node.expression.expression.getText() === 'Error'
}

function isSleep(node: ts.Node): boolean {
  if (ts.isCallExpression(node)) {
    return /^(?:globalThis\.)?(?:setTimeout|setInterval|sleep|delay|Atomics\.wait)$/.test(
      node.expression.getText(),
    )
  }
  return ts.isImportDeclaration(node) && /^.node:timers/.test(node.moduleSpecifier.getText())
}

function isDeepImport(path: string, node: ts.Node): boolean {
  const isImport = ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
  const from = isImport ? node.moduleSpecifier : undefined
  if (from === undefined || !ts.isStringLiteral(from) || !from.text.startsWith('.')) return false
  const target = posix.join(posix.dirname(path), from.text)
  const [mine, theirs] = [path, target].map((each) => each.split('/')[0])
  if (mine === theirs) return false
  const seam = mine === 'props-tests' ? /^[^/]+\/(?:index|internal)\.ts$/ : /^[^/]+\/index\.ts$/
  return sourceFolders.some((folder) => folder === theirs) && !seam.test(target)
}
