/**
 * Which sends of one producer go to the broker now, and which wait.
 *
 * Owns: the window, those that wait for it, deadlines, and the end, as `producerMachine` decides.
 * Leaves making units to the producer, and writing them to the broker.
 *
 * AD1. While the window is full or the disk is, sends wait, up to a bound; beyond it they are refused by name (G11).
 * AD2. Every send settles: by its deadline at the latest (G8). Only one that is part of a try on a full disk just then
 *      waits for the answer of that try, which says for sure what became of it: at most `limits.diskRetryMs` longer.
 * AD3. After the end, whatever it was, nothing is admitted.
 */
import { perform, producerMachine } from '../actors/index.ts'
import type { ActionTable, Ending as Why, ProducerEvent, StallCause } from '../actors/index.ts'
import { ClosedError, FencedError, type UnlostError } from '../persistence/index.ts'
import type { Broker, BrokerListener } from './broker.ts'
import type { Cancel, Clock } from './clock.ts'
import { Deadlines } from './deadlines.ts'
import { BackpressureError, TimeoutError, withOutcome } from './errors.ts'
import type { EventHub } from './events.ts'
import { Fifo } from './fifo.ts'
import type { Watched } from './inspection.ts'
import type { Limits } from './limits.ts'
import { Roster } from './roster.ts'
import type { SendUnit } from './send-unit.ts'
import { Window } from './window.ts'

export interface AdmissionParts {
  /** Whose sends they are, for words: `producer 'a' of topic 'b'`. */
  readonly who: string
  /** For who looks. */
  readonly name: string
  /** How long `ready` waits. */
  readonly readyTimeoutMs: number
  readonly broker: Broker
  readonly clock: Clock
  readonly hub: EventHub
  readonly limits: Limits
  readonly stalled: (cause: StallCause) => void
}

const NOT_WRITTEN = { outcome: 'not-written' } as const

/** So many that were given up may stay in the queue whatever its length. */
const HUSKS_MAX = 64

export class Admission implements BrokerListener {
  readonly #parts: AdmissionParts
  readonly #runner: Watched<typeof producerMachine>
  readonly #table: ActionTable<typeof producerMachine>
  readonly #window: Window
  readonly #waiting = new Fifo<SendUnit>()
  readonly #pending = new Roster<SendUnit>()
  readonly #deadlines: Deadlines<SendUnit>
  #holding = false
  #ending: UnlostError | undefined
  /** Why nothing may be written any more, not even what was taken before. */
  #over: UnlostError | undefined
  #refusal: UnlostError | undefined
  /** Units among those that wait that were given up meanwhile. */
  #husks = 0
  readonly #onRoom = new Set<(error?: UnlostError) => void>()
  #drained: () => void = () => {}
  #letGo: Cancel = () => {}

  constructor(parts: AdmissionParts) {
    this.#parts = parts
    this.#runner = parts.hub.inspection.watched(parts.name, producerMachine)
    this.#window = new Window(parts.limits)
    this.#deadlines = new Deadlines(parts.clock, this.#pending, (unit) => this.#overdue(unit))
    this.#table = {
      admitWaiting: () => this.#admitWaiting(),
      holdAdmission: () => void (this.#holding = true),
      rejectWaiting: ({ why }) => this.#rejectWaiting(why),
      announceStalled: ({ cause }) => parts.stalled(cause),
      announceFlowing: () => {},
      unexpected: ({ event }) => parts.hub.unexpected(parts.who, event),
    }
    parts.broker.listen(this)
  }

  /** Why nothing is taken any more, if so. */
  get ending(): UnlostError | undefined {
    return this.#ending
  }

  /** Why what was taken may not be written either, if so. */
  get over(): UnlostError | undefined {
    return this.#over
  }

  /** Counts a send from its call on. */
  watch(unit: SendUnit): void {
    if (this.#pending.size === 0) this.#letGo = this.#parts.clock.hold()
    this.#pending.add(unit)
    this.#deadlines.watch(unit)
  }

  /** The messages of a unit are made: it goes on, or waits for room. */
  enter(unit: SendUnit): void {
    if (this.#over !== undefined) return unit.giveUp(this.#over)
    if (!this.#holding) return this.#admit(unit)
    if (!this.#window.mayWait(unit)) return unit.giveUp(this.#tooMany())
    this.#window.wait(unit)
    unit.isWaiting = true
    this.#waiting.push(unit)
  }

  /** The caller of the unit was told. */
  told(unit: SendUnit): void {
    this.#pending.delete(unit)
    if (this.#pending.size > 0) return
    this.#letGo()
    this.#drained()
    if (this.#over !== undefined) this.#dispose()
  }

  /** A send whose schema answers later is counted while it does; false when there are too many. */
  prepare(bytes: number): boolean {
    return this.#window.prepare(bytes)
  }

  prepared(bytes: number): void {
    this.#window.prepared(bytes)
  }

  refuseAsTooMany(unit: SendUnit): void {
    unit.giveUp(this.#tooMany())
  }

  /** The unit was written, or never will be. */
  left(unit: SendUnit): void {
    if (unit.isAdmitted) this.#window.leave(unit)
    if (unit.isWaiting) this.#noteHusk()
    this.#stopWaiting(unit)
    if (this.#holding && this.#window.hasRoom) this.#step({ type: 'ROOM' })
  }

  /** Resolves when a send would not have to wait; rejects after `readyTimeoutMs`, or at the end. */
  ready(): Promise<void> {
    if (this.#ending !== undefined) return Promise.reject(this.#ending)
    if (!this.#holding) return Promise.resolve()
    const { clock, readyTimeoutMs } = this.#parts
    return new Promise((resolve, reject) => {
      const letGo = clock.hold()
      const cancel = clock.schedule(readyTimeoutMs, () => tell(this.#refusal ?? noRoom(readyTimeoutMs)))
      const tell = (error = this.#ending): void => {
        this.#onRoom.delete(tell)
        cancel()
        letGo()
        if (error === undefined) resolve()
        else reject(error)
      }
      this.#onRoom.add(tell)
    })
  }

  /** A newer producer has our id. What is being written may still be confirmed; nothing else is. */
  fence(): void {
    const error = new FencedError(`${this.#parts.who} was opened again`, NOT_WRITTEN)
    this.#ending ??= error
    this.#over ??= error
    for (const unit of [...this.#pending]) if (unit.outcome === 'not-written') unit.giveUp(error)
    this.#step({ type: 'FENCED' })
    if (this.#pending.size === 0) this.#dispose()
  }

  async close(): Promise<void> {
    this.#ending ??= new ClosedError(`${this.#parts.who} was closed`, NOT_WRITTEN)
    this.#step({ type: 'CLOSE' })
    if (this.#pending.size > 0) await new Promise<void>((resolve) => (this.#drained = resolve))
    this.#step({ type: 'DRAINED' })
    this.#tellRoom()
    this.#dispose()
  }

  /** Nothing of this producer waits for anything any more. */
  #dispose(): void {
    this.#deadlines.close()
    this.#runner.end()
    this.#parts.broker.unlisten(this)
  }

  messagesRefused(error: UnlostError): void {
    this.#refusal = error
    this.#step({ type: 'REFUSED', code: 'disk-full' })
  }

  messagesTaken(): void {
    this.#refusal = undefined
    if (this.#window.hasRoom) this.#step({ type: 'ROOM' })
    this.#step({ type: 'ACCEPTED' })
  }

  arrived(): void {}

  ended(error: UnlostError): void {
    // Whatever became of the batch that failed: what waits here was never part of it.
    const ending = withOutcome(error, 'not-written')
    this.#ending ??= ending
    this.#over ??= ending
    this.#step({ type: error instanceof FencedError ? 'FENCED' : 'FAILED' })
  }

  #admit(unit: SendUnit): void {
    unit.isAdmitted = true
    this.#window.admit(unit)
    this.#parts.broker.submit(unit)
    if (this.#window.isFull && !this.#holding) this.#step({ type: 'FILLED' })
  }

  #admitWaiting(): void {
    this.#holding = false
    while (!this.#isHolding()) {
      const unit = this.#waiting.shift()
      if (unit === undefined) break
      this.#stopWaiting(unit)
      if (unit.withdrawn) this.#husks -= 1
      else this.#admit(unit)
    }
    if (!this.#isHolding()) this.#tellRoom()
  }

  /** Admitting may fill the window, which a check of the field alone would not see. */
  #isHolding(): boolean {
    return this.#holding
  }

  /** Those given up leave the queue now and then: it must not grow while the disk is full. */
  #noteHusk(): void {
    this.#husks += 1
    if (this.#husks < HUSKS_MAX || this.#husks * 2 < this.#waiting.size) return
    this.#waiting.filter((unit) => !unit.withdrawn)
    this.#husks = 0
  }

  #stopWaiting(unit: SendUnit): void {
    if (unit.isWaiting) this.#window.unwait(unit)
    unit.isWaiting = false
  }

  #rejectWaiting(why: Why): void {
    const error = why === 'disk-full' ? this.#refusal : this.#ending
    for (const unit of this.#waiting.drain()) {
      unit.giveUp(error ?? new ClosedError(`${this.#parts.who} was closed`, NOT_WRITTEN))
    }
    this.#husks = 0
    this.#tellRoom()
  }

  #tellRoom(): void {
    for (const tell of [...this.#onRoom]) tell()
  }

  #overdue(unit: SendUnit): void {
    if (unit.outcome === 'not-written') return unit.giveUp(this.#refusal ?? timedOut(unit))
    if (this.#refusal === undefined || unit.isOvertime) return unit.giveUp(timedOut(unit))
    unit.isOvertime = true
    unit.deadlineMs += this.#parts.limits.diskRetryMs
  }

  #step(event: ProducerEvent): void {
    perform(this.#table, this.#runner.step(event))
  }

  #tooMany(): BackpressureError {
    return new BackpressureError(
      `${this.#parts.who}: too many sends are waiting; ` +
        'await earlier sends or ready(), or raise limits.waitingCount and limits.waitingBytes',
      NOT_WRITTEN,
    )
  }
}

function noRoom(timeoutMs: number): TimeoutError {
  return new TimeoutError(`there was no room for another send within ${timeoutMs} ms`, NOT_WRITTEN)
}

function timedOut(unit: SendUnit): TimeoutError {
  const { outcome } = unit
  const words = outcome === 'unknown' ? 'being written and may still appear' : 'not written'
  return new TimeoutError(`the send took longer than its time; the message is ${words}`, { outcome })
}
