/**
 * What became of the search for one bug.
 *
 * Owns: carrying the search out, and what counts as found. Leaves printing to `main.ts`.
 *
 * BV1. A bug is found only by a hunt of its own list; that the code falls over in another way is no finding.
 * BV2. A bug that shows without a crash is marked as such, and one that is marked so shows.
 * BV3. The code as it is must not be accused by any hunt, with the same seed and as many runs.
 */
import type { WrappedBug } from './bug-list.ts'
import { hunt, huntNames } from './hunts.ts'
import type { Found } from './hunts.ts'
import { huntIn } from './hunt-process.ts'
import type { Told } from './hunt-process.ts'
import { plantTree, removeTree } from './planted-tree.ts'
import type { SourceBug } from './source-bug.ts'

export interface Verdict {
  readonly name: string
  /** What found it. */
  readonly hunt: Told['hunt'] | undefined
  readonly found: Found | undefined
  /** What is wrong with the bug, with the search, or with the code; undefined when all is as it should be. */
  readonly complaint: string | undefined
}

/** Plants a bug in a copy of the sources, and looks for it there. */
export async function searchSource(bug: SourceBug, seed: number): Promise<Verdict> {
  const tree = plantTree(bug.edits)
  try {
    return verdictOf(bug, await huntIn(tree, bug.hunts, seed))
  } catch (error) {
    return { name: bug.name, hunt: undefined, found: undefined, complaint: String(error) }
  } finally {
    removeTree(tree)
  }
}

/** Looks for a bug that wraps a port, in this process. */
export async function searchWrapped(bug: WrappedBug, seed: number): Promise<Verdict> {
  const told: Told[] = []
  const calm =
    (await hunt('journal calm', seed, bug.suspects)) ?? (await hunt('runtime calm', seed, bug.suspects))
  told.push({ hunt: 'calm', ...(calm === undefined ? {} : { found: calm }) })
  for (const name of bug.hunts) {
    const found = await hunt(name, seed, bug.suspects)
    if (found !== undefined) told.push({ hunt: name, found })
  }
  return verdictOf(bug, told)
}

/** All hunts over the code as it is: each must find nothing. The tests are held to that by being tests. */
export async function searchNothing(seed: number): Promise<Verdict> {
  const accused: string[] = []
  for (const name of huntNames) {
    const found = await hunt(name, seed)
    if (found !== undefined) accused.push(`${name}: ${found.text}`)
  }
  const complaint = accused.length === 0 ? undefined : `accused by ${accused.join('; ')}`
  return { name: 'the code as it is', hunt: undefined, found: undefined, complaint }
}

function verdictOf(bug: SourceBug | WrappedBug, told: readonly Told[]): Verdict {
  const calm = told[0]?.found
  const { hunt: by, found } = told.slice(1).find((one) => one.found !== undefined) ?? {}
  const isMarked = bug.showsInCalm === true
  const complaint =
    found === undefined
      ? 'missed'
      : calm !== undefined && !isMarked
        ? `shows without a crash: ${calm.text}`
        : calm === undefined && isMarked
          ? 'is marked as one that shows without a crash, and does not'
          : undefined
  return { name: bug.name, hunt: by, found, complaint }
}
