/**
 * What a journal must hold: the model that a recovered one is compared with.
 *
 * Owns: the state after each operation, and naming what is wrong with a view of a store.
 * Leaves to `journal-run.ts` which states are possible after a crash.
 *
 * LM1. A model never changes: each operation gives the next one, so the states before and after can both be kept.
 * LM2. What was trimmed may be there or not; everything else must be there exactly.
 */
import type { Batch, MailboxRange, Recovered, Run } from '../../persistence/index.ts'

/** The part of a recovery that counts. */
export type Shown = Pick<Recovered, 'checkpoint' | 'events' | 'mailboxes'>

/** What a store shows after it was opened. */
export interface LogView {
  readonly recovered: Shown
  /** Every run of every mailbox that can be read, in order. */
  readonly runs: ReadonlyMap<number, readonly Run[]>
}

/** A broken guarantee, by the names of the design's checker. */
export interface Difference {
  readonly invariant:
    'lost-write' | 'lost-suffix' | 'phantom' | 'hole' | 'inconsistent-offset' | 'premature-retention'
  readonly text: string
}

export class LogModel {
  static readonly empty = new LogModel(undefined, [], new Map())
  readonly checkpoint: Uint8Array | undefined
  readonly events: readonly Uint8Array[]
  readonly #mailboxes: ReadonlyMap<number, ModelMailbox>

  private constructor(
    checkpoint: Uint8Array | undefined,
    events: readonly Uint8Array[],
    mailboxes: ReadonlyMap<number, ModelMailbox>,
  ) {
    this.checkpoint = checkpoint
    this.events = events
    this.#mailboxes = mailboxes
  }

  next(mailbox: number): number {
    return this.#mailboxes.get(mailbox)?.next ?? 0
  }

  afterCommit(batch: Batch): LogModel {
    const mailboxes = new Map(this.#mailboxes)
    for (const run of batch.runs) {
      const before = mailboxes.get(run.mailbox) ?? { next: 0, trimmed: 0, runs: [] }
      mailboxes.set(run.mailbox, {
        ...before,
        next: run.firstOffset + run.count,
        runs: [...before.runs, run],
      })
    }
    return new LogModel(this.checkpoint, [...this.events, ...batch.events], mailboxes)
  }

  afterCheckpoint(state: Uint8Array): LogModel {
    return new LogModel(state, [], this.#mailboxes)
  }

  afterTrim(firsts: ReadonlyMap<number, number>): LogModel {
    const mailboxes = new Map(this.#mailboxes)
    for (const [id, first] of firsts) {
      const before = mailboxes.get(id)
      if (before !== undefined) mailboxes.set(id, { ...before, trimmed: Math.max(before.trimmed, first) })
    }
    return new LogModel(this.checkpoint, this.events, mailboxes)
  }

  /** Firsts for a trim that leaves `keep` messages of each mailbox. */
  firstsToKeep(keep: number): Map<number, number> {
    return new Map([...this.#mailboxes].map(([id, { next }]) => [id, Math.max(0, next - keep)]))
  }

  /** Every run that is needed, by mailbox. */
  runs(): Map<number, Run[]> {
    const needed = [...this.#mailboxes].map(([id, { runs, trimmed }]) => {
      return [id, runs.filter((run) => run.firstOffset + run.count > trimmed)] as const
    })
    return new Map(needed)
  }

  /** What a store in exactly this state would say of itself, with nothing more than is needed. */
  asRecovered(): Shown {
    const ranges = [...this.#mailboxes].map(
      ([id, { trimmed, next }]) => [id, { first: trimmed, next }] as const,
    )
    return { checkpoint: this.checkpoint, events: this.events, mailboxes: new Map(ranges) }
  }

  /** Everything in which `view` is not this state; empty when it is. */
  differences(view: LogView): Difference[] {
    return [
      ...this.#stateDifferences(view.recovered),
      ...[...this.#mailboxes].flatMap(([id, mailbox]) =>
        mailboxDifferences(`mailbox ${id}`, mailbox, {
          range: view.recovered.mailboxes.get(id),
          runs: view.runs.get(id) ?? [],
        }),
      ),
      ...[...view.recovered.mailboxes]
        .filter(([id, { next }]) => !this.#mailboxes.has(id) && next > 0)
        .map(([id, { next }]) => phantom(`mailbox ${id} was never written, yet ends at ${next}`)),
    ]
  }

  #stateDifferences({ checkpoint, events }: Shown): Difference[] {
    const found: Difference[] = []
    if (!isSame(checkpoint, this.checkpoint)) {
      found.push({ invariant: 'lost-write', text: 'the checkpoint is another one' })
    }
    if (events.length < this.events.length) {
      found.push({ invariant: 'lost-write', text: `${events.length} of ${this.events.length} events` })
    }
    if (events.length > this.events.length) {
      found.push(phantom(`${events.length} events where ${this.events.length} were written`))
    }
    const wrong = this.events.findIndex((event, i) => i < events.length && !isSame(events[i], event))
    if (wrong !== -1) found.push({ invariant: 'inconsistent-offset', text: `event ${wrong} is another one` })
    return found
  }
}

interface ModelMailbox {
  readonly next: number
  /** Messages below this are not needed. */
  readonly trimmed: number
  readonly runs: readonly Run[]
}

interface SeenMailbox {
  readonly range: MailboxRange | undefined
  readonly runs: readonly Run[]
}

function mailboxDifferences(name: string, mailbox: ModelMailbox, seen: SeenMailbox): Difference[] {
  const { first, next } = seen.range ?? { first: 0, next: 0 }
  if (next < mailbox.next) {
    return [{ invariant: 'lost-suffix', text: `${name} ends at ${next}, confirmed up to ${mailbox.next}` }]
  }
  if (next > mailbox.next) return [phantom(`${name} ends at ${next}, written up to ${mailbox.next}`)]
  if (first > mailbox.trimmed) {
    const text = `${name} begins at ${first}, needed from ${mailbox.trimmed}`
    return [{ invariant: 'premature-retention', text }]
  }
  return runDifferences(
    name,
    mailbox.runs.filter((run) => run.firstOffset + run.count > first),
    seen.runs,
  )
}

function runDifferences(name: string, expected: readonly Run[], seen: readonly Run[]): Difference[] {
  const wrong = expected.findIndex((run, i) => !isSameRun(run, seen[i]))
  if (wrong === -1 && seen.length === expected.length) return []
  if (wrong === -1) return [phantom(`${name} has ${seen.length} runs, ${expected.length} were written`)]
  const invariant = seen[wrong] === undefined ? 'hole' : 'inconsistent-offset'
  return [
    { invariant, text: `${name}: the run at ${expected[wrong]?.firstOffset} is missing or another one` },
  ]
}

function phantom(text: string): Difference {
  return { invariant: 'phantom', text }
}

function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return Buffer.compare(a, b) === 0
}

function isSameRun(a: Run, b: Run | undefined): boolean {
  return (
    b !== undefined &&
    a.firstOffset === b.firstOffset &&
    a.count === b.count &&
    a.timestampMs === b.timestampMs &&
    isSame(a.bytes, b.bytes)
  )
}
