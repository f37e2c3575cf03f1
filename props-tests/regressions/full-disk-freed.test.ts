/**
 * A full disk stayed full: what was done with was freed only when the journal had grown, which it cannot on a full disk.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { JournalStore } from '../../persistence/internal.ts'
import { defineTopic, openRuntime } from '../../runtime/index.ts'
import { SimulatedClock, SimulatedDisk, SimulatedRandom } from '../index.ts'
import { openJournal } from '../support/journal-subject.ts'

const KIB = 1024
const pieces = defineTopic<string>('pieces')

it('UP3: messages that are done with leave a full disk, and sends go on by themselves', async () => {
  const disk = new SimulatedDisk()
  disk.quotaBytes = 512 * KIB
  const clock = new SimulatedClock()
  const runtime = await openRuntime('simulated', {
    clock,
    random: new SimulatedRandom(1),
    store: () => Promise.resolve(new JournalStore(openJournal(disk, 1))),
    limits: { segmentBytes: 64 * KIB, upkeepMs: 20, diskRetryMs: 50 },
  })
  const producer = runtime.producer(pieces, { id: 'p', deliveryTimeoutMs: 60_000 })
  let confirmed = 0
  const send = (): void => {
    void producer.send('x'.repeat(3 * KIB)).then(() => (confirmed += 1))
  }
  for (let i = 0; i < 300; i += 1) {
    send()
    await clock.advance(1)
  }
  assert.ok(confirmed > 50 && confirmed < 300, `${confirmed} fit`)

  const handled: number[] = []
  // Slow, so that the first look finds next to nothing to free.
  const consumer = runtime.consumer(pieces, { group: 'g', concurrency: 4 })
  void consumer.run(async ({ offset }) => {
    await new Promise<void>((resolve) => clock.schedule(15, resolve))
    handled.push(offset)
  })
  await clock.advance(50_000)
  assert.equal(confirmed, 300, 'what waited was sent when space was back')
  assert.deepEqual(
    handled.toSorted((a, b) => a - b),
    [...handled.keys()],
  )
  assert.equal(handled.length, 300)
  await runtime.close()
})
