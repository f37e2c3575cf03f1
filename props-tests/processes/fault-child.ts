/**
 * A process that sends and handles while its system calls fail, and says what becomes of everything.
 *
 * Owns: that work, and coming to an end whatever fails. Leaves judging to `fault-trial.ts`.
 */
import * as fs from 'node:fs'
import { openRuntime, UnlostError } from '../../runtime/index.ts'
import type { Consumer, Runtime } from '../../runtime/index.ts'
import { kept } from './fault-words.ts'
import type { FaultLine, FaultOrders } from './fault-words.ts'
import type { Order } from './kill-words.ts'

const IN_FLIGHT = 4
const PAD_BYTES = 3_000
const STALL_MS = 300
const told = JSON.parse(process.argv[2] ?? '{}') as FaultOrders

function say(line: FaultLine): void {
  fs.writeSync(1, `${JSON.stringify(line)}\n`)
}

function codeOf(error: unknown): string {
  return error instanceof UnlostError ? error.code : `untyped: ${String(error)}`
}

function open(): Promise<Runtime> {
  const limits = { segmentBytes: 64 * 1024, upkeepMs: 20, diskRetryMs: 20, stallMs: STALL_MS }
  return openRuntime(told.directory, {
    limits: { ...limits, drainTimeoutMs: 1_000 },
    interceptors: [
      {
        name: 'reporter',
        onSettle: (message, group, how) => {
          if (group === 'eaters' && how === 'ack') say({ say: 'settled', id: (message.value as Order).id })
        },
      },
    ],
  })
}

async function sendLane(runtime: Runtime, lane: number): Promise<void> {
  const producer = runtime.producer(kept, { id: `lane-${lane}`, deliveryTimeoutMs: told.timeoutMs })
  for (let i = lane; i < told.sends; i += IN_FLIGHT) {
    const id = `${told.life}-${i}`
    try {
      await producer.send({ id, key: '', pad: 'x'.repeat(PAD_BYTES) })
      say({ say: 'confirmed', id })
    } catch (error) {
      say({ say: 'refused', id, code: codeOf(error), outcome: (error as UnlostError).outcome ?? '' })
    }
  }
}

async function work(runtime: Runtime): Promise<void> {
  const consumer = runtime.consumer(kept, { group: 'eaters', concurrency: 4 })
  const eating = consumer.run(() => {}).catch(() => undefined)
  await Promise.all(Array.from({ length: IN_FLIGHT }, (_, lane) => sendLane(runtime, lane)))
  if (told.isKilled === true) process.kill(process.pid, 'SIGKILL')
  await consumer.close().catch(() => undefined)
  await eating
}

/** Handles all that waits in a group; returns it in order. */
async function readAll(consumer: Consumer<Order>): Promise<string[]> {
  const ids: string[] = []
  const { total } = await consumer.lag()
  const stop = new AbortController()
  if (total === 0) stop.abort()
  await consumer.run(
    ({ value }) => {
      ids.push(value.id)
      if (ids.length === total) stop.abort()
    },
    { signal: stop.signal },
  )
  return ids
}

async function read(runtime: Runtime): Promise<void> {
  const again = await readAll(runtime.consumer(kept, { group: 'eaters' }))
  const ids = await readAll(runtime.consumer(kept, { group: 'readers' }))
  say({ say: 'found', ids, again })
}

async function live(): Promise<void> {
  let runtime: Runtime
  try {
    runtime = await open()
  } catch (error) {
    return say({ say: 'open-failed', code: codeOf(error) })
  }
  say({ say: 'open' })
  runtime.on('broken', (error) => say({ say: 'broken', code: codeOf(error) }))
  runtime.on('stalled', ({ cause }) => say({ say: 'stalled', cause }))
  await (told.mode === 'work' ? work(runtime) : read(runtime))
  try {
    await runtime.close()
    say({ say: 'closed' })
  } catch (error) {
    say({ say: 'close-failed', code: codeOf(error) })
  }
}

await live()
