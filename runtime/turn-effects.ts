/**
 * What the effects of one turn come to: what changes of its actor's record, what it sends, what follows the commit.
 *
 * Owns: that within a turn the last word on a timer or an effect counts. Leaves what an effect means to
 * `actor-taking.ts`, and the actor's record to `actor-work.ts`.
 *
 * YE1. What is armed or started and then taken back in the same turn never was.
 */
import type { StartEffect } from '../actors/index.ts'
import type { ActionRecord, TimerRecord } from './actor-event.ts'
import type { AfterCommit, TurnYield } from './actor-work.ts'
import type { Outgoing } from './outgoing.ts'

export class TurnEffects implements TurnYield {
  readonly armed: TimerRecord[] = []
  readonly cancelled: string[] = []
  readonly started: { readonly effect: StartEffect; readonly id: string }[] = []
  readonly stopped: string[] = []
  readonly actions: ActionRecord[] = []
  readonly replies: [offset: number, json: string][] = []
  readonly sends: Outgoing[] = []
  readonly after: AfterCommit[] = []

  /** A timer of this turn or of an earlier one. */
  cancel(timer: string): void {
    const at = this.armed.findIndex((armed) => armed.timer === timer)
    if (at >= 0) this.armed.splice(at, 1)
    this.cancelled.push(timer)
  }

  /** An effect that this turn started, or an earlier one. */
  stop(effect: string): void {
    const at = this.started.findIndex((started) => started.effect.effect === effect)
    if (at >= 0) this.started.splice(at, 1)
    this.stopped.push(effect)
  }
}
