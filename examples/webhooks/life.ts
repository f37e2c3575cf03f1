/**
 * One life of the child, as its parent sees it: started, given its work, and killed, or let go when it is done.
 *
 * Owns: the process, its reports, and killing it at its moment. Leaves the plan to `kill-plan.ts`, and what the
 * reports add up to, to the listener.
 */
import assert from 'node:assert/strict'
import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
// In your own program: import { systemClock } from 'unlost'
import { systemClock } from '../../runtime/index.ts'
import { ChildError } from './errors.ts'
import type { Moment } from './kill-plan.ts'
import type { Leave, Opening, Report } from './protocol.ts'

export interface LifeEnd<TEnd> {
  /** `died`: by a signal that was not ours. */
  readonly how: 'finished' | 'killed' | 'died'
  /** From the start of the process until the runtime was open; undefined when it died before. */
  readonly readyMs: number | undefined
  readonly opening: Opening | undefined
  readonly totals: TEnd | undefined
}

/** Hears every report and answers with the progress of the phase so far. */
export type Listener<TEnd> = (report: Report<TEnd>) => number

/** What a life is for: the program, its work, when it is killed, and who hears its reports. */
export interface LifePlan<TEnd> {
  readonly child: URL
  readonly work: { readonly kind: 'work'; readonly phase: string }
  readonly moment: Moment | undefined
  readonly listen: Listener<TEnd>
}

const SILENCE_MS_MAX = 60_000

export class Life<TEnd> {
  readonly #work: LifePlan<TEnd>['work']
  readonly #moment: Moment | undefined
  readonly #listen: Listener<TEnd>
  readonly #startedMs = systemClock.monotonicMs()
  readonly #child: ChildProcess
  #cancelAlarm = (): void => {}
  #striking = false
  #killed = false
  #finished = false
  #failure: string | undefined
  #readyMs: number | undefined
  #opening: Opening | undefined
  #totals: TEnd | undefined

  private constructor({ child, work, moment, listen }: LifePlan<TEnd>) {
    this.#work = work
    this.#moment = moment
    this.#listen = listen
    this.#child = fork(fileURLToPath(child)) // With the options of this process: `--import tsx`.
    this.#child.on('message', (report: Report<TEnd>) => this.#receive(report))
    this.#setAlarm()
  }

  /** Resolves when the process is over. Rejects with `ChildError` when it failed or fell silent. */
  static run<TEnd>(plan: LifePlan<TEnd>): Promise<LifeEnd<TEnd>> {
    const life = new Life(plan)
    return new Promise((resolve, reject) => {
      life.#child.once('error', reject)
      // Not `exit`: what the child told before its end is still on its way then.
      life.#child.once('close', (code, signal) => {
        try {
          resolve(life.#end(code, signal))
        } catch (error) {
          reject(error)
        }
      })
    })
  }

  #receive(report: Report<TEnd>): void {
    this.#setAlarm()
    const progress = this.#listen(report)
    switch (report.kind) {
      case 'booted':
        this.#send(this.#work)
        if (this.#moment?.kind === 'opening') this.#strikeIn(this.#moment.delayMs)
        return
      case 'opened':
        this.#readyMs = systemClock.monotonicMs() - this.#startedMs
        this.#opening = report.opening
        return
      case 'confirmed':
      case 'counted':
        if (this.#moment?.kind === 'running' && progress >= this.#moment.at)
          this.#strikeIn(this.#moment.delayMs)
        return
      case 'holding':
        return this.#strikeIn(0)
      case 'finished':
        this.#totals = report.totals
        return this.#finish()
      case 'failed':
        this.#failure = report.message
        this.#leave()
    }
  }

  /** A kill that is still due strikes a child that has nothing left to do. */
  #finish(): void {
    this.#finished = true
    if (this.#moment === undefined) this.#leave()
    else this.#strikeIn(0)
  }

  #leave(): void {
    this.#send({ kind: 'leave' })
  }

  /** A child that is dead by now cannot hear us; its end is told by `close`. */
  #send(message: LifePlan<TEnd>['work'] | Leave): void {
    this.#child.send(message, () => {})
  }

  #strikeIn(delayMs: number): void {
    if (this.#striking) return
    this.#striking = true
    systemClock.schedule(delayMs, () => {
      this.#killed = this.#child.kill('SIGKILL')
    })
  }

  /** Nothing may hang for good: not the child either. */
  #setAlarm(): void {
    this.#cancelAlarm()
    this.#cancelAlarm = systemClock.schedule(SILENCE_MS_MAX, () => {
      this.#failure = `it has said nothing for ${SILENCE_MS_MAX / 1000} s`
      this.#child.kill('SIGKILL')
    })
  }

  #end(code: number | null, signal: NodeJS.Signals | null): LifeEnd<TEnd> {
    this.#cancelAlarm()
    const { phase } = this.#work
    if (this.#failure !== undefined) throw new ChildError(`the child failed (${phase}): ${this.#failure}`)
    const how = this.#killed ? 'killed' : signal === null ? 'finished' : 'died'
    if (how === 'finished' && (code !== 0 || !this.#finished)) {
      throw new ChildError(`the child ended with code ${code} before its work was done (${phase})`)
    }
    assert(how !== 'killed' || signal === 'SIGKILL', 'a killed child has no last word')
    return { how, readyMs: this.#readyMs, opening: this.#opening, totals: this.#totals }
  }
}
