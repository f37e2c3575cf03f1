/**
 * Every seeded bug, and who finds it: `npm run bugs -- [words of a name] [--seed N] [--part 1/4]`.
 *
 * Owns: the command line, how many are looked for at once, and the closing words. Leaves the search to `bug-verdict.ts`.
 * Exits 1 when a bug is missed, shows where it should not, or when the code as it is is accused.
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { runSeed } from '../support/seed.ts'
import { sourceBugs, wrappedBugs } from './bug-list.ts'
import { searchNothing, searchSource, searchWrapped } from './bug-verdict.ts'
import type { Verdict } from './bug-verdict.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string' }, part: { type: 'string', default: '1/1' } },
})
const seed = values.seed === undefined ? runSeed : Number(values.seed)
const words = positionals.join(' ')
const isWanted = ({ name }: { readonly name: string }): boolean => name.includes(words)

const [part = 1, parts = 1] = values.part.split('/').map(Number)
const all: (() => Promise<Verdict>)[] = [
  ...wrappedBugs.filter(isWanted).map((bug) => () => searchWrapped(bug, seed)),
  ...sourceBugs.filter(isWanted).map((bug) => () => searchSource(bug, seed)),
  ...(words === '' ? [() => searchNothing(seed)] : []),
]
const searches = all.filter((_, i) => i % parts === part - 1)

console.log(`${searches.length} searches, seed ${seed}`)
const verdicts: Verdict[] = []
let next = 0
await Promise.all(Array.from({ length: availableParallelism() }, work))
finish()

async function work(): Promise<void> {
  for (let search = searches[next++]; search !== undefined; search = searches[next++]) {
    const verdict = await search()
    verdicts.push(verdict)
    console.log(lineOf(verdict))
  }
}

function lineOf({ name, hunt, found, complaint }: Verdict): string {
  const by = found === undefined ? '' : ` - ${found.checker} (${hunt}, try ${found.tries})`
  if (complaint !== undefined) return `WRONG  ${name}${by}\n       ${complaint}`
  return found === undefined ? `ok     ${name}: not accused` : `found  ${name}${by}`
}

function finish(): void {
  const wrong = verdicts.filter(({ complaint }) => complaint !== undefined)
  const found = verdicts.filter((verdict) => verdict.found !== undefined)
  console.log(`${found.length} bugs found, ${wrong.length} complaints, seed ${seed}`)
  for (const { name } of wrong) console.log(`WRONG  ${name}`)
  if (wrong.length > 0 || verdicts.length === 0) process.exitCode = 1
}
