/**
 * Reading through the store port, as a suite that runs on every store.
 *
 * Owns: windows of reads, sparse mailboxes, and the search by time. Leaves the rest to `store-contract.ts`, which calls it.
 */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { readAll, readRuns, runOf, startMs } from '../support/runs.ts'
import { StoreRig } from '../support/store-rig.ts'
import type { StoreWorld } from '../support/store-rig.ts'

export function storeReadContract(label: string, makeWorld: () => StoreWorld): void {
  describe(`store contract, reading: ${label}`, () => {
    let rig: StoreRig
    beforeEach(async () => {
      rig = await StoreRig.begin(makeWorld())
    })
    afterEach(async () => {
      await rig.world.dispose()
    })

    it('S3: a read begins with the run that holds the offset, and at the end it is empty', async () => {
      for (const first of [0, 10, 20]) await rig.send(runOf([1, first, 10]), runOf([2, first, 10]))
      assert.deepEqual(await readRuns(rig.store, [1, 14], 1), [runOf([1, 10, 10])])
      assert.deepEqual(await readRuns(rig.store, [1, 20], 1), [runOf([1, 20, 10])])
      assert.deepEqual(await readRuns(rig.store, [1, 19], 1_000_000), [
        runOf([1, 10, 10]),
        runOf([1, 20, 10]),
      ])
      assert.deepEqual(await readRuns(rig.store, [1, 30], 1000), [])
      assert.deepEqual(await readRuns(rig.store, [7, 0], 1000), [])
    })

    it('S3: a read stops about where it was told to, and always moves on', async () => {
      for (let i = 0; i < 20; i += 1) await rig.send(runOf([1, i, 1], 1000))
      const part = await readRuns(rig.store, [1, 0], 5000)
      assert.ok(part.length >= 4 && part.length <= 7, `${part.length} runs`)
      assert.equal((await readRuns(rig.store, [1, 3], 1)).length, 1)
      assert.deepEqual(
        await readAll(rig.store, [1, 0], 2500),
        Array.from({ length: 20 }, (_, i) => runOf([1, i, 1], 1000)),
      )
    })

    it('S3: reads may wait beside a commit, and see it or not, but never a part of it', async () => {
      await rig.send(runOf([1, 0, 2]))
      const committing = rig.send(runOf([1, 2, 2]), runOf([1, 4, 2]))
      const seen = await readRuns(rig.store, [1, 0], 1_000_000)
      await committing
      assert.ok([1, 3].includes(seen.length), `${seen.length} runs`)
      assert.equal((await readRuns(rig.store, [1, 0], 1_000_000)).length, 3)
    })

    it('S3: a sparse mailbox is found between busy ones', async () => {
      for (let i = 0; i < 60; i += 1) {
        await rig.send(runOf([1, i, 1], 5000), ...(i % 20 === 10 ? [runOf([2, Math.floor(i / 20), 1])] : []))
      }
      for (const again of [false, true]) {
        if (again) await rig.killAndOpen()
        assert.deepEqual(
          await readAll(rig.store, [2, 0]),
          [0, 1, 2].map((first) => runOf([2, first, 1])),
        )
        assert.deepEqual(await readRuns(rig.store, [1, 57], 1), [runOf([1, 57, 1], 5000)])
      }
    })

    it('S3: offsetAt finds the first run at or after a time, or the end', async () => {
      for (const [first, ms] of [0, 100, 200].entries()) {
        await rig.send({ ...runOf([1, 2 * first, 2]), timestampMs: startMs + ms })
      }
      for (const again of [false, true]) {
        if (again) await rig.killAndOpen()
        assert.equal(await rig.store.offsetAt(1, 0), 0)
        assert.equal(await rig.store.offsetAt(1, startMs + 100), 2)
        assert.equal(await rig.store.offsetAt(1, startMs + 101), 4)
        assert.equal(await rig.store.offsetAt(1, startMs + 201), 6)
      }
      assert.equal(await rig.store.offsetAt(9, startMs), 0)
    })

    it('S3: offsetAt is right across many segments, and where the wall clock went back', async () => {
      const times = Array.from({ length: 60 }, (_, i) => startMs + (i < 30 ? i * 10 : (i - 20) * 10))
      for (const [i, timestampMs] of times.entries())
        await rig.send({ ...runOf([1, i, 1], 5000), timestampMs })
      for (const wantedMs of [startMs, startMs + 95, startMs + 250, startMs + 380, startMs + 999]) {
        const expected = times.findIndex((timestampMs) => timestampMs >= wantedMs)
        assert.equal(await rig.store.offsetAt(1, wantedMs), expected === -1 ? 60 : expected)
      }
    })
  })
}
