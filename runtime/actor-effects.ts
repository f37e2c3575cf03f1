/**
 * What runs for actors outside of turns: promises, callbacks, custom actions.
 *
 * Owns: starting after the commit, stopping, time-outs, and posting results as mail. Leaves what is to run to the
 * records of the actors, and the code to their logic.
 *
 * EF1. Nothing starts before the turn that asked for it is on disk; after a restart it starts again under the same id.
 * EF2. What an effect reports is mail that no user can forge; of a run that was stopped or replaced nothing is posted.
 * EF3. A promise that does not settle in time counts as failed (G8).
 * EF4. A custom action is forgotten only after it ran.
 */
import {
  dataOfError,
  type ActorLogic,
  type ErrorData,
  type Running,
  type StartEffect,
  type TypedEvent,
} from '../actors/index.ts'
import type { ActionRecord } from './actor-event.ts'
import type { SystemMail } from './actor-mail.ts'
import type { Cancel, Clock } from './clock.ts'
import { TimeoutError } from './errors.ts'

export interface EffectsParts {
  readonly logic: ActorLogic
  readonly clock: Clock
  readonly timeoutMs: number
  /** Sends a word of the host's to an actor. */
  readonly post: (key: string, mail: SystemMail) => void
  /** What custom actions get as `self` and `system`. */
  readonly self: (key: string, action: ActionRecord) => unknown
  readonly system: unknown
  readonly acted: (key: string, id: string) => void
  readonly actionFailed: (key: string, name: string, error: unknown) => void
}

interface Run {
  readonly generation: number
  running: Running | undefined
  isOver: boolean
  cancelTimeout: Cancel
}

export class ActorEffects {
  readonly #parts: EffectsParts
  readonly #runs = new Map<string, Run>()

  constructor(parts: EffectsParts) {
    this.#parts = parts
  }

  get size(): number {
    return this.#runs.size
  }

  start(key: string, effect: StartEffect, id: string): void {
    const place = placeOf(key, effect.effect)
    this.#end(place)
    const run: Run = {
      generation: effect.generation,
      running: undefined,
      isOver: false,
      cancelTimeout: () => {},
    }
    this.#runs.set(place, run)
    const finish = (mail: SystemMail): void => {
      if (run.isOver) return
      this.#end(place, run)
      this.#parts.post(key, mail)
    }
    const { effect: name, generation } = effect
    const failed = (error: unknown): void =>
      finish({ kind: 'failed', effect: name, generation, error: dataOfError(error) as ErrorData })
    try {
      this.#begin(run, effect, {
        id,
        done: (output) => finish({ kind: 'done', effect: name, generation, output }),
        failed,
        sent: (event) => {
          if (!run.isOver) this.#parts.post(key, { kind: 'sent', effect: name, generation, event })
        },
      })
    } catch (error) {
      failed(error)
    }
  }

  #begin(
    run: Run,
    effect: StartEffect,
    report: {
      id: string
      done: (output: unknown) => void
      failed: (error: unknown) => void
      sent: (event: TypedEvent) => void
    },
  ): void {
    const { logic, clock, timeoutMs } = this.#parts
    const { id, ...told } = report
    const runnable = logic.runnable(effect.src)
    if (runnable === undefined) {
      return report.failed(
        new TimeoutError(`'${effect.src}' is no longer among the actors of '${logic.name}'`),
      )
    }
    run.running = runnable({
      input: effect.input,
      id,
      child: effect.child,
      snapshots: effect.snapshots,
      report: told,
    })
    if (run.isOver) return run.running.stop()
    if (!run.running.settles) return
    run.cancelTimeout = clock.schedule(timeoutMs, () => {
      report.failed(new TimeoutError(`'${effect.src}' did not settle within ${timeoutMs} ms`))
    })
  }

  /** Ends what runs in that place. */
  stop(key: string, effect: string): void {
    this.#end(placeOf(key, effect))
  }

  tell(key: string, effect: { effect: string; generation: number; event: TypedEvent }): void {
    const run = this.#runs.get(placeOf(key, effect.effect))
    if (run?.generation === effect.generation) run.running?.tell(effect.event)
  }

  /** Runs a custom action whose turn is on disk. */
  act(key: string, action: ActionRecord): void {
    const { logic, self, system, acted, actionFailed } = this.#parts
    const { id, name, params, context, event } = action
    const over = (): void => acted(key, id)
    const failed = (error: unknown): void => {
      actionFailed(key, name, error)
      over()
    }
    try {
      const code = logic.action(name)
      if (code === undefined)
        return failed(new TimeoutError(`action '${name}' is no longer known to '${logic.name}'`))
      const result = code({ context, event, self: self(key, action), system }, params)
      if (result instanceof Promise) result.then(over, failed)
      else over()
    } catch (error) {
      failed(error)
    }
  }

  close(): void {
    for (const place of [...this.#runs.keys()]) this.#end(place)
  }

  #end(place: string, run = this.#runs.get(place)): void {
    if (run === undefined || run.isOver) return
    run.isOver = true
    run.cancelTimeout()
    if (this.#runs.get(place) === run) this.#runs.delete(place)
    run.running?.stop()
  }
}

function placeOf(key: string, effect: string): string {
  return `${effect}\n${key}`
}
