import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { SimulatedRandom } from '../simulated-random.ts'
import { runSeed } from '../support/seed.ts'
import { checkout } from '../tooling/checkout.ts'
import { sourceBugs, wrappedBugs } from './bug-list.ts'
import { searchSource } from './bug-verdict.ts'
import { hunt } from './hunts.ts'
import { PlantingError, replaced } from './planted-tree.ts'
import type { SourceBug } from './source-bug.ts'

/** So many of the list are looked for in each run of the tests; `npm run bugs` looks for all. */
const sampleCount = 4

describe('bugs planted in the real code', () => {
  it('PT1: each of their texts stands exactly once in its file, so that each can be planted', () => {
    for (const { edits } of sourceBugs) {
      for (const edit of edits) {
        const text = readFileSync(join(checkout, edit.file), 'utf8')
        assert.notEqual(replaced(text, edit), text)
      }
    }
  })

  it('PT1: a text that is not there, or twice, plants nothing', () => {
    const edit = { file: 'a.ts', find: 'sync()', replace: '' }
    assert.throws(() => replaced('write()', edit), PlantingError)
    assert.throws(() => replaced('sync(); sync()', edit), PlantingError)
    assert.equal(replaced('write(); sync()', edit), 'write(); ')
  })

  it('the list is as long as was promised, and no name stands in it twice', () => {
    const names = [...sourceBugs, ...wrappedBugs].map(({ name }) => name)
    assert.ok(names.length >= 100, `${names.length} bugs`)
    assert.deepEqual(
      names.filter((name, i) => names.indexOf(name) !== i),
      [],
    )
  })

  for (const bug of sampleOf(sourceBugs)) {
    it(`BV1, BV2: ${bug.name} - found`, async (context) => {
      const { complaint, found, hunt: by } = await searchSource(bug, runSeed)
      assert.equal(complaint, undefined)
      context.diagnostic(`${by}, try ${found?.tries}: ${found?.checker}`)
    })
  }

  it('BV1: what is no bug is not found', async () => {
    const [file, find] = ['runtime/due-alarm.ts', 'close(): void {\n    this.#cancel()']
    const harmless: SourceBug = {
      name: 'cancels twice',
      edits: [{ file, find, replace: `${find}\n    this.#cancel()` }],
      hunts: ['props-tests/unit/runtime/delay.test.ts'],
    }
    assert.equal((await searchSource(harmless, runSeed)).complaint, 'missed')
  })

  it('HU1, BV3: a hunt over the code as it is finds nothing, twice', async () => {
    assert.equal(await hunt('journal damage', runSeed), undefined)
    assert.equal(await hunt('runtime calm', runSeed), undefined)
    assert.equal(await hunt('journal calm', runSeed), undefined)
  })

  it('HU1: the same seed finds the same', async () => {
    const [bug] = wrappedBugs.filter(({ name }) => name === 'runtime: leases are not written')
    assert.ok(bug !== undefined)
    const find = () => hunt('runtime crashes', 11, bug.suspects)
    const [first, second] = [await find(), await find()]
    assert.ok(first !== undefined)
    assert.deepEqual(second, first)
  })
})

/** Others in each run, as the seed decides. */
function sampleOf(bugs: readonly SourceBug[]): SourceBug[] {
  const random = new SimulatedRandom(runSeed)
  const left = [...bugs]
  return Array.from({ length: sampleCount }, () => left.splice(random.choose(left.length), 1)).flat()
}
