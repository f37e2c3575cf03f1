/**
 * A process that sends and handles on the real disk until it is killed, and says each thing that it sees.
 *
 * Owns: the workload. Leaves judging to its parent, which holds what was confirmed.
 */
import * as fs from 'node:fs'
import { openStore } from '../../persistence/index.ts'
import type { OpenStore } from '../../persistence/index.ts'
import { openRuntime, RetryAfter, UnlostError } from '../../runtime/index.ts'
import type { Consumer, Handler, Interceptor, Message, Producer, Topic } from '../../runtime/index.ts'
import { confirmEarly } from './early-store.ts'
import { lyingStores } from './lying-disk.ts'
import { archive, handsOver, hashOf, invoiceOf, invoices, orders } from './kill-words.ts'
import type { Dead, Line, Order, Orders, Place } from './kill-words.ts'

const STDOUT = 1
const IN_FLIGHT = 24
const RETRY = { minDelayMs: 1, maxDelayMs: 4 }
/** So many that a kill from outside never makes a dead letter. */
const MAX_DELIVERIES = 100_000
const POISON_MAX_DELIVERIES = 3

const told = JSON.parse(process.argv[2] ?? '{}') as Orders

/** All of the line is in the pipe when this returns. */
function say(line: Line): void {
  let bytes = Buffer.from(`${JSON.stringify(line)}\n`)
  while (bytes.length > 0) bytes = bytes.subarray(writeSome(bytes))
}

function writeSome(bytes: Buffer): number {
  try {
    return fs.writeSync(STDOUT, bytes)
  } catch (error) {
    // A parent that reads slowly is waited for.
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0
    throw error
  }
}

function placeOf(message: Message<unknown>): Place {
  const { topic, partition, offset, producer } = message
  return { topic, partition, offset, producer: producer.id, sequence: producer.sequence }
}

let onSettled: () => void = () => {}

const reporter: Interceptor = {
  name: 'reporter',
  onSettle: (message, group, how) => {
    say({ say: 'settled', group, id: (message.value as Order).id, how })
    onSettled()
  },
}

/** Begins a turn of the event loop later, now and then: handlers end in another order than they begin. */
async function linger(id: string, attempt: number): Promise<void> {
  for (let turns = hashOf(`${id}/${attempt}`) % 4; turns > 0; turns -= 1) {
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function handling(group: string, work: Handler<Order>): Handler<Order> {
  return async (message, context) => {
    say({ say: 'began', group, order: message.value, place: placeOf(message), attempt: message.attempt })
    if (message.value.id === told.poison && group === 'billing') process.kill(process.pid, 'SIGKILL')
    await linger(message.value.id, message.attempt)
    await work(message, context)
  }
}

/** Messages that asked for time in this life: that burns no attempt, so only this set ends it. */
const tried = new Set<string>()

function isFirstTry(id: string): boolean {
  const isFirst = !tried.has(id)
  tried.add(id)
  return isFirst
}

const bill: Handler<Order> = async (message, { send }) => {
  const { id } = message.value
  if (handsOver(id)) send(invoices, invoiceOf(message.value))
  const mood = hashOf(`mood ${id}`) % 12
  if (mood === 1 && message.attempt === 1) throw new RangeError('not today')
  if (mood === 2 && isFirstTry(id)) throw new RetryAfter(hashOf(`${id}/${message.offset}`) % 2)
  if (mood === 3) await message.ack()
  if (mood === 4 && message.attempt === 1) await message.nack({ delayMs: 1 })
}

const nothing: Handler<Order> = () => {}

function wordsOf(error: unknown): string {
  return error instanceof UnlostError ? `${error.code} ${error.message}` : String(error)
}

function consumeAll(): Consumer<Order>[] {
  const maxDeliveries = told.poison === undefined ? MAX_DELIVERIES : POISON_MAX_DELIVERIES
  const begin = (topic: Topic<Order>, group: string, work: Handler<Order>) => {
    const consumer = runtime.consumer(topic, { group, concurrency: 16, maxDeliveries, retry: RETRY })
    consumer
      .run(handling(group, work))
      .catch((error: unknown) => say({ say: 'broken', what: wordsOf(error) }))
    return consumer
  }
  const always = [
    begin(orders, 'billing', bill),
    begin(orders, 'audit', nothing),
    begin(invoices, 'books', nothing),
  ]
  return told.mode === 'drain' ? [...always, begin(archive, 'reader', nothing)] : always
}

async function sendAll(): Promise<void> {
  const producers = [
    runtime.producer(orders, { id: 'left' }),
    runtime.producer(orders, { id: 'right' }),
    ...(told.isEndless === true ? [] : [runtime.producer(archive, { id: 'clerk' })]),
  ] as const
  if (told.isEndless === true) onBroken = () => void giveUp(producers[0])
  const flights = new Set<Promise<void>>()
  const begin = async (producer: Producer<Order>, order: Order): Promise<void> => {
    const flight = sendOne(producer, order).finally(() => flights.delete(flight))
    flights.add(flight)
    if (flights.size >= IN_FLIGHT) await Promise.race(flights)
  }
  for (const order of told.again) {
    const producer = producers.find(({ id }) => order.key.startsWith(id))
    if (producer !== undefined) await begin(producer, order)
  }
  for (let i = 0; i < told.sends; i += 1) {
    const producer = producers[hashOf(`who ${told.life} ${i}`) % producers.length] ?? producers[0]
    const pad = 'x'.repeat(hashOf(`pad ${told.life} ${i}`) % 700)
    const key = `${producer.id}-${hashOf(`key ${told.life} ${i}`) % 5}`
    await begin(producer, { id: `${told.life}-${i}`, key, pad })
  }
  await Promise.all(flights)
}

let onBroken: () => void = () => {}

/** Tries once more, called for sure after it was replaced, and says what became of it. */
async function giveUp(producer: Producer<Order>): Promise<void> {
  await sendOne(producer, { id: `${told.life}-probe`, key: producer.id, pad: '' })
  process.exit(0)
}

async function sendOne(producer: Producer<Order>, order: Order): Promise<void> {
  const { id } = order
  say({ say: 'sending', topic: producer.topic, order })
  try {
    const {
      topic,
      partition,
      offset,
      producer: by,
      sequence,
      duplicate,
    } = await producer.send(order, { messageId: id })
    say({ say: 'confirmed', id, duplicate, place: { topic, partition, offset, producer: by, sequence } })
  } catch (error) {
    const { code = '', outcome = '' } = error as { code?: string; outcome?: string }
    say({ say: 'refused', id, code, outcome })
  }
}

/** Until nothing waits in any group. */
async function drain(consumers: readonly Consumer<Order>[]): Promise<void> {
  for (;;) {
    const settled = new Promise<void>((resolve) => (onSettled = resolve))
    const lags = await Promise.all(consumers.map((consumer) => consumer.lag()))
    if (lags.every(({ total }) => total === 0)) break
    await settled
  }
  const dead = [
    ...(await deadOf(orders, 'billing')),
    ...(await deadOf(orders, 'audit')),
    ...(await deadOf(invoices, 'books')),
  ]
  await runtime.close()
  say({ say: 'done', dead })
}

async function deadOf(topic: Topic<Order>, group: string): Promise<Dead[]> {
  const letters = await runtime.deadLetters(topic, { group }).list()
  return letters.map(({ value, reason, attempts, history }) => ({
    id: value?.id ?? 'unreadable',
    group,
    reason,
    attempts,
    history: history.map(({ attempt, reason: why }) => ({ attempt, reason: why })),
  }))
}

function storeOf({ early, fault }: Orders): OpenStore {
  if (fault !== undefined) return lyingStores(fault)
  return early === true ? confirmEarly(openStore) : openStore
}

say({ say: 'opening', pid: process.pid })
const runtime = await openRuntime(told.directory, {
  interceptors: [reporter],
  limits: { segmentBytes: 64 * 1024, upkeepMs: 10, batchBytes: 8 * 1024, recentBytes: 16 * 1024 },
  takeover: told.takeover ?? false,
  store: storeOf(told),
})
say({ say: 'open', leasesReturned: runtime.recovery.leasesReturned, previous: runtime.recovery.previous })
for (const name of [
  'gap',
  'duplicate',
  'step-back',
  'corruption',
  'data-loss',
  'interceptor-error',
] as const) {
  runtime.on(name, (event) => say({ say: 'broken', what: `${name} ${JSON.stringify(event)}` }))
}
runtime.on('dead-letter', ({ group, offset, attempts }) => {
  say({ say: 'died', group, offset, attempts })
  onSettled()
})
runtime.on('stalled', (event) => say({ say: 'stalled', what: JSON.stringify(event) }))
runtime.on('broken', (error) => {
  say({ say: 'broken', what: wordsOf(error) })
  onBroken()
})
if (told.mode === 'send') {
  await sendAll()
  await runtime.close()
  say({ say: 'done', dead: [] })
} else {
  const consumers = consumeAll()
  if (told.mode === 'work') await sendAll()
  await drain(consumers)
}
