/**
 * Proves what an opening makes of the state and the messages that the store gives back.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { CorruptError, defineTopic } from '../../../runtime/index.ts'
import { openWorld } from '../../support/consume-world.ts'

const plain = defineTopic<number>('plain')

it('LR1: messages that the state does not know of, or misses, refuse the directory by mailbox and offsets', async () => {
  const world = await openWorld()
  const producer = world.runtime.producer(plain, { id: 'p' })
  for (const value of [1, 2, 3]) await producer.send(value)
  const { batches } = world.disk
  const withMessages = batches.filter(({ runs }) => runs.length > 0)
  assert.equal(withMessages.length, 3)
  const kept = batches.map((batch) => (batch === withMessages[2] ? { ...batch, runs: [] } : batch))
  world.disk = { ...world.disk, batches: kept }
  await assert.rejects(world.crash(), (error) => {
    assert.ok(error instanceof CorruptError)
    assert.deepEqual(error.damage.offsets, [{ mailbox: 1, first: 2, last: 2 }])
    return /mailbox 1 ends at offset 2, but its state says 3/.test(error.message)
  })
})

it('LR2: a lease that an earlier run had given is back at once, its attempt counted', async () => {
  const world = await openWorld()
  await world.runtime.producer(plain, { id: 'p' }).send(1)
  void world.runtime.consumer(plain, { group: 'g' }).run(() => new Promise<void>(() => {}))
  await world.settle()
  const runtime = await world.crash()
  assert.equal(runtime.recovery.leasesReturned, 1)
  const attempts: number[] = []
  void runtime.consumer(plain, { group: 'g' }).run(({ attempt }) => void attempts.push(attempt))
  await world.settle()
  assert.deepEqual(attempts, [2])
})
