/**
 * More than a runtime may hold: a burst of sends, a backlog that nobody takes, and handlers that then work it off.
 *
 * Owns: measuring from outside what is held in memory, and telling it as `held`.
 * Leaves judging to `unbounded` and `stuck`, and crashes to `runtime-run.ts`.
 *
 * BL1. What handlers get without that the store was asked for it since they were let go was in memory until then.
 * BL2. A send that was not refused for want of room is held until it is settled.
 */
import { JournalStore } from '../../persistence/internal.ts'
import type { Store } from '../../persistence/index.ts'
import { defineTopic, openRuntime, UnlostError } from '../../runtime/index.ts'
import type { Consumer, Producer } from '../../runtime/index.ts'
import type { History, Terms } from '../history.ts'
import { SimulatedClock, SimulatedDisk, SimulatedRandom } from '../index.ts'
import { Recorder } from '../recorder.ts'
import { openJournal } from './journal-subject.ts'
import type { Bug } from './runtime-run.ts'

const topic = defineTopic<string>('backlog', { codec: 'json' })
const PAD = 'x'.repeat(200)
const MESSAGES = 6_000
const CONCURRENCY = 200
const limits = {
  windowCount: 64,
  waitingCount: 200,
  recentBytes: 16 * 1024,
  segmentBytes: 64 * 1024,
  upkeepMs: 100,
  drainTimeoutMs: 1_000,
}

/** The window of a feed, one more read of a quarter of a MiB, the recent messages, and what was leased. */
const HELD_MAX = 2_048 + Math.ceil((256 * 1024) / PAD.length) + limits.recentBytes / PAD.length + CONCURRENCY
/** When all is done: the segment in use, the one before it, and what is made ahead. */
const DISK_MAX = 4 * limits.segmentBytes

export const backlogTerms: Terms = {
  groups: {},
  maxDeliveries: 5,
  asks: true,
  concurrency: { slow: CONCURRENCY },
}

/** Runs it; its history says what was held. */
export async function backlogRun(bug: Bug = { name: 'none' }): Promise<History> {
  const run = new BacklogRun(bug)
  return run.carryOut()
}

class BacklogRun {
  readonly #bug: Bug
  readonly #disk = new SimulatedDisk()
  readonly #clock = new SimulatedClock()
  readonly #recorder = new Recorder()
  /** Offsets that the store was asked for since handlers were let go. */
  readonly #read = new Set<number>()
  #handled = 0
  #isWorking = false
  #letGo: () => void = () => {}
  #released: Promise<void> | undefined

  constructor(bug: Bug) {
    this.#bug = bug
  }

  async carryOut(): Promise<History> {
    const runtime = await openRuntime('simulated', {
      clock: this.#clock,
      random: new SimulatedRandom(1),
      store: () => Promise.resolve().then(() => this.#store()),
      limits,
    })
    const consumer = runtime.consumer(topic, { group: 'slow', concurrency: CONCURRENCY })
    this.#released = new Promise((resolve) => (this.#letGo = resolve))
    consumer.run(() => this.#handle()).catch(() => {})
    const producer = runtime.producer(topic, { id: 'fast' })
    await this.#burst(producer)
    if (!(await this.#pileUp(producer))) return this.#recorder.history
    this.#isWorking = true
    this.#letGo()
    await this.#workOff(consumer)
    this.#hold('messages in memory that nobody takes', this.#handled - this.#read.size, HELD_MAX)
    this.#hold('bytes on the disk when all is done', this.#disk.usedBytes, DISK_MAX)
    const closing = runtime.close()
    await this.#clock.advance(2_000)
    await closing
    return this.#recorder.history
  }

  #store(): Store {
    const plain = new JournalStore(openJournal(this.#bug.onDisk?.(this.#disk) ?? this.#disk, 1))
    const store = this.#bug.onStore?.(plain) ?? plain
    return {
      recovered: store.recovered,
      limits: store.limits,
      commit: (batch) => store.commit(batch),
      read: async (mailbox, offset, bytesMax) => {
        const runs = await store.read(mailbox, offset, bytesMax)
        for (const { firstOffset, count } of this.#isWorking ? runs : []) {
          for (let at = firstOffset; at < firstOffset + count; at += 1) this.#read.add(at)
        }
        return runs
      },
      offsetAt: (mailbox, timestampMs) => store.offsetAt(mailbox, timestampMs),
      checkpoint: (state) => store.checkpoint(state),
      trim: (firsts) => store.trim(firsts),
      release: () => store.release(),
    }
  }

  /** More at once than may be under way: the rest is refused by name. */
  async #burst(producer: Producer<string>): Promise<void> {
    const sends = Array.from({ length: 600 }, () => producer.send(PAD))
    let refused = 0
    for (const send of sends) {
      send.catch((error: unknown) => {
        if (error instanceof UnlostError && error.outcome === 'not-written') refused += 1
      })
    }
    await this.#clock.executor.settle()
    this.#hold('sends under way', sends.length - refused, limits.windowCount + limits.waitingCount)
  }

  /** False when a send that must find room found none: the run is over then. */
  async #pileUp(producer: Producer<string>): Promise<boolean> {
    for (let sent = 0; sent < MESSAGES; sent += limits.windowCount) {
      const sends = Array.from({ length: limits.windowCount }, () => producer.send(PAD))
      let settled = 0
      for (const send of sends) {
        send.then(
          () => (settled += 1),
          () => {},
        )
      }
      await this.#clock.executor.settle()
      if (settled === sends.length) continue
      this.#tellDrained(sends.length - settled)
      return false
    }
    return true
  }

  async #handle(): Promise<void> {
    if (!this.#isWorking) await this.#released
    this.#handled += 1
  }

  async #workOff(consumer: Consumer<string>): Promise<void> {
    let waiting = (await consumer.lag()).total
    for (let i = 0; waiting > 0 && i < 200; i += 1) {
      await this.#clock.advance(50)
      waiting = (await consumer.lag()).total
    }
    await this.#clock.advance(1_000)
    this.#tellDrained(waiting)
  }

  #hold(what: string, count: number, limit: number): void {
    this.#tell({ kind: 'held', what, count, limit: Math.floor(limit) })
  }

  #tellDrained(waiting: number): void {
    this.#tell({ kind: 'drained', waiting, view: undefined })
  }

  #tell(happening: Parameters<Recorder['tell']>[1]): void {
    this.#recorder.tell({ life: 1, nowMs: this.#clock.nowMs() }, happening)
  }
}
