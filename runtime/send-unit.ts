/**
 * One `send` or `sendBatch`: from the call to its receipt.
 *
 * Owns: that the caller is told exactly once, and what is known when it gives up.
 * Leaves admission to the producer, and writing to the broker.
 *
 * SU1. The caller is told once: by the receipt, a refusal, the deadline or its signal, whichever is first.
 * SU2. Who gives up before the batch is being written gets `not-written`, and it never is; later, `unknown`.
 * SU3. A unit whose batch was refused for now is not written later if its producer was fenced or ended meanwhile.
 */
import type { Outcome, UnlostError } from '../persistence/index.ts'
import type { BatchDraft } from './batch-draft.ts'
import { Outgoing } from './outgoing.ts'
import type { Receipt } from './receipt.ts'
import type { Unit } from './unit.ts'

/** Who made the unit and keeps it until its end: one keeper for all units of a producer. */
export interface SendKeeper {
  /** Called once: with an error, or when the unit's messages are durable. */
  told(unit: SendUnit, error: UnlostError | undefined): void
  /** The unit will never be written any more, or has been. */
  left(unit: SendUnit): void
  /** The unit's messages are durable, but its caller had given up and was told so. */
  missed(unit: SendUnit): void
  /** Why nothing of the keeper's may be written any more, if so. */
  readonly over: UnlostError | undefined
}

type State = 'waiting' | 'writing' | 'left'

export class SendUnit implements Unit {
  /** How long the caller waits, in milliseconds. */
  readonly timeoutMs: number
  /** On the monotonic clock, in whole milliseconds: see `deadlines.ts`. */
  deadlineMs = 0
  /** The caller's promise: of one receipt, or of the receipts of a batch. For the keeper, who makes receipts. */
  resolveOne: ((receipt: Receipt) => void) | undefined = undefined
  resolveAll: ((receipts: Receipt[]) => void) | undefined = undefined
  readonly reject: (error: UnlostError) => void
  readonly #keeper: SendKeeper
  /** The message of a send; of a batch see `all`. */
  one: Outgoing | undefined = undefined
  all: readonly Outgoing[] | undefined = undefined
  bytes = 0
  /** Why it was refused the last time. */
  refusal: UnlostError | undefined = undefined
  /** Counted in the producer's window, or among those that wait for it. */
  isAdmitted = false
  isWaiting = false
  /** Its deadline came in the middle of a try on a full disk: that try is its last. */
  isOvertime = false
  /** Where it stands among those that are not told yet. */
  place = -1
  /** Takes the caller's signal off, if there is one. */
  unlisten: (() => void) | undefined = undefined
  #state: State = 'waiting'
  #told = false
  #onTold: (() => void) | undefined = undefined

  constructor(keeper: SendKeeper, reject: (error: UnlostError) => void, timeoutMs: number) {
    this.#keeper = keeper
    this.reject = reject
    this.timeoutMs = timeoutMs
  }

  get hasMessages(): true {
    return true
  }

  get withdrawn(): boolean {
    return this.#state === 'left'
  }

  get isTold(): boolean {
    return this.#told
  }

  /** Resolves with nothing when the caller is told, so that who prepares the messages need not wait longer. */
  get told(): Promise<{ messages: undefined; error: undefined }> {
    return new Promise((resolve) => {
      this.#onTold = () => resolve({ messages: undefined, error: undefined })
      if (this.#told) this.#onTold()
    })
  }

  get outcome(): Outcome {
    return this.#state === 'writing' ? 'unknown' : 'not-written'
  }

  get messages(): readonly Outgoing[] {
    return this.all ?? (this.one === undefined ? [] : [this.one])
  }

  load(made: Outgoing | readonly Outgoing[]): void {
    if (made instanceof Outgoing) {
      this.one = made
      this.bytes = made.bytes
    } else {
      this.all = made
      this.bytes = made.reduce((bytes, message) => bytes + message.bytes, 0)
    }
  }

  /** The caller gives up. */
  giveUp(error: UnlostError): void {
    const isWritten = this.#state !== 'waiting'
    if (!isWritten) this.#leave()
    this.#tell(error)
    // It may stay in a queue for a while; what it would have sent need not.
    if (!isWritten) this.one = this.all = undefined
  }

  build(draft: BatchDraft): void {
    if (this.one !== undefined) draft.message(this.one)
    else draft.messages(this.messages)
    this.#state = 'writing'
  }

  confirm(): void {
    this.#leave()
    if (this.#told) this.#keeper.missed(this)
    this.#tell(undefined)
  }

  refuse(error: UnlostError): void {
    this.#leave()
    this.#tell(error)
  }

  postponed(error: UnlostError): void {
    this.refusal = error
    this.#state = 'waiting'
    if (this.#told) this.#leave()
    else if (this.isOvertime) this.giveUp(error)
    else if (this.#keeper.over !== undefined) this.giveUp(this.#keeper.over)
  }

  #leave(): void {
    if (this.#state === 'left') return
    this.#state = 'left'
    this.#keeper.left(this)
  }

  #tell(error: UnlostError | undefined): void {
    if (this.#told) return
    this.#told = true
    this.#onTold?.()
    this.unlisten?.()
    this.#keeper.told(this, error)
  }
}
