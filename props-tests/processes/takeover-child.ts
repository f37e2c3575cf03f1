/**
 * A process that sends one message after the other until it can no more, and says of each what became of it.
 *
 * Owns: sending. When it is continued after a stop it sends once more, and says what became of that, too.
 */
import * as fs from 'node:fs'
import { defineTopic, openRuntime, UnlostError } from '../../runtime/index.ts'
import type { Producer } from '../../runtime/index.ts'
import type { Order } from './kill-words.ts'

/** What it says. `after` marks a send that was called after it was continued. */
export type TakeoverLine =
  | { readonly say: 'open' }
  | { readonly say: 'confirmed'; readonly id: string; readonly after: boolean }
  | { readonly say: 'refused'; readonly id: string; readonly after: boolean; readonly code: string }
  | { readonly say: 'found'; readonly ids: readonly string[] }

interface Told {
  readonly directory: string
  readonly name: string
  readonly takeover: boolean
  /** Read everything instead of sending. */
  readonly read: boolean
}

/** Keeps what is done, so that it can be read more than once. */
const kept = defineTopic<Order>('kept', { retain: { ms: 86_400_000 } })
const IN_FLIGHT = 8
const told = JSON.parse(process.argv[2] ?? '{}') as Told

function say(line: TakeoverLine): void {
  fs.writeSync(1, `${JSON.stringify(line)}\n`)
}

let wasStopped = false
let isOver = false
process.on('SIGCONT', () => {
  wasStopped = true
})

const runtime = await openRuntime(told.directory, { takeover: told.takeover })
say({ say: 'open' })
if (told.read) await readAll()
else await Promise.all(Array.from({ length: IN_FLIGHT }, (_, i) => sendOn(i)))

async function sendOn(lane: number): Promise<void> {
  const producer = runtime.producer(kept, { id: `${told.name}-${lane}` })
  for (let i = 0; !isOver; i += 1) {
    const id = `${told.name}-${lane}-${i}`
    const after = wasStopped
    try {
      await producer.send({ id, key: '', pad: '' })
      say({ say: 'confirmed', id, after })
    } catch (error) {
      say({ say: 'refused', id, after, code: error instanceof UnlostError ? error.code : String(error) })
      isOver = true
    }
  }
  // Called for sure after it was continued, whatever was in flight then.
  if (lane === 0) await probe(producer)
}

async function probe(producer: Producer<Order>): Promise<void> {
  const id = `${told.name}-probe`
  try {
    await producer.send({ id, key: '', pad: '' })
    say({ say: 'confirmed', id, after: true })
  } catch (error) {
    say({ say: 'refused', id, after: true, code: error instanceof UnlostError ? error.code : String(error) })
  }
}

/** Everything that is kept, in order, as a new group sees it. */
async function readAll(): Promise<void> {
  const ids: string[] = []
  const consumer = runtime.consumer(kept, { group: `reader-${process.pid}`, concurrency: 1 })
  const { total } = await consumer.lag()
  const stop = new AbortController()
  const run = consumer.run(
    ({ value }) => {
      ids.push(value.id)
      if (ids.length === total) stop.abort()
    },
    { signal: stop.signal },
  )
  if (total === 0) stop.abort()
  await run
  await runtime.close()
  say({ say: 'found', ids })
}
