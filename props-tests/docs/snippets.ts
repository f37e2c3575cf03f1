/**
 * The code in README.md and docs/, taken out of its pages.
 *
 * Owns: reading ts blocks with their words and their frame, and writing each as a program.
 * Leaves to `snippets.test.ts` type-checking and running them. CONTRIBUTING tells writers how to use it.
 *
 * DS1 to DS3 are told in CONTRIBUTING: a block is a program; `continues` joins it to the one before; a comment
 * `<!-- around … -->` frames the blocks after it, at the line `// the snippet`.
 */
import type { ProjectFile } from '../tooling/checkout.ts'

export interface Snippet {
  /** `docs-errors-l42`: the page and the line of the first block. */
  readonly name: string
  readonly code: string
  readonly isRun: boolean
}

/** Raised when a page misuses the words of snippets. */
export class SnippetError extends Error {
  override readonly name = 'SnippetError'
}

interface Piece {
  readonly kind: 'frame' | 'block'
  readonly words: readonly string[]
  readonly text: string
  readonly line: number
}

const hole = '// the snippet'
const known = new Set(['no-run', 'continues'])
const pieces = /^<!-- around\n([\s\S]*?)^-->$|^( *)```(?:ts|typescript)(?: ([^\n]*))?\n([\s\S]*?)^ *```$/gm

/** The snippets of one page, in order. */
export function snippetsOf(page: ProjectFile): Snippet[] {
  let frame = hole
  const snippets: Snippet[] = []
  for (const piece of piecesOf(page)) {
    if (piece.kind === 'frame') frame = frameOf(page, piece)
    else if (piece.words.includes('continues')) snippets.push(joined(page, piece, snippets.pop()))
    else snippets.push(snippetOf(page, piece, frame))
  }
  return snippets
}

function piecesOf({ path, text }: ProjectFile): Piece[] {
  return [...text.matchAll(pieces)].map((match) => {
    const [, frame, , words = '', block = ''] = match
    const line = text.slice(0, match.index).split('\n').length
    const list = words.split(' ').filter((word) => word !== '')
    const strange = list.find((word) => !known.has(word))
    if (strange !== undefined) throw new SnippetError(`${path}:${line}: unknown word "${strange}" after ts`)
    return { kind: frame === undefined ? 'block' : 'frame', words: list, text: frame ?? block, line }
  })
}

function frameOf({ path }: ProjectFile, piece: Piece): string {
  if (piece.text.split(hole).length === 2) return piece.text
  throw new SnippetError(`${path}:${piece.line}: a frame has the line "${hole}" once`)
}

function snippetOf({ path }: ProjectFile, piece: Piece, frame: string): Snippet {
  const page = path.replace(/\.md$/, '').replaceAll('/', '-').toLowerCase()
  return {
    name: `${page}-l${piece.line}`,
    code: frame.replace(hole, () => `${piece.text}${hole}`),
    isRun: !piece.words.includes('no-run'),
  }
}

function joined({ path }: ProjectFile, piece: Piece, before: Snippet | undefined): Snippet {
  if (before === undefined) throw new SnippetError(`${path}:${piece.line}: nothing to continue`)
  const isRun = before.isRun && !piece.words.includes('no-run')
  return { ...before, isRun, code: before.code.replace(hole, () => `${piece.text}${hole}`) }
}
