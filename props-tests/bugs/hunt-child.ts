/**
 * The process that looks for one planted bug: `hunt-child.ts '{"hunts":[…],"seed":1}'`, run in a planted tree.
 *
 * Owns: carrying hunts out, the calm ones first, and printing what each found as a line of JSON. Leaves tests to node:test.
 */
import { hunt } from './hunts.ts'
import type { HuntName } from './hunts.ts'

interface Task {
  /** Each is carried out, until one finds something. */
  readonly hunts: readonly HuntName[]
  readonly seed: number
}

const { hunts, seed } = JSON.parse(process.argv[2] ?? '{}') as Task
const calm = (await hunt('journal calm', seed)) ?? (await hunt('runtime calm', seed))
console.log(JSON.stringify({ hunt: 'calm', found: calm }))
for (const name of hunts) {
  const found = await hunt(name, seed)
  console.log(JSON.stringify({ hunt: name, found }))
  if (found !== undefined) break
}
