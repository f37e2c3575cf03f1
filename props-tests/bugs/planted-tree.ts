/**
 * A copy of the project in which some texts read otherwise.
 *
 * Owns: copying, and replacing. Leaves running what is in it to `hunt-process.ts`.
 *
 * PT1. A text that does not stand exactly once in its file is an error: a bug that was not planted must never look found.
 */
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkout } from '../tooling/checkout.ts'
import type { Edit } from './source-bug.ts'

const copied = ['package.json', 'tsconfig.json', 'actors', 'persistence', 'runtime', 'props-tests']

/** Raised when a text that is to be replaced is not there, or there more than once. */
export class PlantingError extends Error {
  override readonly name = 'PlantingError'
}

/** Makes the copy and returns its path. Remove it with `removeTree`. */
export function plantTree(edits: readonly Edit[]): string {
  const tree = fs.mkdtempSync(join(tmpdir(), 'unlost-bug-'))
  try {
    for (const name of copied) fs.cpSync(join(checkout, name), join(tree, name), { recursive: true })
    fs.symlinkSync(join(checkout, 'node_modules'), join(tree, 'node_modules'))
    for (const { file, find, replace } of edits) {
      const path = join(tree, file)
      fs.writeFileSync(path, replaced(fs.readFileSync(path, 'utf8'), { file, find, replace }))
    }
    return tree
  } catch (error) {
    removeTree(tree)
    throw error
  }
}

export function removeTree(tree: string): void {
  fs.rmSync(tree, { recursive: true, force: true })
}

/** `text` with the edit made. Throws `PlantingError`. */
export function replaced(text: string, { file, find, replace }: Edit): string {
  const parts = text.split(find)
  if (parts.length === 2) return parts.join(replace)
  throw new PlantingError(`${file} holds this text ${parts.length - 1} times, not once:\n${find}`)
}
