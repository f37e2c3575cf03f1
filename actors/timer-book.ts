/**
 * The timers of one machine in the course of a turn.
 *
 * Owns: arming and forgetting them, and which of several under one id a `cancel` means.
 * Leaves to the turn their names and what it costs to have many.
 *
 * TB1. The timers that were committed are never changed; without a change they are the same object after the turn.
 * TB2. A timer more takes the same time however many there are.
 */
import type { Timer, Timers } from './machine-state.ts'
import { isLaterName } from './timer-names.ts'

export class TimerBook {
  readonly #old: Timers
  #now: Map<string, Timer> | undefined

  constructor(old: Timers) {
    this.#old = old
  }

  get(name: string): Timer | undefined {
    return this.#now === undefined ? this.#old[name] : this.#now.get(name)
  }

  names(): string[] {
    return this.#now === undefined ? Object.keys(this.#old) : [...this.#now.keys()]
  }

  arm(name: string, timer: Timer): void {
    this.#changed().set(name, timer)
  }

  forget(name: string): void {
    this.#changed().delete(name)
  }

  forgetAll(): void {
    this.#changed().clear()
  }

  /** The timer that was armed last under an id. */
  lastOf(id: string): string | undefined {
    let last: string | undefined
    for (const name of this.names()) {
      if (this.get(name)?.id === id && (last === undefined || isLaterName(name, last))) last = name
    }
    return last
  }

  /** No `cancel` of this id reaches those that are armed now. */
  loosen(id: string): void {
    for (const name of this.names()) {
      const timer = this.get(name)
      if (timer?.id === id) this.#changed().set(name, { ...timer, loose: true })
    }
  }

  state(): Timers {
    return this.#now === undefined ? this.#old : Object.fromEntries(this.#now)
  }

  #changed(): Map<string, Timer> {
    return (this.#now ??= new Map(Object.entries(this.#old)))
  }
}
