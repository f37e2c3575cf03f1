/**
 * The one writer: takes units, makes a batch, has it made durable, and only then lets its effects out.
 *
 * Owns: the commit loop, carried out as `brokerMachine` decides. Leaves what is in a unit to its maker, the bytes to
 * the store, and the state to the ledger.
 *
 * BR1. Nothing is confirmed, applied or delivered before the store said that the batch is durable (G1, G5).
 * BR2. One commit at a time; what arrives meanwhile gathers for the next.
 * BR3. After a failed commit nothing is confirmed any more; what was in the batch ends as `unknown`, what waited as
 *     `not-written`.
 * BR4. Every unit is confirmed or refused in the end, also when the runtime closes.
 */
import { brokerMachine, createRunner, perform, retryDelayMs } from '../actors/index.ts'
import type { ActionTable, BrokerEvent, CommitScope, Ending } from '../actors/index.ts'
import {
  BrokenError,
  ClosedError,
  DiskFullError,
  FencedError,
  TooLargeError,
  UnlostError,
  type Committed,
  type Store,
} from '../persistence/index.ts'
import { BatchDraft, type FinishedBatch } from './batch-draft.ts'
import type { Cancel, Clock } from './clock.ts'
import type { DueClock } from './due-clock.ts'
import { withOutcome, wordsOf } from './errors.ts'
import type { EventHub } from './events.ts'
import { Inbox } from './inbox.ts'
import type { Hooks } from './interceptor.ts'
import type { Ledger } from './ledger.ts'
import type { Limits } from './limits.ts'
import type { Random } from './random.ts'
import type { RecentRuns } from './recent-runs.ts'
import { Teller } from './teller.ts'
import type { Unit } from './unit.ts'
import type { Upkeep } from './upkeep.ts'

/** Those who hold units back while messages are refused, and give up when nothing can be written any more. */
export interface BrokerListener {
  messagesRefused(error: UnlostError): void
  messagesTaken(): void
  /** Batches are durable that reach these mailboxes. */
  arrived(mailboxes: Iterable<number>): void
  ended(error: UnlostError): void
}

export interface BrokerParts {
  readonly store: Store
  readonly ledger: Ledger
  readonly recent: RecentRuns
  readonly upkeep: Upkeep
  readonly clock: Clock
  readonly dueClock: DueClock
  readonly random: Random
  readonly hub: EventHub
  readonly hooks: Hooks
  readonly limits: Limits
}

const no = (): void => {}

export class Broker {
  readonly #parts: BrokerParts
  readonly #runner = createRunner(brokerMachine)
  readonly #table: ActionTable<typeof brokerMachine>
  readonly #inbox = new Inbox()
  readonly #listeners = new Set<BrokerListener>()
  readonly #teller: Teller
  #inFlight: readonly Unit[] = []
  #arrived: readonly number[] = []
  #committing = false
  /** A commit has come to its end, and the machine is asked what is next. */
  #isAnswering = false
  #failure: UnlostError | undefined
  #refusal: UnlostError | undefined
  #isFull = false
  #cancelRetry: Cancel = no
  #cancelOverdue: Cancel = no
  #onClosed: (() => void)[] = []

  constructor(parts: BrokerParts) {
    this.#parts = parts
    this.#teller = new Teller(parts.clock)
    this.#table = {
      commit: ({ scope }) => this.#beginCommit(scope),
      confirm: () => this.#noteDurable(),
      armRetry: ({ attempt }) => this.#armRetry(attempt),
      disarmRetry: () => this.#cancelRetry(),
      announceFull: () => this.#announceFull(),
      announceSpace: () => this.#announceSpace(),
      announceStalled: ({ cause }) => parts.hub.emit('stalled', { cause, stalledMs: parts.limits.stallMs }),
      announceBroken: () => this.#announceBroken(),
      failPending: ({ why }) => this.#failPending(why),
      release: () => void this.#release(),
      unexpected: ({ event }) => parts.hub.unexpected('the broker', event),
    }
  }

  /** Tells from now on; also that messages are refused already. */
  listen(listener: BrokerListener): void {
    this.#listeners.add(listener)
    if (this.#isFull && this.#refusal !== undefined) listener.messagesRefused(this.#refusal)
  }

  unlisten(listener: BrokerListener): void {
    this.#listeners.delete(listener)
  }

  /** Why nothing can be written any more, if so. */
  get failure(): UnlostError | undefined {
    return this.#failure
  }

  get batchBytesMax(): number {
    return this.#parts.store.limits.batchBytesMax
  }

  /** Takes a unit; it will be confirmed or refused. */
  submit(unit: Unit): void {
    if (unit.bytes > this.#parts.store.limits.batchBytesMax)
      return unit.refuse(tooLarge(unit, this.#parts.store))
    this.#inbox.add(unit)
    if (!this.#committing) this.#step({ type: 'WORK' })
  }

  /** Writes what waits, then ends ownership. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#onClosed.push(resolve)
      this.#step({ type: 'CLOSE' })
    })
  }

  #step(event: BrokerEvent): void {
    perform(this.#table, this.#runner.step(event))
    if (this.#onClosed.length === 0 || !this.#runner.snapshot.matches('closed')) return
    const waiting = this.#onClosed
    this.#onClosed = []
    for (const resolve of waiting) resolve()
  }

  /**
   * What gathered during a commit is written as soon as that has come to its end, before anybody is told. Otherwise
   * after the current turn, so that everything that was called in it shares the commit.
   */
  #beginCommit(scope: CommitScope): void {
    this.#committing = true
    if (this.#isAnswering) return void this.#commit(scope)
    this.#parts.store.expect?.()
    this.#parts.clock.defer(() => void this.#commit(scope))
  }

  async #commit(scope: CommitScope): Promise<void> {
    const { store, limits, clock } = this.#parts
    this.#cancelOverdue = clock.schedule(limits.stallMs, () => this.#step({ type: 'OVERDUE' }))
    const draft = new BatchDraft(this.#parts.hooks, this.#parts.dueClock.nowMs())
    try {
      if (this.#parts.upkeep.isDue) await this.#parts.upkeep.run()
      const { batchBytesMax } = store.limits
      const units = this.#inbox.take(scope, Math.min(limits.batchBytes, batchBytesMax))
      draft.roomBytes = units.reduce((room, unit) => room - unit.bytes, batchBytesMax)
      this.#inFlight = this.#build(draft, units)
      const finished = draft.finish()
      if (!draft.isEmpty) this.#apply(finished, await store.commit(finished.batch), draft.nowMs)
      this.#answer(() => this.#step({ type: 'COMMITTED', more: this.#inbox.has(scope) }))
    } catch (error) {
      this.#answer(() => this.#failed(error))
    }
  }

  /** Those that joined the batch; the others are refused. */
  #build(draft: BatchDraft, units: readonly Unit[]): readonly Unit[] {
    const refused = new Set<Unit>()
    for (const unit of units) {
      try {
        unit.build(draft)
      } catch (error) {
        refused.add(unit)
        unit.refuse(error instanceof UnlostError ? error : withOutcome(asFailure(error), 'not-written'))
      }
    }
    return refused.size === 0 ? units : units.filter((unit) => !refused.has(unit))
  }

  #apply(finished: FinishedBatch, committed: Committed, nowMs: number): void {
    const { ledger, recent, upkeep } = this.#parts
    for (const event of finished.events) ledger.apply(event, nowMs)
    for (const run of finished.runs) recent.add(run)
    this.#arrived = finished.runs.map((run) => run.mailbox)
    upkeep.noteCommitted(committed)
  }

  #answer(step: () => void): void {
    this.#cancelOverdue()
    this.#committing = false
    this.#isAnswering = true
    step()
    this.#isAnswering = false
    this.#tell()
  }

  #failed(error: unknown): void {
    if (error instanceof DiskFullError) {
      // Full is a definite refusal: nothing of the batch is on disk.
      const refusal = withOutcome(error, 'not-written')
      this.#refusal = refusal
      this.#putBack(refusal)
      return this.#step({ type: 'REFUSED', code: 'disk-full' })
    }
    this.#failure = asFailure(error)
    if (error instanceof FencedError) return this.#step({ type: 'FENCED' })
    this.#step({ type: 'FAILED', reason: this.#failure.message })
  }

  #putBack(error: UnlostError): void {
    const units = this.#inFlight
    this.#inFlight = []
    for (const unit of units) unit.postponed(error)
    this.#inbox.putBack(units)
  }

  #noteDurable(): void {
    this.#teller.add(this.#inFlight)
    this.#inFlight = []
  }

  #tell(): void {
    const mailboxes = this.#arrived
    this.#arrived = []
    if (mailboxes.length > 0) this.#each((listener) => listener.arrived(mailboxes))
    this.#teller.tell(this.#committing)
  }

  #armRetry(attempt: number): void {
    const { clock, random, limits } = this.#parts
    this.#cancelRetry()
    const delayMs = retryDelayMs({ attempt, fraction: random.fraction(), maxDelayMs: limits.diskRetryMs })
    this.#cancelRetry = clock.schedule(delayMs, () => this.#step({ type: 'RETRY' }))
  }

  #announceFull(): void {
    const refusal = this.#refusal
    this.#isFull = true
    if (refusal !== undefined) this.#each((listener) => listener.messagesRefused(refusal))
  }

  #announceSpace(): void {
    this.#isFull = false
    this.#each((listener) => listener.messagesTaken())
  }

  #announceBroken(): void {
    const failure = this.#failure
    if (failure !== undefined) this.#parts.hub.emit('broken', failure)
  }

  /** What was being written may exist; what waited does not. */
  #failPending(why: Ending): void {
    const error = this.#endingError(why)
    const inFlight = this.#inFlight
    this.#inFlight = []
    for (const unit of inFlight) unit.refuse(withOutcome(error, 'unknown'))
    for (const unit of this.#inbox.drain()) unit.refuse(withOutcome(error, 'not-written'))
    if (why !== 'disk-full') this.#each((listener) => listener.ended(error))
  }

  #endingError(why: Ending): UnlostError {
    if (why === 'disk-full') return this.#refusal ?? new DiskFullError('the disk is full')
    if (why === 'closed') return this.#failure ?? new ClosedError('the runtime was closed')
    return this.#failure ?? new BrokenError('the journal is broken')
  }

  async #release(): Promise<void> {
    try {
      if (this.#failure === undefined) await this.#parts.upkeep.last()
      await this.#parts.store.release()
      this.#step({ type: 'RELEASED' })
    } catch (error) {
      this.#failure ??= asFailure(error)
      this.#step({ type: 'FAILED', reason: this.#failure.message })
    }
  }

  #each(tell: (listener: BrokerListener) => void): void {
    for (const listener of [...this.#listeners]) tell(listener)
  }
}

function tooLarge(unit: Unit, store: Store): UnlostError {
  const max = store.limits.batchBytesMax
  return new TooLargeError(
    `${unit.bytes} bytes do not fit a batch of ${max}; send less at once or raise limits.segmentBytes`,
    { outcome: 'not-written' },
  )
}

function asFailure(error: unknown): UnlostError {
  if (error instanceof UnlostError) return error
  return new BrokenError(`the runtime failed: ${wordsOf(error)}`, { cause: error, outcome: 'unknown' })
}
