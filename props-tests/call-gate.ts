/**
 * The gate that every simulated system call passes.
 *
 * Owns: counting calls, dying at a crash point, striking faults, and the log.
 * Leaves what a call does to `simulated-disk.ts`, and what a fault is to `disk-fault.ts`.
 *
 * CG1. Crash points count calls from the making of the disk, so the same run dies at the same place.
 * CG2. Once dead, no call has an effect, whoever catches the crash, until `revive`.
 * CG3. A line of the log holds all that decided the call and how it ended; the same run writes the same log.
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

/** Carries a call out. `fate` says how much of it happens; a write may land at another position. */
export type Effect<T> = (fate: SyncFate, misplacedTo?: number) => T

export class CallGate {
  readonly #isLogging: boolean
  #faults = new FaultList()
  #crashPoint: CrashPoint | undefined
  #diedAt: string | undefined
  #calls = 0
  #changes = 0
  #log: string[] = []
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

  get log(): readonly string[] {
    return this.#log
  }

  get faults(): FaultList {
    return this.#faults
  }

  set crashPoint(point: CrashPoint) {
    this.#crashPoint = point
  }

  die(where: string): void {
    this.#diedAt ??= where
  }

  revive(line: string): void {
    this.#crashPoint = undefined
    this.#diedAt = undefined
    this.#note(line)
  }

  assertAlive(): void {
    if (this.#diedAt !== undefined) throw new SimulatedCrash(this.#diedAt)
  }

  /** Runs `effect` under the faults and crash points that concern `call`. */
  pass<T>(call: DiskCall, effect: Effect<T>): T {
    this.assertAlive()
    this.#calls += 1
    if (call.changes) this.#changes += 1
    const moment = this.#momentOfDeath(call)
    if (moment === 'within' && call.name === 'write') capture(() => effect('half'))
    if (moment === 'before' || moment === 'within') this.#dieAt(call, moment)
    const outcome = capture(() => this.#strike(call, effect))
    this.#note(lineOf(this.#calls, call, outcome))
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
    return suffer(fault, call, effect)
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
