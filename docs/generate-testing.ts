/**
 * Writes the made parts of `docs/testing.md` again, and the picture beside it: `npm run docs:testing`.
 *
 * Owns: the files. Leaves to `testing-page.ts` what is in them.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { drawSpaceTime } from '../props-tests/index.ts'
import { failing, withFailure, withGuarantees } from './testing-page.ts'

const path = new URL('testing.md', import.meta.url)
const failure = await failing({ seed: 3, shrinkLimitMs: 120_000 })
await writeFile(path, withGuarantees(withFailure(await readFile(path, 'utf8'), failure)))
await writeFile(
  new URL('testing-failure.svg', import.meta.url),
  drawSpaceTime(failure.history, failure.violation),
)
