/**
 * The gate that every simulated system call passes.
 *
 * Owns: counting calls, dying at a crash point, striking faults, and the log.
 * Leaves what a call does to `simulated-disk.ts`, and what a fault is to `disk-fault.ts`.
 *
 * CG1. Crash points count calls from the making of the disk, so the same run dies at the same place.
 * CG2. Once dead, no call has an effect, whoever catches the crash, until `revive`.
 * CG3. A line of the log holds all that decided the call and how it ended; the same run writes the same log.
 * CG4. A process that is stopped ahead of a call makes that call later, on the disk as others left it; once.
 */
import assert from 'node:assert/strict'
import { SimulatedCrash, SimulatedDiskError } from './disk-errors.ts'
import { FaultList, fateOf } from './disk-fault.ts'
import type { DiskCall, DiskFault } from './disk-fault.ts'
import type { SyncFate } from './simulated-file.ts'

/** `before` the call has any effect, `within` (half of a write is done), or `after` its whole effect. */
export type CrashMoment = 'before' | 'within' | 'after'

/** Which calls a crash point counts: all, or those alone that can change the disk. */
export type CrashCounting = 'calls' | 'changes'

/** Where a process dies. */
export interface CrashPoint {
  readonly at: number
  readonly moment: CrashMoment
  readonly counting: CrashCounting
}

/** Where a process is stopped for a while, as SIGSTOP or the sleep of a machine does. */
export interface PausePoint {
  readonly at: number
  readonly counting: CrashCounting
  /** What other processes do on the same disk before the stopped one goes on, not knowing of it. */
  readonly meanwhile: () => void
}

/** Carries a call out. `fate` says how much of it happens; a write may land at another position. */
export type Effect<T> = (fate: SyncFate, misplacedTo?: number) => T

export class CallGate {
  readonly #isLogging: boolean
  #faults = new FaultList()
  #crashPoint: CrashPoint | undefined
  #pausePoint: PausePoint | undefined
  #diedAt: string | undefined
  #calls = 0
  #changes = 0
  #log: string[] = []
  readonly #struck = new Map<string, number>()
  isReadOnly = false

  constructor(isLogging: boolean) {
    this.#isLogging = isLogging
  }

  get calls(): number {
    return this.#calls
  }

  get changes(): number {
    return this.#changes
  }

  get isDead(): boolean {
    return this.#diedAt !== undefined
  }

  get diedAt(): string | undefined {
    return this.#diedAt
  }

  get struck(): ReadonlyMap<string, number> {
    return this.#struck
  }

  get log(): readonly string[] {
    return this.#log
  }

  get faults(): FaultList {
    return this.#faults
  }

  set crashPoint(point: CrashPoint) {
    this.#crashPoint = point
  }

  set pausePoint(point: PausePoint) {
    this.#pausePoint = point
  }

  die(where: string): void {
    this.#diedAt ??= where
  }

  revive(line: string): void {
    this.#crashPoint = undefined
    this.#pausePoint = undefined
    this.#diedAt = undefined
    this.#note(line)
  }

  assertAlive(): void {
    if (this.#diedAt !== undefined) throw new SimulatedCrash(this.#diedAt)
  }

  /** Runs `effect` under the faults and crash points that concern `call`. */
  pass<T>(call: DiskCall, effect: Effect<T>): T {
    this.assertAlive()
    this.#pauseAhead(call)
    this.#calls += 1
    if (call.changes) this.#changes += 1
    const moment = this.#momentOfDeath(call)
    if (moment === 'within' && call.name === 'write') capture(() => effect('half'))
    if (moment === 'before' || moment === 'within') this.#dieAt(call, moment)
    const outcome = capture(() => this.#strike(call, effect))
    if (this.#isLogging) this.#note(lineOf(this.#calls, call, outcome))
    if (moment === 'after') this.#dieAt(call, moment)
    if (!outcome.ok) throw outcome.error
    return outcome.value
  }

  clone(): CallGate {
    const copy = new CallGate(this.#isLogging)
    copy.#faults = this.#faults.clone()
    copy.#crashPoint = this.#crashPoint
    copy.#diedAt = this.#diedAt
    copy.#calls = this.#calls
    copy.#changes = this.#changes
    copy.#log = [...this.#log]
    copy.isReadOnly = this.isReadOnly
    return copy
  }

  /** The stopped process makes its call when the others are done, if the machine still runs. */
  #pauseAhead(call: DiskCall): void {
    const point = this.#pausePoint
    if (point === undefined || (point.counting === 'changes' && !call.changes)) return
    if ((point.counting === 'changes' ? this.#changes : this.#calls) + 1 !== point.at) return
    this.#pausePoint = undefined
    this.#note(`-- stopped ahead of ${call.name} '${call.path}'`)
    point.meanwhile()
    this.#note(`-- goes on with ${call.name} '${call.path}'`)
    this.assertAlive()
  }

  #momentOfDeath(call: DiskCall): CrashMoment | undefined {
    const point = this.#crashPoint
    if (point === undefined || (point.counting === 'changes' && !call.changes)) return undefined
    const count = point.counting === 'changes' ? this.#changes : this.#calls
    return count === point.at ? point.moment : undefined
  }

  #dieAt(call: DiskCall, moment: CrashMoment): never {
    const where = `${moment} call ${this.#calls}, ${call.name} '${call.path}' ${call.detail}`
    this.die(where)
    this.#note(`-- dies ${where}`)
    throw new SimulatedCrash(where)
  }

  #strike<T>(call: DiskCall, effect: Effect<T>): T {
    if (this.isReadOnly && call.changes) throw new SimulatedDiskError('EROFS', call.path, call.name)
    const fault = this.#faults.strike(call)
    if (fault === undefined) return effect('full')
    this.#countStrike(call, `${fault.code ?? 'lie'} ${fateOf(fault)}`)
    return suffer(fault, call, effect)
  }

  #countStrike(call: DiskCall, how: string): void {
    const name = `${call.name} ${how}`
    this.#struck.set(name, (this.#struck.get(name) ?? 0) + 1)
  }

  #note(line: string): void {
    if (this.#isLogging) this.#log.push(line)
  }
}

type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown }

function capture<T>(run: () => T): Outcome<T> {
  try {
    return { ok: true, value: run() }
  } catch (error) {
    return { ok: false, error }
  }
}

function suffer<T>(fault: DiskFault, call: DiskCall, effect: Effect<T>): T {
  const fate = fateOf(fault)
  const { code } = fault
  if (code === undefined) return effect(fate, fault.misplacedTo)
  if (fate !== 'ignored') effect(fate, fault.misplacedTo)
  throw new SimulatedDiskError(code, call.path, call.name)
}

function lineOf<T>(number: number, call: DiskCall, outcome: Outcome<T>): string {
  const end = outcome.ok ? valueText(outcome.value) : errorText(outcome.error)
  return `${number} ${call.name} ${call.path} ${call.detail} -> ${end}`
}

function valueText(value: unknown): string {
  return value === undefined ? 'ok' : JSON.stringify(value)
}

function errorText(error: unknown): string {
  assert.ok(error instanceof Error)
  return error instanceof SimulatedDiskError ? error.code : error.name
}
