/**
 * Actors that take their mail later than the others: after a failed turn, or when a person lets them.
 *
 * Owns: when each is tried again, and catching up from its own place. Leaves counting failures to the batch of turns.
 *
 * AG1. A lagging actor takes its mail in the order of the mailbox, from its own place, and joins the others only when
 *     nothing of its mail lies between.
 * AG2. A retry is counted on disk before it is tried: one that ends the process counts too.
 * AG3. A parked actor takes nothing until a person acts, or, where its state did not fit, until the next opening.
 * AG4. What an earlier run put off waits, from the start of this one, at most as long as it was put off for: a wall clock
 *     that was set back in between holds nothing up.
 */
import type { ActorLedgerEvent } from './actor-event.ts'
import type { ActorHost } from './actor-host.ts'
import type { Lag } from './actor-states.ts'
import { FIRST_TRY, type TurnBatch } from './actor-turns.ts'
import type { DraftedRun } from './fresh-letters.ts'
import { readLetters, type StoredLetter } from './record.ts'

/** Mails looked through, and taken, in one step. */
const SCAN_COUNT = 1_024

export class ActorLags {
  readonly #host: ActorHost
  /** Those that lagged when the last run crashed: one of their mails may be why. */
  readonly #suspects = new Set<string>()
  /** Those whose state did not fit earlier: tried once a run. */
  readonly #unfit = new Set<string>()
  /** As an earlier run left them. */
  readonly #inherited: ReadonlySet<Lag>
  /** The mail that was counted in this run already. */
  #counted: { readonly key: string; readonly at: number } | undefined
  #nextDueMs = 0

  constructor(host: ActorHost, wasCrashed: boolean) {
    this.#host = host
    this.#inherited = new Set(host.parts.kind.lags.values())
    for (const [key, lag] of host.parts.kind.lags) {
      if (wasCrashed) this.#suspects.add(key)
      if (lag.parked === 'unfit') this.#unfit.add(key)
    }
  }

  /** When the next one is due, in milliseconds since 1970. */
  get nextDueMs(): number {
    return this.#nextDueMs
  }

  /** Somebody lags, or no longer does. */
  changed(): void {
    this.#nextDueMs = this.#host.parts.kind.lags.size === 0 ? Number.POSITIVE_INFINITY : 0
  }

  /** Takes mail of one lagging actor that is due; false when there is none. */
  step(): boolean {
    const nowMs = this.#host.parts.dueClock.nowMs()
    if (nowMs < this.#nextDueMs) return false
    this.#nextDueMs = Number.POSITIVE_INFINITY
    for (const [key, lag] of this.#host.parts.kind.lags) {
      const dueMs = this.#dueMs(key, lag)
      if (dueMs > nowMs) this.#nextDueMs = Math.min(this.#nextDueMs, dueMs)
      else {
        this.#nextDueMs = 0
        this.#catchUp(key, lag)
        return true
      }
    }
    return false
  }

  #dueMs(key: string, lag: Lag): number {
    const { parked, dueMs } = lag
    if (parked === undefined) return this.#inherited.has(lag) ? this.#inheritedDueMs(lag) : dueMs
    return parked === 'unfit' && this.#unfit.has(key) ? dueMs : Number.POSITIVE_INFINITY
  }

  #inheritedDueMs({ dueMs, history }: Lag): number {
    const failedAtMs = history.at(-1)?.atMs ?? dueMs
    return this.#host.parts.dueClock.due(dueMs, Math.max(0, dueMs - failedAtMs))
  }

  #catchUp(key: string, lag: Lag): void {
    this.#host.withRuns(lag.at, (runs) => {
      // Mail below may be gone by a trim that a person asked for.
      const messages = mailOf(key, runs, lag.at)
      const at = endOf(runs, lag.at)
      const { cursor } = this.#host.parts.kind
      const own = messages.filter(({ offset }) => offset < cursor)
      const [first] = own
      if (first === undefined) this.#moveTo(key, Math.min(at, cursor))
      else if (lag.attempt > 0 || this.#suspects.has(key) || lag.parked === 'unfit') this.#retry(first, lag)
      else this.#takeMany(key, own, Math.min(at, cursor))
    })
  }

  /** Nothing of its mail lies before `at`. */
  #moveTo(key: string, at: number): void {
    this.#host.submit({ events: [this.#place(key, at)], sends: [] }, () => this.changed())
  }

  /** Where it goes on: with the others, if nothing of theirs lies between. */
  #place(key: string, at: number): ActorLedgerEvent {
    const { number: actors, cursor } = this.#host.parts.kind
    if (at >= cursor) {
      this.#suspects.delete(key)
      return { kind: 'caught-up', actors, key }
    }
    return { kind: 'lagged', actors, key, at, attempt: 0, dueMs: 0, parked: undefined, history: [] }
  }

  #takeMany(key: string, own: readonly StoredLetter[], end: number): void {
    const batch = this.#host.newBatch()
    for (const message of own) batch.take(message)
    this.#host.commit({
      batch,
      only: undefined,
      marks: this.#marks(key, end),
      slowDown: () => this.#suspects.add(key),
    })
  }

  /** Where it is then; a failed turn marked its own place. */
  #marks(key: string, end: number): (batch: TurnBatch) => readonly ActorLedgerEvent[] {
    return (batch) => (batch.isHeld(key) ? [] : [this.#place(key, end)])
  }

  /** One mail alone, counted before. */
  #retry(message: StoredLetter, lag: Lag): void {
    const { offset: at, key = '' } = message
    const { kind, supervision } = this.#host.parts
    const isCounted = this.#counted?.key === key && this.#counted.at === at
    const isUnfit = lag.parked === 'unfit'
    if (!isCounted && !isUnfit && lag.attempt < supervision.maxAttempts) {
      this.#counted = { key, at }
      const { history } = lag
      const counted = { at, attempt: lag.attempt + 1, dueMs: 0, parked: undefined, history } as const
      const event = { kind: 'lagged', actors: kind.number, key, ...counted } as const
      return this.#host.submit({ events: [event], sends: [] }, () => {})
    }
    this.#counted = undefined
    this.#unfit.delete(key)
    const batch = this.#host.newBatch()
    const tries = isUnfit ? FIRST_TRY : { attempt: lag.attempt, history: lag.history }
    if (isCounted || isUnfit) batch.take(message, tries)
    else batch.crashed(message, tries)
    this.#host.commit({
      batch,
      only: { message, tries },
      marks: this.#marks(key, at + 1),
      slowDown: () => {},
    })
  }
}

/** The mail of one actor in these runs, from `at` on. */
function mailOf(key: string, runs: readonly DraftedRun[], at: number): StoredLetter[] {
  let left = SCAN_COUNT
  return runs.flatMap((run) => {
    const messages = readLetters(run, at, left)
    left -= messages.length
    return messages.filter((message) => message.key === key)
  })
}

/** Behind the last mail that `mailOf` looked at. */
function endOf(runs: readonly DraftedRun[], at: number): number {
  let end = at
  let left = SCAN_COUNT
  for (const { firstOffset, count } of runs) {
    const from = Math.max(firstOffset, at)
    const seen = Math.min(left, firstOffset + count - from)
    if (seen <= 0) continue
    left -= seen
    end = from + seen
  }
  return end
}
