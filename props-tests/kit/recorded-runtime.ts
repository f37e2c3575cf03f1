/**
 * The runtime as the user's code has it: the real one, with every send and every handler's run told to the history.
 *
 * Owns: the proxies around runtime, producer, consumer and handler context. Leaves what they do to the real ones.
 *
 * RR1. The user's code sees the real objects' behaviour; nothing but telling is added.
 */
import { DeadLetter, RetryAfter } from '../../runtime/index.ts'
import type {
  Consumer,
  Handler,
  HandlerContext,
  Message,
  Producer,
  ProducerOptions,
  Receipt,
  RunOptions,
  Runtime,
  SendOptions,
  Topic,
} from '../../runtime/index.ts'
import type { RunEnd } from '../history.ts'
import { never } from './fenced-store.ts'
import { spell } from './json.ts'
import type { Life } from './life.ts'
import { context } from './notes.ts'
import type { RunNote } from './notes.ts'
import { recordedActors } from './recorded-actors.ts'
import { RecordedLoop } from './recorded-loop.ts'
import { recordedMessage } from './recorded-message.ts'
import { withMembers } from './with-members.ts'
import type { AnyFunction } from './with-members.ts'
import { rejectionCode, rejectionOutcome, wordsOf } from './words.ts'

/** Called for every topic that the process uses. */
export type Watch = (topic: Topic<unknown>) => void

/** `runtime` for the user's code of `life`. */
export function recordedRuntime(life: Life, runtime: Runtime, watch: Watch): Runtime {
  const producer = (topic: Topic<unknown>, options?: ProducerOptions): unknown => {
    const made = runtime.producer(topic, options)
    watch(topic)
    return recordedProducer(life, made, topic)
  }
  const consumer = (topic: Topic<unknown>, options: { readonly group: string }): unknown => {
    const made = runtime.consumer(topic, options)
    watch(topic)
    const employed = { topic: topic.name, group: options.group, consumer: made, isAtWork: false }
    life.consumers.push(employed)
    const begun = (): void => void (employed.isAtWork = true)
    return recordedConsumer(life, made, { group: options.group, watch, begun })
  }
  return withMembers(runtime, { producer, consumer, ...recordedActors(life, runtime) })
}

function recordedProducer(life: Life, producer: Producer<unknown>, topic: Topic<unknown>): Producer<unknown> {
  const send = (value: unknown, first?: unknown, second?: unknown): unknown => {
    const options = (typeof first === 'function' ? {} : (first ?? {})) as SendOptions
    const number = tellSending(life, topic, { value, options, joined: false })
    const heard = listen(life, number, producer.send(value, options))
    const callback = (typeof first === 'function' ? first : second) as AnyFunction | undefined
    if (callback === undefined) return heard
    heard.then(
      (receipt) => callback(null, receipt),
      (error: unknown) => callback(error),
    )
    return undefined
  }
  const sendBatch = (values: readonly unknown[], options: SendOptions = {}): unknown => {
    const batch = life.recorder.nextSend()
    const sends = values.map((value) => tellSending(life, topic, { value, options, joined: false, batch }))
    return listenAll(life, sends, producer.sendBatch(values, options))
  }
  return withMembers(producer, { send, sendBatch })
}

interface Sending {
  readonly value: unknown
  readonly options: Pick<SendOptions, 'key' | 'messageId' | 'delayMs' | 'deliverAt'>
  readonly joined: boolean
  readonly batch?: number
}

/** Tells that the caller asked, and notes it as an effect of the run that did. Gives the number of the send. */
export function tellSending(
  life: Life,
  topic: Topic<unknown>,
  { value, options, joined, batch }: Sending,
): number {
  const run = context.getStore()?.run
  const send = life.recorder.nextSend()
  const text = spell(value)
  const index = life.tell({
    ...{ kind: 'sending', send, topic: topic.name, value: text, joined, batch, cause: run?.run },
    key: options.key ?? keyOf(topic, value),
    messageId: options.messageId,
    dueMs: options.delayMs === undefined ? 0 : life.clock.nowMs() + options.delayMs,
  })
  if (index !== undefined && run !== undefined) {
    life.noteEffect({
      ...{ index, life: life.number, run: run.run, kind: 'send', name: `send to ${topic.name}`, value: text },
      ...{ happened: true, failed: false, mayRepeat: joined || options.messageId !== undefined },
      isKeyed: options.messageId !== undefined,
    })
  }
  return send
}

function keyOf(topic: Topic<unknown>, value: unknown): string {
  try {
    return topic.key?.(value) ?? ''
  } catch {
    return ''
  }
}

async function listen(life: Life, send: number, sending: Promise<Receipt>): Promise<Receipt> {
  const [receipt] = await listenAll(
    life,
    [send],
    sending.then((one) => [one]),
  )
  return receipt ?? never()
}

/** Tells how sends end, when their caller is told. */
export async function listenAll(
  life: Life,
  sends: readonly number[],
  sending: Promise<Receipt[]>,
): Promise<Receipt[]> {
  try {
    const receipts = await sending
    if (life.isDead) return await never<Receipt[]>()
    for (const [i, { topic, partition, offset, producer, epoch, sequence }] of receipts.entries()) {
      life.tell({
        kind: 'confirmed',
        send: sends[i] ?? 0,
        topic,
        partition,
        offset,
        producer,
        epoch,
        sequence,
      })
    }
    return receipts
  } catch (error) {
    if (life.isDead) return never()
    for (const send of sends) {
      life.tell({ kind: 'rejected', send, code: rejectionCode(error), outcome: rejectionOutcome(error) })
    }
    throw error
  }
}

interface Hearing {
  readonly group: string
  readonly watch: Watch
  /** Its consumer is run, or looped over. */
  readonly begun: () => void
}

function recordedConsumer(life: Life, consumer: Consumer<unknown>, hearing: Hearing): Consumer<unknown> {
  const run = (handler: Handler<unknown>, options?: RunOptions): unknown => {
    hearing.begun()
    const recorded = typeof handler === 'function' ? recordedHandler(life, handler, hearing) : handler
    const running = consumer.run(recorded, options)
    // A process that does not listen learns nothing of its end here, as `broken` tells it.
    running.catch(() => {})
    return running
  }
  const iterate = (): AsyncIterableIterator<Message<unknown>, undefined> => {
    hearing.begun()
    return new RecordedLoop(life, consumer, hearing.group)
  }
  return withMembers(consumer, { run, [Symbol.asyncIterator]: iterate })
}

function recordedHandler(life: Life, handler: Handler<unknown>, { group, watch }: Hearing): Handler<unknown> {
  return (message, given) => {
    if (life.isDead) return never()
    const note = life.begin(group, message)
    if (life.passStep('as a handler began')) return never()
    return context.run({ life, run: note }, () =>
      follow(life, note, () =>
        handler(recordedMessage(life, { note, message }), recordedContext(life, given, watch)),
      ),
    )
  }
}

async function follow(life: Life, note: RunNote, work: () => unknown): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (life.isDead) return never()
    life.end(note, endOf(error), wordsOf(error))
    throw error
  }
  if (life.isDead) return never()
  life.end(note, 'returned', undefined)
  if (life.passStep('as a handler had returned')) return never()
}

function recordedContext(life: Life, given: HandlerContext, watch: Watch): HandlerContext {
  const send = (topic: Topic<unknown>, value: unknown, options: SendOptions = {}): void => {
    given.send(topic, value, options)
    watch(topic)
    tellSending(life, topic, { value, options, joined: true })
  }
  return withMembers(given, { send })
}

function endOf(error: unknown): RunEnd {
  if (error instanceof RetryAfter) return 'retry-after'
  return error instanceof DeadLetter ? 'dead-letter' : 'threw'
}
