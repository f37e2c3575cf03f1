/**
 * A process on a small disk: it fills it, sees sends refused, acknowledges what is there, and sends again.
 *
 * Owns: that story, told by one line at each stage. Leaves judging to `full-disk.test.ts`.
 */
import * as fs from 'node:fs'
import { defineTopic, openRuntime, UnlostError } from '../../runtime/index.ts'
import type { Runtime } from '../../runtime/index.ts'

export interface Piece {
  readonly id: number
  readonly pad: string
}

export type FullLine =
  | { readonly say: 'confirmed'; readonly id: number }
  | { readonly say: 'refused'; readonly id: number; readonly code: string; readonly outcome: string }
  | { readonly say: 'acked'; readonly id: number; readonly life: number }
  | { readonly say: 'went-on'; readonly acked: number }
  | { readonly say: 'broken'; readonly what: string }
  | { readonly say: 'done'; readonly total: number }

interface Told {
  readonly directory: string
}

const PAD_BYTES = 3_000
const DEADLINE_MS = 400
const pieces = defineTopic<Piece>('pieces')
const told = JSON.parse(process.argv[2] ?? '{}') as Told
let life = 1

function say(line: FullLine): void {
  fs.writeSync(1, `${JSON.stringify(line)}\n`)
}

function open(): Promise<Runtime> {
  const limits = { segmentBytes: 64 * 1024, upkeepMs: 20, diskRetryMs: 50 }
  return openRuntime(told.directory, { limits })
}

/** Sends until one is refused; returns the number of the next. */
async function fill(runtime: Runtime, first: number): Promise<number> {
  const producer = runtime.producer(pieces, { id: 'filler', deliveryTimeoutMs: DEADLINE_MS })
  for (let id = first; ; id += 1) {
    try {
      await producer.send({ id, pad: 'x'.repeat(PAD_BYTES) })
      say({ say: 'confirmed', id })
    } catch (error) {
      const known = error instanceof UnlostError ? error : undefined
      say({ say: 'refused', id, code: known?.code ?? String(error), outcome: known?.outcome ?? '' })
      return id + 1
    }
  }
}

/** Handles all that is there. */
async function empty(runtime: Runtime): Promise<number> {
  const consumer = runtime.consumer(pieces, { group: 'eaters', concurrency: 8 })
  const stop = new AbortController()
  const { total } = await consumer.lag()
  let acked = 0
  if (total === 0) stop.abort()
  await consumer.run(
    async (message) => {
      await message.ack()
      say({ say: 'acked', id: message.value.id, life })
      acked += 1
      if (acked === total) stop.abort()
    },
    { signal: stop.signal },
  )
  await consumer.close()
  return acked
}

async function live(): Promise<void> {
  const runtime = await open()
  runtime.on('broken', (error) => say({ say: 'broken', what: String(error) }))
  const next = await fill(runtime, 0)
  const acked = await empty(runtime)
  // Waits for space, as long as its time lasts: nothing is opened again, nobody is told.
  const producer = runtime.producer(pieces, { id: 'patient', deliveryTimeoutMs: 20_000 })
  await producer.send({ id: next, pad: '' })
  say({ say: 'confirmed', id: next })
  say({ say: 'went-on', acked })
  await fill(runtime, next + 1)
  await runtime.close()
  life = 2
  const again = await open()
  const total = await empty(again)
  await again.close()
  say({ say: 'done', total })
}

await live()
