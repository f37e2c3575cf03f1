/**
 * The store port as a suite that runs on every store.
 *
 * Owns: what each store must do, through its own end and the end of its process. Leaves reading to
 * `store-read-contract.ts`, and to the caller the world: a directory that outlives its owners. What a power cut
 * does is `properties/journal-crash.property.test.ts`.
 *
 * Each title cites the invariant of `persistence/store.ts`, or the guarantee, that it holds the store to.
 */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import {
  ClosedError,
  CorruptError,
  FencedError,
  LockedError,
  TooLargeError,
  UnlostError,
} from '../../persistence/index.ts'
import { plain, readAll, readRuns, runOf, text, texts } from '../support/runs.ts'
import { StoreRig, segmentBytes } from '../support/store-rig.ts'
import type { StoreWorld } from '../support/store-rig.ts'
import { storeReadContract } from './store-read-contract.ts'

/** Every store must pass this. `makeWorld` gives a new, empty directory each time. */
export function storeContract(label: string, makeWorld: () => StoreWorld): void {
  storeReadContract(label, makeWorld)
  describe(`store contract: ${label}`, () => {
    let rig: StoreRig
    beforeEach(async () => {
      rig = await StoreRig.begin(makeWorld())
    })
    afterEach(async () => {
      await rig.world.dispose()
    })

    it('S1: a new directory holds nothing, and its owner has an epoch', () => {
      const { report, checkpoint, events, mailboxes } = rig.store.recovered
      assert.equal(report.previous, 'none')
      assert.ok(report.epoch >= 1)
      assert.deepEqual([checkpoint, events.length, mailboxes.size, report.messages], [undefined, 0, 0, 0])
    })

    it('S1: what was committed is there after the process was killed', async () => {
      await rig.send(runOf([1, 0, 3]))
      const { epoch } = rig.store.recovered.report
      await rig.killAndOpen()
      assert.equal(rig.store.recovered.report.previous, 'crashed')
      assert.ok(rig.store.recovered.report.epoch > epoch)
      assert.equal(rig.store.recovered.report.messages, 3)
      assert.deepEqual(rig.store.recovered.mailboxes, new Map([[1, { first: 0, next: 3 }]]))
      assert.deepEqual(await readRuns(rig.store, [1, 0], 1000), [runOf([1, 0, 3])])
    })

    it('S1: what was committed is there after a release, and the report says that it was closed', async () => {
      await rig.send(runOf([1, 0, 3]))
      await rig.store.release()
      await rig.open()
      assert.equal(rig.store.recovered.report.previous, 'closed')
      assert.deepEqual(await readRuns(rig.store, [1, 0], 1000), [runOf([1, 0, 3])])
    })

    it('S1: many short lives lose nothing', async () => {
      for (let life = 0; life < 12; life += 1) {
        await rig.send(runOf([1, life, 1]))
        if (life % 3 === 0) await rig.store.release()
        else await rig.world.kill()
        await rig.open()
        assert.deepEqual(rig.store.recovered.mailboxes, new Map([[1, { first: 0, next: life + 1 }]]))
      }
      const expected = Array.from({ length: 12 }, (_, life) => runOf([1, life, 1]))
      assert.deepEqual(await readAll(rig.store, [1, 0]), expected)
    })

    it('S1: opening and closing without a message changes nothing that counts', async () => {
      await rig.store.commit({ events: [Buffer.from('e')], runs: [runOf([1, 0, 1])] })
      for (let life = 0; life < 3; life += 1) {
        await rig.store.release()
        await rig.open()
        assert.deepEqual(texts(rig.store.recovered.events), ['e'])
      }
      assert.deepEqual(await readAll(rig.store, [1, 0]), [runOf([1, 0, 1])])
    })

    it('S1: a segment after another is filled, and all of them are found again', async () => {
      for (let i = 0; i < 40; i += 1) await rig.send(runOf([1 + (i % 2), 10 * Math.floor(i / 2), 10], 8000))
      await rig.killAndOpen()
      assert.ok(rig.store.recovered.report.segments >= 4, `${rig.store.recovered.report.segments} segments`)
      assert.equal(rig.store.recovered.report.messages, 400)
      for (const mailbox of [1, 2]) {
        const expected = Array.from({ length: 20 }, (_, i) => runOf([mailbox, 10 * i, 10], 8000))
        assert.deepEqual(await readAll(rig.store, [mailbox, 0]), expected)
      }
    })

    it('S1: the bytes may be reused by their owner once commit was called', async () => {
      const run = runOf([1, 0, 1])
      const event = Buffer.from('event')
      const committed = rig.store.commit({ events: [event], runs: [run] })
      run.bytes.fill(0)
      event.fill(0)
      await committed
      await rig.killAndOpen()
      assert.deepEqual(await readRuns(rig.store, [1, 0], 1000), [runOf([1, 0, 1])])
      assert.deepEqual(texts(rig.store.recovered.events), ['event'])
    })

    it('S2: events and the runs of many mailboxes are one batch', async () => {
      const runs = [3, 1, 2].map((mailbox) => runOf([mailbox, 0, mailbox]))
      await rig.store.commit({ events: [Buffer.from('a'), Buffer.from('b')], runs })
      await rig.killAndOpen()
      assert.deepEqual(texts(rig.store.recovered.events), ['a', 'b'])
      for (const run of runs) assert.deepEqual(await rig.store.read(run.mailbox, 0, 1), [run])
    })

    it('S2: two runs of one mailbox in one batch follow each other', async () => {
      await rig.send(runOf([1, 0, 2]), runOf([2, 0, 1]), runOf([1, 2, 3]))
      await rig.killAndOpen()
      assert.deepEqual(await readAll(rig.store, [1, 0]), [runOf([1, 0, 2]), runOf([1, 2, 3])])
    })

    it('S2: events come back in their order, the empty one and the binary one too', async () => {
      const binary = Uint8Array.from({ length: 256 }, (_, i) => i)
      await rig.store.commit({ events: [Buffer.from('1'), new Uint8Array(0)], runs: [] })
      await rig.store.commit({ events: [binary], runs: [runOf([1, 0, 1])] })
      await rig.store.commit({ events: [Buffer.from('4')], runs: [] })
      await rig.killAndOpen()
      const expected = [Buffer.from('1'), new Uint8Array(0), binary, Buffer.from('4')]
      assert.deepEqual(rig.store.recovered.events.map(plain), expected.map(plain))
    })

    it('S2: a checkpoint is the new beginning of events, and the last one counts', async () => {
      await rig.note('before')
      await rig.store.checkpoint(Buffer.from('state 1'))
      await rig.note('between')
      await rig.store.checkpoint(Buffer.from('state 2'))
      await rig.note('after 1')
      await rig.note('after 2')
      for (const again of [false, true]) {
        if (again) await rig.store.release()
        else await rig.world.kill()
        await rig.open()
        assert.equal(text(rig.store.recovered.checkpoint), 'state 2')
        assert.deepEqual(texts(rig.store.recovered.events), ['after 1', 'after 2'])
      }
    })

    it('S2: a checkpoint larger than a batch, and than a segment, comes back whole', async () => {
      const state = Uint8Array.from({ length: 3 * segmentBytes + 17 }, (_, i) => (i * 31) % 251)
      await rig.send(runOf([1, 0, 5]))
      await rig.store.checkpoint(state)
      await rig.store.commit({ events: [Buffer.from('after')], runs: [runOf([1, 5, 1])] })
      await rig.killAndOpen()
      assert.ok(rig.store.recovered.checkpoint !== undefined)
      assert.equal(Buffer.compare(rig.store.recovered.checkpoint, state), 0)
      assert.deepEqual(texts(rig.store.recovered.events), ['after'])
      assert.deepEqual(await readAll(rig.store, [1, 0]), [runOf([1, 0, 5]), runOf([1, 5, 1])])
    })

    it('S2: an empty checkpoint is a checkpoint', async () => {
      await rig.store.commit({ events: [Buffer.from('before')], runs: [] })
      await rig.store.checkpoint(new Uint8Array(0))
      await rig.killAndOpen()
      assert.equal(text(rig.store.recovered.checkpoint), '')
      assert.deepEqual(rig.store.recovered.events, [])
    })

    it('S2: a commit tells how many event bytes wait for the next checkpoint', async () => {
      const one = await rig.store.commit({ events: [Buffer.alloc(500)], runs: [] })
      const two = await rig.store.commit({ events: [Buffer.alloc(500)], runs: [runOf([1, 0, 1], 4000)] })
      assert.ok(one.eventBytesSinceCheckpoint >= 500)
      assert.ok(two.eventBytesSinceCheckpoint >= one.eventBytesSinceCheckpoint + 500)
      assert.ok(two.eventBytesSinceCheckpoint < 2000, 'runs are no events')
      const after = await rig.store.checkpoint(Buffer.alloc(900))
      assert.ok(after.eventBytesSinceCheckpoint < 500)
      assert.ok(after.journalBytes > 0)
    })

    it('S4: a batch that is too large is refused by name, nothing is written, and the next one passes', async () => {
      const { batchBytesMax } = rig.store.limits
      assert.ok(batchBytesMax > 8000)
      await assert.rejects(rig.send(runOf([1, 0, 1], batchBytesMax + 1)), isNotWritten(TooLargeError))
      await rig.send(runOf([1, 0, 1], batchBytesMax - 1000))
      await rig.killAndOpen()
      assert.deepEqual(rig.store.recovered.mailboxes, new Map([[1, { first: 0, next: 1 }]]))
      assert.deepEqual(await readAll(rig.store, [1, 0]), [runOf([1, 0, 1], batchBytesMax - 1000)])
    })

    it('S4: a batch of exactly the limit fits', async () => {
      await rig.send(runOf([1, 0, 1], rig.store.limits.batchBytesMax))
      assert.equal((await readAll(rig.store, [1, 0])).length, 1)
    })

    it('S4: a run that is not the next one is our mistake, and leaves nothing', async () => {
      await rig.send(runOf([1, 0, 3]))
      await assert.rejects(rig.send(runOf([1, 4, 1])))
      await assert.rejects(rig.send(runOf([2, 0, 1]), runOf([1, 2, 1])))
      await rig.send(runOf([1, 3, 1]), runOf([2, 0, 1]))
      await rig.killAndOpen()
      assert.deepEqual(await readAll(rig.store, [1, 0]), [runOf([1, 0, 3]), runOf([1, 3, 1])])
      assert.deepEqual(await readAll(rig.store, [2, 0]), [runOf([2, 0, 1])])
    })

    it('S5: trimmed segments leave the disk, what is above stays, and offsets go on', async () => {
      let before = 0
      for (let i = 0; i < 40; i += 1) {
        before = (await rig.store.commit({ events: [], runs: [runOf([1, i, 1], 8000)] })).journalBytes
      }
      await rig.store.checkpoint(Buffer.from('state'))
      const { journalBytes } = await rig.store.trim(new Map([[1, 30]]))
      assert.ok(journalBytes <= before - 2 * segmentBytes, `${before} bytes, then ${journalBytes}`)
      for (const again of [false, true]) {
        if (again) await rig.killAndOpen()
        const range = (again ? rig.store.recovered.mailboxes : undefined)?.get(1)
        if (range !== undefined) assert.ok(range.first > 0 && range.first <= 30 && range.next === 40)
        assert.deepEqual(
          await readAll(rig.store, [1, 30]),
          Array.from({ length: 10 }, (_, i) => runOf([1, 30 + i, 1], 8000)),
        )
      }
      assert.equal(text(rig.store.recovered.checkpoint), 'state')
      await rig.send(runOf([1, 40, 1]))
    })

    it('S5: a mailbox that still needs its messages keeps them, whatever others trim', async () => {
      await rig.send(runOf([2, 0, 4]))
      for (let i = 0; i < 40; i += 1) await rig.send(runOf([1, i, 1], 8000))
      await rig.store.checkpoint(Buffer.from('state'))
      await rig.store.trim(new Map([[1, 40]]))
      await rig.killAndOpen()
      assert.deepEqual(await readAll(rig.store, [2, 0]), [runOf([2, 0, 4])])
    })

    it('S5: a mailbox whose messages are all gone goes on at its next offset', async () => {
      await rig.send(runOf([2, 0, 4]))
      for (let i = 0; i < 40; i += 1) await rig.send(runOf([1, i, 1], 8000))
      await rig.store.checkpoint(Buffer.from('state'))
      const firsts = new Map([
        [1, 40],
        [2, 4],
      ])
      await rig.store.trim(firsts)
      await rig.killAndOpen()
      assert.equal(rig.store.recovered.mailboxes.get(2)?.next, 4)
      assert.equal(rig.store.recovered.mailboxes.get(1)?.next, 40)
      await rig.store.release()
      await rig.open()
      assert.equal(rig.store.recovered.mailboxes.get(2)?.next, 4)
      await rig.send(runOf([2, 4, 1]), runOf([1, 40, 1]))
      assert.deepEqual(await readAll(rig.store, [2, 4]), [runOf([2, 4, 1])])
    })

    it('S5: the events since the checkpoint outlive every trim', async () => {
      await rig.store.commit({ events: [Buffer.from('kept')], runs: [] })
      for (let i = 0; i < 40; i += 1) await rig.send(runOf([1, i, 1], 8000))
      await rig.store.trim(new Map([[1, 40]]))
      await rig.killAndOpen()
      assert.deepEqual(texts(rig.store.recovered.events), ['kept'])
    })

    it('G10: release is idempotent, and everything after it is refused by name', async () => {
      await rig.send(runOf([1, 0, 1]))
      await rig.store.release()
      await rig.store.release()
      await assert.rejects(rig.send(runOf([1, 1, 1])), ClosedError)
      await assert.rejects(readRuns(rig.store, [1, 0], 1000), ClosedError)
      await assert.rejects(rig.store.checkpoint(Buffer.from('x')), ClosedError)
      await assert.rejects(rig.store.trim(new Map()), ClosedError)
    })

    it('G10: a second opener is refused at once, and harms nothing', async (context) => {
      if (rig.world.hasLock !== true) {
        context.skip('this rig.store is opened without a lock')
        return
      }
      const first = rig.store
      await assert.rejects(rig.world.open({ segmentBytes }), LockedError)
      await first.commit({ events: [], runs: [runOf([1, 0, 1])] })
      assert.deepEqual(await first.read(1, 0, 1000), [runOf([1, 0, 1])])
    })

    it('G10: an owner that was replaced can confirm nothing more, and its successor has all it confirmed', async () => {
      const zombie = rig.store
      await rig.send(runOf([1, 0, 2]))
      await rig.open({ takeover: true })
      await assert.rejects(zombie.commit({ events: [], runs: [runOf([1, 2, 2])] }), FencedError)
      await assert.rejects(zombie.commit({ events: [], runs: [runOf([1, 2, 2])] }), UnlostError)
      await rig.send(runOf([1, 2, 1]))
      await rig.killAndOpen()
      assert.deepEqual(await readAll(rig.store, [1, 0]), [runOf([1, 0, 2]), runOf([1, 2, 1])])
    })

    it('G9: damage is refused with file, bytes and offsets', async (context) => {
      if (rig.world.damage === undefined) {
        context.skip('this world cannot be damaged')
        return
      }
      for (let i = 0; i < 20; i += 1) await rig.send(runOf([1, i, 1], 8000))
      await rig.store.release()
      rig.world.damage()
      await assert.rejects(rig.open(), (error) => {
        assert.ok(error instanceof CorruptError)
        assert.ok(error.damage.file.length > 0 && error.damage.end > error.damage.start)
        return true
      })
    })
  })
}

function isNotWritten(type: typeof UnlostError): (error: unknown) => boolean {
  return (error) => error instanceof type && error.outcome === 'not-written'
}
