/**
 * What a topic's own rule gives up was told as lost before it was written, and again at every look at it while the disk
 * was slow: a listener heard of losses that had not happened, several times. Found by reading the upkeep.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { defineTopic } from '../../runtime/index.ts'
import { deferred, openWorld } from '../support/consume-world.ts'

const strict = defineTopic<number>('strict', { retain: { ms: 4_000, evenIfUnread: true } })

it('UL1, UL2: what a group loses is told when it is on disk, and once', async () => {
  const world = await openWorld()
  world.runtime.consumer(strict, { group: 'slow' })
  await world.runtime.producer(strict, { id: 'p' }).send(1)
  const slow = deferred()
  world.store.beforeCommit = () => slow.promise
  await world.clock.advance(9_000)
  assert.deepEqual(world.events('data-loss'), [], 'nothing is lost yet')
  slow.resolve()
  await world.clock.advance(9_000)
  assert.deepEqual(world.events('data-loss'), [
    { topic: 'strict', partition: 0, group: 'slow', from: 0, to: 1 },
  ])
})
