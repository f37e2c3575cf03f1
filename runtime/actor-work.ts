/**
 * One actor within a batch: its working state, and what the batch changes of its record.
 *
 * Owns: applying the effects of one turn, all or none. Leaves taking the turn to `actor-turns.ts`.
 *
 * AW1. What was committed is never touched: a batch that is refused is forgotten by dropping this.
 * AW2. Within a batch the last word on a timer or an effect counts; only what differs from the record is written.
 */
import type { ActorEffect, ActorStatus, Address, LoadedState, StartEffect } from '../actors/index.ts'
import type { ActionRecord, RunningRecord, TimerRecord, TurnChanges } from './actor-event.ts'
import type { ActorRecord } from './actor-states.ts'

/** What leaves only after the commit. */
export interface AfterCommit {
  readonly key: string
  /** `<definition>/<key>/<turn>:<index>`: the same for every try of this effect. */
  readonly id: string
  readonly effect: ActorEffect
}

/** What one turn adds to its batch. */
export interface TurnYield {
  readonly armed: TimerRecord[]
  readonly cancelled: string[]
  readonly started: { readonly effect: StartEffect; readonly id: string }[]
  readonly stopped: string[]
  readonly actions: ActionRecord[]
  readonly replies: [offset: number, json: string][]
}

export class Work {
  readonly address: Address
  readonly record: ActorRecord | undefined
  state: LoadedState | undefined
  status: ActorStatus
  turn: number
  isChanged = false
  /** Its further mail is not taken in this batch: an earlier one failed, or it lags. */
  isHeld = false
  #timers: Map<string, TimerRecord> | undefined
  #running: Map<string, RunningRecord> | undefined
  readonly #actions: ActionRecord[] = []
  readonly #replies: [number, string][] = []

  constructor(address: Address, record: ActorRecord | undefined, turn: number) {
    this.address = address
    this.record = record
    this.turn = turn
    this.status = record?.status ?? 'active'
  }

  get key(): string {
    return this.address.key
  }

  /** The timer of that name, if that very arming still stands. */
  armed(timer: string, generation: number): TimerRecord | undefined {
    const known = this.#allTimers.get(timer)
    return known?.generation === generation ? known : undefined
  }

  apply(yielded: TurnYield): void {
    // In the order of the turn a name may be cancelled and armed again: what was armed last stands.
    for (const timer of yielded.cancelled) this.#allTimers.delete(timer)
    for (const timer of yielded.armed) this.#allTimers.set(timer.timer, timer)
    for (const effect of yielded.stopped) this.#allRunning.delete(effect)
    for (const { effect, id } of yielded.started) {
      this.#allRunning.set(effect.effect, { effect: effect.effect, generation: effect.generation, id })
    }
    this.#actions.push(...yielded.actions)
    this.#replies.push(...yielded.replies)
  }

  /** A timer's mail was taken. */
  forgetTimer(timer: string): boolean {
    return this.#allTimers.delete(timer)
  }

  /** An effect is over: whether it was this one that ran. */
  forgetRunning(effect: string, generation: number): boolean {
    return this.#allRunning.get(effect)?.generation === generation && this.#allRunning.delete(effect)
  }

  /** The actor is over: nothing of it waits or runs any more. Gives the effects that ran. */
  end(): string[] {
    const effects = [...this.#allRunning.keys()]
    this.#allTimers.clear()
    this.#allRunning.clear()
    return effects
  }

  /** The difference to the record, if there is one. */
  changes(): TurnChanges | undefined {
    const { record } = this
    if (this.#isUntouched()) return undefined
    const timers = difference({ before: record?.timers, after: this.#timers, nameOf: (one) => one.timer })
    const running = difference({ before: record?.running, after: this.#running, nameOf: (one) => one.effect })
    const changes: TurnChanges = {
      ...(timers.gone.length > 0 && { cancelled: timers.gone }),
      ...(timers.made.length > 0 && { armed: timers.made }),
      ...(running.gone.length > 0 && { stopped: running.gone }),
      ...(running.made.length > 0 && { started: running.made }),
      ...(this.#actions.length > 0 && { actions: this.#actions }),
      ...(this.#replies.length > 0 && { replies: this.#replies }),
    }
    return Object.keys(changes).length === 0 ? undefined : changes
  }

  #isUntouched(): boolean {
    const added = this.#actions.length + this.#replies.length
    return added === 0 && this.#timers === undefined && this.#running === undefined
  }

  get #allTimers(): Map<string, TimerRecord> {
    this.#timers ??= new Map(this.record?.timers.map((one) => [one.timer, one]))
    return this.#timers
  }

  get #allRunning(): Map<string, RunningRecord> {
    this.#running ??= new Map(this.record?.running.map((one) => [one.effect, one]))
    return this.#running
  }
}

interface Named<Item> {
  readonly before: readonly Item[] | undefined
  readonly after: ReadonlyMap<string, Item> | undefined
  readonly nameOf: (item: Item) => string
}

/** Names that are gone, and items that are new. */
function difference<Item>({ before = [], after, nameOf }: Named<Item>): { gone: string[]; made: Item[] } {
  if (after === undefined) return { gone: [], made: [] }
  const gone = before.map(nameOf).filter((name) => !after.has(name))
  return { gone, made: [...after.values()].filter((item) => !before.includes(item)) }
}
