/**
 * Reading out what lies in the partitions of a simulated runtime, beside the runtime.
 *
 * Owns: asking the store for all messages of each partition, and telling them as `extent` and `read`.
 * Leaves judging to the invariants (`hole`, `stale-read`, `lost-suffix`, `zombie` and their like).
 *
 * RO1. A read-out takes nothing and moves nobody: only `read` is asked of the store.
 */
import type { MailboxRange, Run, Store } from '../../persistence/index.ts'
import { readRun } from '../../runtime/internal.ts'
import type { DurableLog } from '../durable-log.ts'
import type { Happening } from '../history.ts'
import type { Value } from './runtime-book.ts'

const READ_BYTES = 16 * 1024

export interface ReadOutParts {
  readonly store: Store
  /** Who knows which mailbox belongs to whom. */
  readonly log: DurableLog
  /** Partitions by topic. */
  readonly topics: Readonly<Record<string, number>>
  /** What the store says of itself; without it, what can be read from the beginning on. */
  readonly ranges: ReadonlyMap<number, MailboxRange> | undefined
  readonly wordsOf: (value: Value) => string
}

/** All that lies in all partitions, in order. */
export async function readOut(parts: ReadOutParts): Promise<Happening[]> {
  const told: Happening[] = []
  for (const [topic, partitions] of Object.entries(parts.topics)) {
    const mailbox = parts.log.mailboxOf(topic)
    if (mailbox === undefined) continue
    for (let partition = 0; partition < partitions; partition += 1) {
      told.push(...(await readPartition(parts, { topic, partition, mailbox: mailbox + partition })))
    }
  }
  return told
}

interface Partition {
  readonly topic: string
  readonly partition: number
  readonly mailbox: number
}

async function readPartition(
  { store, log, ranges, wordsOf }: ReadOutParts,
  { topic, partition, mailbox }: Partition,
): Promise<Happening[]> {
  const runs = await readAll(store, mailbox)
  const range = ranges === undefined ? rangeOf(runs) : ranges.get(mailbox)
  if (range === undefined) return []
  const place = { topic, partition }
  const messages = runs.flatMap((run) => readRun(run, range.first))
  const reads = messages.map(({ offset, producer, epoch, sequence, value }): Happening => {
    const name = log.producerOf(producer) ?? `producer ${producer}`
    const words = wordsOf(JSON.parse(value.toString()) as Value)
    return { kind: 'read', ...place, offset, producer: name, epoch, sequence, value: words }
  })
  return [{ kind: 'extent', ...place, ...range }, ...reads]
}

async function readAll(store: Store, mailbox: number): Promise<Run[]> {
  const found: Run[] = []
  for (let next = 0; ;) {
    const runs = await store.read(mailbox, next, READ_BYTES)
    const last = runs.at(-1)
    if (last === undefined || last.firstOffset + last.count <= next) return found
    // A view of the journal's own buffer may change with the next read.
    found.push(...runs.map((run) => ({ ...run, bytes: Uint8Array.from(run.bytes) })))
    next = last.firstOffset + last.count
  }
}

function rangeOf(runs: readonly Run[]): MailboxRange | undefined {
  const [first, last] = [runs[0], runs.at(-1)]
  if (first === undefined || last === undefined) return undefined
  return { first: first.firstOffset, next: last.firstOffset + last.count }
}
