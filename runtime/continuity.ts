/**
 * The interceptor that checks the numbers at every consumer.
 *
 * Owns: what each reader of a partition expects next of each producer. Leaves raising the events to whoever listens.
 *
 * CO1. The first message of a producer that a reader meets sets what it expects; from then on: exactly one more.
 * CO2. More than expected is a gap, the last one again is a repeat, less is a step back; after each the check goes on
 *     from the highest number seen.
 */
import type { FetchedRun, Interceptor } from './interceptor.ts'

/** A break in a producer's numbers, as a group met it. */
export interface ContinuityBreak {
  readonly kind: 'gap' | 'duplicate' | 'step-back'
  readonly topic: string
  readonly partition: number
  readonly group: string
  readonly producer: string
  readonly epoch: number
  readonly expected: number
  readonly got: number
  readonly offset: number
}

export function continuity(report: (found: ContinuityBreak) => void): Interceptor {
  const readers = new WeakMap<object, Map<string, number>>()
  return {
    name: 'continuity',
    onFetch(run) {
      if (run.firstSequence === 0) return
      const lastOf = expectations(readers, run.reader)
      const last = lastOf.get(run.producer.id)
      const found = last === undefined ? undefined : judge(run, last)
      lastOf.set(run.producer.id, Math.max(last ?? 0, run.firstSequence + run.count - 1))
      if (found !== undefined) report(found)
    },
  }
}

function expectations(readers: WeakMap<object, Map<string, number>>, reader: object): Map<string, number> {
  const known = readers.get(reader)
  if (known !== undefined) return known
  const fresh = new Map<string, number>()
  readers.set(reader, fresh)
  return fresh
}

function judge(run: FetchedRun, last: number): ContinuityBreak | undefined {
  const expected = last + 1
  const got = run.firstSequence
  if (got === expected) return undefined
  const kind = got > expected ? 'gap' : got + run.count - 1 === last ? 'duplicate' : 'step-back'
  const { topic, partition, group, producer } = run
  return {
    kind,
    topic,
    partition,
    group,
    producer: producer.id,
    epoch: producer.epoch,
    expected,
    got,
    offset: run.firstOffset,
  }
}
