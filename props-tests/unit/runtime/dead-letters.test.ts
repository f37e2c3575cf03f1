/**
 * Dead letters: seen, sent back, given up.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DeadLetter, defineTopic, InvalidOptionError } from '../../../runtime/index.ts'
import type { DeadLetters } from '../../../runtime/index.ts'
import { openWorld } from '../../support/consume-world.ts'
import type { World } from '../../support/consume-world.ts'

const jobs = defineTopic<number>('jobs')

/** Eight messages of which the odd ones are dead; `seen` is what is handled afterwards. */
async function worldWithDead(seen: number[]): Promise<{ world: World; letters: DeadLetters<number> }> {
  const world = await openWorld()
  await world.runtime.producer(jobs, { id: 'p' }).sendBatch([0, 1, 2, 3, 4, 5, 6, 7])
  let isFixed = false
  void world.runtime.consumer(jobs, { group: 'g' }).run(({ value }) => {
    if (!isFixed && value % 2 === 1) throw new DeadLetter(`odd ${value}`)
    if (isFixed) seen.push(value)
  })
  await world.settle()
  isFixed = true
  return { world, letters: world.runtime.deadLetters(jobs, { group: 'g' }) }
}

async function values(letters: DeadLetters<number>): Promise<(number | undefined)[]> {
  return (await letters.list()).map(({ value }) => value)
}

describe('DeadLetters', () => {
  it('DD1: they stay over restarts, and their messages stay on disk with them', async () => {
    const seen: number[] = []
    const { world } = await worldWithDead(seen)
    await world.clock.advance(5_000)
    assert.ok((world.store.trims.at(-1)?.get(1) ?? 0) <= 1, 'the first dead letter pins its message')
    await world.crash()
    const letters = world.runtime.deadLetters(jobs, { group: 'g' })
    const [first] = await letters.list({ limit: 1 })
    assert.deepEqual(
      [first?.value, first?.offset, first?.reason, first?.attempts, first?.history.length],
      [1, 1, 'odd 1', 1, 1],
    )
    const purged = letters.purge()
    await world.settle()
    assert.equal((await purged).count, 4)
    await world.clock.advance(5_000)
    assert.equal(world.store.trims.at(-1)?.get(1), 8, 'and after a purge it may go')
  })

  it('DD1: redriven, they are handled once more with a fresh count, also in a run that did not read them', async () => {
    const { world } = await worldWithDead([])
    await world.crash()
    const attempts: number[] = []
    void world.runtime.consumer(jobs, { group: 'g' }).run(({ attempt }) => void attempts.push(attempt))
    const redriven = world.runtime.deadLetters(jobs, { group: 'g' }).redrive()
    await world.settle()
    assert.equal((await redriven).count, 4)
    assert.deepEqual(attempts, [1, 1, 1, 1])
    await world.crash()
    assert.deepEqual(await world.runtime.deadLetters(jobs, { group: 'g' }).list(), [])
  })

  it('DD1: redriven twice at once, each is handled once', async () => {
    const seen: number[] = []
    const { world, letters } = await worldWithDead(seen)
    const both = Promise.all([letters.redrive(), letters.redrive(), letters.redrive({ offsets: [3] })])
    await world.settle()
    await both
    assert.deepEqual(
      seen.toSorted((a, b) => a - b),
      [1, 3, 5, 7],
    )
    assert.equal((await world.runtime.consumer(jobs, { group: 'g' }).lag()).total, 0)
  })

  it('DD2: a dry run says what would happen and changes nothing', async () => {
    const seen: number[] = []
    const { world, letters } = await worldWithDead(seen)
    const batches = world.disk.batches.length
    for (const act of ['redrive', 'purge'] as const) {
      const result = await letters[act]({ dryRun: true })
      assert.deepEqual(
        [result.count, result.dryRun, result.letters.map(({ offset }) => offset)],
        [4, true, [1, 3, 5, 7]],
      )
    }
    await world.settle()
    assert.equal(world.disk.batches.length, batches)
    assert.deepEqual(await values(letters), [1, 3, 5, 7])
    assert.deepEqual(seen, [])
  })

  it('which: by partition, offsets, a predicate, and at most so many, oldest first', async () => {
    const seen: number[] = []
    const { world, letters } = await worldWithDead(seen)
    assert.deepEqual(await letters.list({ partition: 1 }), [])
    const some = letters.redrive({ offsets: [3, 5, 2] })
    await world.settle()
    await some
    const where = letters.redrive({ where: ({ reason }) => reason === 'odd 7' })
    await world.settle()
    await where
    assert.deepEqual(seen, [3, 5, 7])
    const none = letters.purge({ limit: 0 })
    await world.settle()
    assert.equal((await none).count, 0)
    assert.deepEqual(await values(letters), [1])
  })

  it('a wrong filter or an unknown group is refused by name', async () => {
    const { world, letters } = await worldWithDead([])
    await assert.rejects(letters.list({ limt: 1 } as object), InvalidOptionError)
    await assert.rejects(letters.redrive({ offsets: ['1'] } as object), InvalidOptionError)
    await assert.rejects(letters.purge({ dryRun: 'yes' } as object), InvalidOptionError)
    assert.throws(() => world.runtime.deadLetters(jobs, { group: 'nobody' }), InvalidOptionError)
  })
})
