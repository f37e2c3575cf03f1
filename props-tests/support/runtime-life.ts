/**
 * One life of the simulated runtime: what a process holds, its topics, and how its handlers behave.
 *
 * Owns: the workload's values and moods. Leaves carrying commands out and crashing to `runtime-run.ts`.
 *
 * RF1. How a handler ends follows from its message, its group and its attempt alone, so that a run can be replayed.
 */
import type { Store } from '../../persistence/index.ts'
import { DeadLetter, defineTopic, RetryAfter } from '../../runtime/index.ts'
import type { Consumer, Handler, Producer, Runtime } from '../../runtime/index.ts'
import { SimulatedClock } from '../index.ts'
import type { RunEnd } from '../history.ts'
import { handsOver, moodOf } from './runtime-book.ts'
import type { HandedOver, RuntimeBook, Value } from './runtime-book.ts'

export const orders = defineTopic<Value>('orders', { key: ({ key }) => key, partitions: 3 })
export const invoices = defineTopic<Value>('invoices', { key: ({ key }) => key, partitions: 2 })

/** One process from its opening to its end. */
export class Life {
  readonly clock: SimulatedClock
  readonly consumers = new Map<string, Consumer<Value>>()
  readonly producers = new Map<string, Producer<Value>>()
  readonly eased = new Set<string>()
  /** Which process: 1, 2, 3 … */
  readonly number: number
  /** The wall clock by which delays are promised. */
  readonly nowMs: () => number
  runtime: Runtime | undefined
  store: Store | undefined
  /** Another process took the directory over while this one stood still. */
  isReplaced = false
  isOver = false
  pendingSends = 0

  constructor(number: number, startMs: number | undefined) {
    this.number = number
    this.clock = new SimulatedClock(startMs === undefined ? {} : { startMs })
    this.nowMs = neverBack(this.clock)
  }
}

/** Wall time as delays are promised by: set back, it goes on from where it was; set forward, it follows. */
function neverBack(clock: SimulatedClock): () => number {
  let [lastMs, lastMonotonicMs] = [clock.nowMs(), clock.monotonicMs()]
  return () => {
    const monotonicMs = clock.monotonicMs()
    lastMs = Math.max(clock.nowMs(), lastMs + monotonicMs - lastMonotonicMs)
    lastMonotonicMs = monotonicMs
    return Math.floor(lastMs)
  }
}

/** What a handler needs of the run. */
export interface Hearing {
  readonly isDead: () => boolean
  /** Tells the book, if anybody lives to tell it. */
  readonly tell: (tell: (book: RuntimeBook) => void) => void
}

/** The handler of a group: it returns, throws, asks for time, gives up, or hands over, as its message decides. */
export function handlerOf(life: Life, group: string, { isDead, tell }: Hearing): Handler<Value> {
  return async (message, { send }) => {
    if (isDead()) return new Promise<void>(() => {})
    const { id } = message.value
    let run = 0
    tell((book) => (run = book.begun(group, message)))
    const mood = moodOf(`${group} ${id}`) % 16
    if (mood % 4 === 1) await later(life, 1 + (mood % 7) * 40)
    const failure = failureOf(life, { name: `${group} ${id}`, mood, attempt: message.attempt })
    const handedOver = failure === undefined ? handedOverBy(group, message.value) : []
    tell((book) => book.ended(run, failure?.end ?? 'returned', handedOver))
    if (failure !== undefined) throw failure.error
    for (const { value } of handedOver) send(invoices, value)
  }
}

function handedOverBy(group: string, { id, key }: Value): readonly HandedOver[] {
  if (group !== 'plain' || !handsOver(id)) return []
  return [{ topic: 'invoices', value: { id: `invoice-${id}`, key, pad: '' } }]
}

function failureOf(
  life: Life,
  { name, mood, attempt }: { readonly name: string; readonly mood: number; readonly attempt: number },
): { readonly end: RunEnd; readonly error: Error } | undefined {
  if (mood === 2 || (mood === 3 && attempt < 3)) return { end: 'threw', error: new RangeError('not today') }
  if (mood === 5) return { end: 'dead-letter', error: new DeadLetter('bad') }
  if (mood !== 4 || life.eased.has(name)) return undefined
  life.eased.add(name)
  return { end: 'retry-after', error: new RetryAfter(30) }
}

function later(life: Life, ms: number): Promise<void> {
  return new Promise((resolve) => {
    life.clock.schedule(ms, resolve)
  })
}
