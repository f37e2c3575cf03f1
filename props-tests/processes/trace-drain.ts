/**
 * What comes out of a disk that a traced process left: opened by the real recovery, in line, and handled to the end.
 *
 * Owns: that last life, told in the same lines as a child tells. Leaves judging the lines to `kill-witness.ts`.
 *
 * TD1. The disk is opened without help; a refusal is told as a false refusal.
 * TD2. `contentOf` of two disks is equal only when recovery finds the same state and the same messages on both.
 */
import { createHash } from 'node:crypto'
import { inlineStores } from '../../persistence/index.ts'
import type { OpenStore, Store } from '../../persistence/index.ts'
import { openRuntime } from '../../runtime/index.ts'
import type { Consumer, Handler, Interceptor, Runtime, Topic } from '../../runtime/index.ts'
import { SimulatedClock, SimulatedRandom } from '../index.ts'
import type { SimulatedDisk } from '../index.ts'
import { archive, handsOver, invoiceOf, invoices, orders } from './kill-words.ts'
import type { Line, Order } from './kill-words.ts'
import { ReplayError } from './replay-error.ts'

const SEGMENT_BYTES = 64 * 1024
const READ_BYTES = 1 << 20
const STEP_MS = 50
const STEPS_MAX = 200
/** So many that no message dies of the crashes. */
const MAX_DELIVERIES = 100_000
/** Later than any trace, so that all that was put off is due. */
const startMs = Date.parse('2100-01-01T00:00:00Z')

/** Everything that recovery finds, as one short text. */
export async function contentOf(disk: SimulatedDisk, directory: string): Promise<string> {
  const store = await opened(() =>
    opener(disk, new SimulatedClock({ startMs }))(directory, { segmentBytes: SEGMENT_BYTES }),
  )
  const hash = createHash('sha1')
  const { checkpoint, events, mailboxes } = store.recovered
  for (const bytes of [checkpoint ?? new Uint8Array(0), ...events])
    hash.update(`${bytes.length} `).update(bytes)
  for (const [mailbox, { first, next }] of mailboxes) {
    hash.update(`mailbox ${mailbox} ${first} ${next} `)
    await addRuns(hash, { store, mailbox, first, next })
  }
  return hash.digest('hex')
}

async function addRuns(
  hash: ReturnType<typeof createHash>,
  range: { readonly store: Store; readonly mailbox: number; readonly first: number; readonly next: number },
): Promise<void> {
  for (let offset = range.first; offset < range.next;) {
    for (const run of await range.store.read(range.mailbox, offset, READ_BYTES)) {
      hash.update(`${run.firstOffset} ${run.count} `).update(run.bytes)
      offset = run.firstOffset + run.count
    }
  }
}

/** Opens the runtime and handles all that is left; `note` gets each line. */
export async function drain(
  disk: SimulatedDisk,
  directory: string,
  note: (line: Line) => void,
): Promise<void> {
  const clock = new SimulatedClock({ startMs })
  let failure: Error | undefined
  const guarded = (line: Line): void => {
    try {
      if (failure === undefined) note(line)
    } catch (error) {
      failure = error instanceof Error ? error : new ReplayError(String(error))
    }
  }
  const runtime = await opened(() =>
    openRuntime(directory, {
      clock,
      random: new SimulatedRandom(2),
      store: opener(disk, clock),
      limits: { segmentBytes: SEGMENT_BYTES },
      interceptors: [teller(guarded)],
    }),
  )
  listen(runtime, guarded)
  const consumers = [
    consume(runtime, { topic: orders, group: 'billing', note: guarded }),
    consume(runtime, { topic: orders, group: 'audit', note: guarded }),
    consume(runtime, { topic: invoices, group: 'books', note: guarded }),
    consume(runtime, { topic: archive, group: 'reader', note: guarded }),
  ]
  const isOver = async (): Promise<boolean> => failure !== undefined || (await lagOf(consumers)) === 0
  for (let steps = 0; !(await isOver()); steps += 1) {
    if (steps === STEPS_MAX) throw new ReplayError(`stuck: ${await lagOf(consumers)} messages wait for ever`)
    await clock.advance(STEP_MS)
  }
  if (failure !== undefined) throw failure
}

function opener(disk: SimulatedDisk, clock: SimulatedClock): OpenStore {
  return inlineStores({ disk, random: new SimulatedRandom(1), nowMs: () => clock.nowMs() })
}

async function opened<Result>(open: () => Promise<Result>): Promise<Result> {
  try {
    return await open()
  } catch (error) {
    throw new ReplayError(`false-refusal: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}

function teller(note: (line: Line) => void): Interceptor {
  return {
    name: 'teller',
    onSettle: (message, group, how) => {
      note({ say: 'settled', group, id: (message.value as Order).id, how })
    },
  }
}

function listen(runtime: Runtime, note: (line: Line) => void): void {
  for (const name of ['gap', 'duplicate', 'step-back', 'corruption', 'data-loss', 'broken'] as const)
    runtime.on(name, (event) => note({ say: 'broken', what: `${name} ${JSON.stringify(event)}` }))
}

interface Reader {
  readonly topic: Topic<Order>
  readonly group: string
  readonly note: (line: Line) => void
}

function consume(runtime: Runtime, { topic, group, note }: Reader): Consumer<Order> {
  const consumer = runtime.consumer(topic, { group, concurrency: 16, maxDeliveries: MAX_DELIVERIES })
  const handler: Handler<Order> = (message, { send }) => {
    const { value: order, partition, offset, attempt, producer } = message
    const place = {
      topic: message.topic,
      partition,
      offset,
      producer: producer.id,
      sequence: producer.sequence,
    }
    note({ say: 'began', group, order, place, attempt })
    if (group === 'billing' && handsOver(order.id)) send(invoices, invoiceOf(order))
  }
  void consumer.run(handler)
  return consumer
}

async function lagOf(consumers: readonly Consumer<Order>[]): Promise<number> {
  const lags = await Promise.all(consumers.map((consumer) => consumer.lag()))
  return lags.reduce((sum, { total }) => sum + total, 0)
}
