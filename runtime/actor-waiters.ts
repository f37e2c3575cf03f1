/**
 * Those who wait for what becomes of a mail: that it was taken, or an answer to it.
 *
 * Owns: waiting, deadlines, and telling each once. Leaves what became of a mail to the ledger.
 *
 * WA1. Everybody is told once: by the mail's end, an answer, a deadline, a signal or the end of the runtime (G8).
 * WA2. Nobody is told before what it is told is on disk.
 * WA3. A mail that was asked once more under its key gets the answer that the first one got.
 */
import { ClosedError, type UnlostError } from '../persistence/index.ts'
import type { AskToken } from './actor-mail.ts'
import type { ActorKind } from './actor-states.ts'
import type { Answer } from './actor-turns.ts'
import type { Cancel, Clock } from './clock.ts'
import { AbortedError, NoReplyError, TimeoutError, TurnFailedError } from './errors.ts'

/** What is waited for. */
export interface Wish {
  readonly key: string
  /** An answer, or only that the mail was taken. */
  readonly ask: number | undefined
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

type Told = (error: UnlostError | undefined, json?: string) => void

export class Waiter {
  readonly wish: Wish
  /** Where the mail lies, once that is known. */
  offset: number | undefined
  readonly #told: Told
  readonly #cleanUps: (() => void)[] = []
  isTold = false

  constructor(wish: Wish, told: Told) {
    this.wish = wish
    this.#told = told
  }

  onTold(cleanUp: () => void): void {
    this.#cleanUps.push(cleanUp)
  }

  tell(error: UnlostError | undefined, json?: string): void {
    if (this.isTold) return
    this.isTold = true
    for (const cleanUp of this.#cleanUps) cleanUp()
    this.#told(error, json)
  }
}

export class ActorWaiters {
  readonly #kind: ActorKind
  readonly #clock: Clock
  readonly #epoch: number
  readonly #all = new Set<Waiter>()
  readonly #placed = new Set<Waiter>()
  readonly #asks = new Map<number, Waiter>()
  #lastAsk = 0
  #letGo: Cancel = () => {}

  constructor(kind: ActorKind, clock: Clock, epoch: number) {
    this.#kind = kind
    this.#clock = clock
    this.#epoch = epoch
  }

  /** A new number for a question. */
  nextAsk(): AskToken {
    this.#lastAsk += 1
    return [this.#epoch, this.#lastAsk]
  }

  wait(wish: Wish, told: Told): Waiter {
    const waiter = new Waiter(wish, told)
    if (this.#all.size === 0) this.#letGo = this.#clock.hold()
    this.#all.add(waiter)
    if (wish.ask !== undefined) this.#asks.set(wish.ask, waiter)
    waiter.onTold(() => this.#forget(waiter))
    waiter.onTold(this.#clock.schedule(wish.timeoutMs, () => waiter.tell(tooLate(wish))))
    giveUpWhenAborted(waiter)
    return waiter
  }

  #forget(waiter: Waiter): void {
    this.#all.delete(waiter)
    this.#placed.delete(waiter)
    if (waiter.wish.ask !== undefined) this.#asks.delete(waiter.wish.ask)
    if (this.#all.size === 0) this.#letGo()
  }

  /** The mail is on disk at `offset`: perhaps it was taken already. */
  placed(waiter: Waiter, offset: number): void {
    if (waiter.isTold) return
    waiter.offset = offset
    this.#placed.add(waiter)
    this.#look(waiter)
  }

  /** Turns are on disk that gave these answers. */
  committed(answers: readonly Answer[]): void {
    for (const { ask, json } of answers) {
      if (ask[0] === this.#epoch) this.#asks.get(ask[1])?.tell(undefined, json)
    }
    for (const waiter of [...this.#placed]) this.#look(waiter)
  }

  #look(waiter: Waiter): void {
    const { wish, offset } = waiter
    if (offset === undefined) return
    const { cursor, dead, lags, replies } = this.#kind
    const died = dead.get(offset)
    if (died !== undefined) return waiter.tell(turnFailed(wish.key, died.reason))
    if (offset >= cursor || offset >= (lags.get(wish.key)?.at ?? cursor)) return
    if (wish.ask === undefined) return waiter.tell(undefined)
    const json = replies.get(offset)
    waiter.tell(json === undefined ? noReply(wish.key) : undefined, json)
  }

  /** Nothing more will be known in this run. */
  end(error: UnlostError = new ClosedError('the runtime was closed; what was sent is on disk')): void {
    for (const waiter of [...this.#all]) waiter.tell(error)
  }
}

function tooLate({ key, timeoutMs, ask }: Wish): TimeoutError {
  const what = ask === undefined ? 'took no turn' : 'gave no answer'
  return new TimeoutError(`actor '${key}' ${what} within ${timeoutMs} ms; the mail may still be taken`, {
    outcome: 'unknown',
  })
}

function turnFailed(key: string, reason: string): TurnFailedError {
  return new TurnFailedError(`actor '${key}' could not take the mail; it is in the dead letters: ${reason}`)
}

function noReply(key: string): NoReplyError {
  return new NoReplyError(`actor '${key}' took the mail and gave no answer, or it is no longer remembered`)
}

function giveUpWhenAborted(waiter: Waiter): void {
  const { signal } = waiter.wish
  if (signal === undefined) return
  const abort = (): void => {
    const words = 'the caller gave up waiting; the mail may still be taken'
    waiter.tell(new AbortedError(words, { cause: signal.reason, outcome: 'unknown' }))
  }
  signal.addEventListener('abort', abort, { once: true })
  waiter.onTold(() => signal.removeEventListener('abort', abort))
  if (signal.aborted) abort()
}
