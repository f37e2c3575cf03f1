/**
 * Any mix of sends, refusals, aborts, fences, time and restarts, held against what is on the disk in the end.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { BrokenError, DiskFullError } from '../../../persistence/index.ts'
import { defineTopic, type Producer, type Receipt } from '../../../runtime/index.ts'
import { assertNoGap, Fate, openRig, reopen, type Rig, stored } from '../../support/sending-rig.ts'

const topic = defineTopic<string>('t', { partitions: 2, key: (value) => value.slice(-1) })
const limits = { windowCount: 3, waitingCount: 4, batchBytes: 4096 }

type Step = readonly [kind: number, who: number, ms: number]

interface Sent {
  readonly value: string
  readonly by: string
  readonly fate: Fate<Receipt | Receipt[]>
}

class World {
  readonly sent: Sent[] = []
  #rig: Rig
  #producers = new Map<number, Producer<string>>()
  #stop = new AbortController()
  /** How long a commit takes: time for its sends to be given up meanwhile. */
  #delayMs = 0
  #mode: 'works' | 'full' | 'fails' = 'works'

  constructor(rig: Rig) {
    this.#rig = rig
    this.#watch()
  }

  get rig(): Rig {
    return this.#rig
  }

  #watch(): void {
    const { clock, store } = this.#rig
    store.beforeCommit = async (batch) => {
      const delayMs = this.#delayMs
      if (delayMs > 0) await new Promise<void>((resolve) => clock.schedule(delayMs, resolve))
      if (this.#mode === 'fails') throw new BrokenError('sync failed', { outcome: 'unknown' })
      if (this.#mode === 'full' && batch.runs.length > 0) throw new DiskFullError('no space')
    }
  }

  #producer(who: number): Producer<string> {
    const known = this.#producers.get(who) ?? this.#rig.runtime.producer(topic, { id: `p${who}` })
    this.#producers.set(who, known)
    return known
  }

  #send(who: number, ms: number): void {
    const producer = this.#producer(who)
    const value = `${this.sent.length}/${ms % 2}`
    const options = ms % 3 === 0 ? { signal: this.#stop.signal } : { deliveryTimeoutMs: 1 + ms * 20 }
    const by = `${producer.id}/${producer.epoch}`
    this.sent.push({ value, by, fate: new Fate(producer.send(value, options)) })
  }

  async step([kind, who, ms]: Step): Promise<void> {
    if (kind < 6) return this.#send(who, ms)
    if (kind === 6) [this.#mode, this.#delayMs] = [ms % 2 === 0 ? 'works' : 'full', ms > 6 ? 45 : 0]
    if (kind === 7) await this.#rig.clock.advance(ms * 10)
    if (kind === 8) await this.#rig.settle()
    if (kind === 9) this.#abort()
    if (kind === 10) this.#producers.delete(who)
    if (kind === 11) await this.#restart(ms)
  }

  #abort(): void {
    this.#stop.abort()
    this.#stop = new AbortController()
  }

  /** As after a crash, or after a failed sync. */
  async #restart(ms: number): Promise<void> {
    if (ms % 2 === 0) this.#mode = 'fails'
    await this.#rig.clock.advance(100_000)
    this.#mode = 'works'
    this.#rig = await reopen(this.#rig, { limits })
    this.#producers.clear()
    this.#watch()
  }

  async end(): Promise<void> {
    this.#mode = 'works'
    await this.#rig.clock.advance(100_000)
  }
}

describe('sending, whatever happens', () => {
  it('PR1, PR2, PR3, AD2, SU2: receipts, outcomes, order and numbers agree with the disk', async () => {
    const step = fc.tuple(fc.nat(11), fc.nat(1), fc.nat(20))
    let [confirmed, absent, unknown] = [0, 0, 0]
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
        const world = new World(await openRig({ limits }))
        for (const each of steps) await world.step(each).catch(ignoreBroken)
        await world.end()
        const { disk } = world.rig
        assertNoGap(disk)
        const onDisk = stored(disk).map((message) => JSON.parse(message.value.toString()) as string)
        assert.equal(new Set(onDisk).size, onDisk.length, 'nothing is written twice')
        for (const { value, fate } of world.sent) {
          assert.notEqual(fate.state, 'pending', `${value} hangs`)
          if (fate.state === 'fulfilled') assert.ok(onDisk.includes(value), `${value} was confirmed`)
          else if (fate.words.endsWith(' not-written'))
            assert.ok(!onDisk.includes(value), `${value}: ${fate.words}`)
          else assert.match(fate.words, / unknown$/)
          if (fate.state === 'fulfilled') confirmed += 1
          else if (fate.words.endsWith('unknown')) unknown += 1
          else absent += 1
        }
        assertOrder(world.sent, onDisk)
      }),
      { numRuns: 150 },
    )
    assert.ok(
      confirmed > 100 && absent > 100 && unknown > 5,
      `${confirmed} ${absent} ${unknown}: not much was tried`,
    )
  })
})

/** A step on a broken runtime is refused under that name; the next restart mends it. */
function ignoreBroken(error: { code?: string }): void {
  assert.equal(error.code, 'UNLOST_BROKEN')
}

/** What one producer sent to one partition lies there in the order of its calls. */
function assertOrder(sent: readonly Sent[], onDisk: readonly string[]): void {
  for (const by of new Set(sent.map((each) => each.by))) {
    for (const partition of ['0', '1']) {
      const mine = sent
        .filter((each) => each.by === by && each.value.endsWith(partition))
        .map(({ value }) => value)
      const order = mine.map((value) => onDisk.indexOf(value)).filter((index) => index >= 0)
      assert.deepEqual(
        order,
        order.toSorted((a, b) => a - b),
      )
    }
  }
}
