/**
 * The state changes of durable actors that are journaled, and their bytes.
 *
 * Owns: the list of these events and their encoding. Leaves what each does to `actor-states.ts`, and all other events
 * to `ledger-event.ts`.
 *
 * AV1. Each event is complete in itself: replaying them in order gives the state, whatever wrote them.
 * AV2. A turn is one event: state, timers, effects, actions and replies of an actor change together or not at all.
 * AV3. What happens per turn (turn, consumed) is written as numbers and bytes; the rest is JSON.
 *
 * Turn:     actors u32 · turn f64 · status u8 · shape u32 · key · state with its length · changes as JSON, or nothing
 * Consumed: actors u32 · next f64
 */
import type { ActorStatus, TypedEvent } from '../actors/index.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'

/** Actors of this name exist; their mail lies in the first mailbox of `topic`. */
export interface ActorsDeclared {
  readonly kind: 'actors'
  readonly actors: number
  readonly name: string
  readonly topic: number
}

/** A form that states are stored in: the definition's version, and the hash of its structure. */
export interface ShapeDeclared {
  readonly kind: 'shape'
  readonly actors: number
  readonly shape: number
  readonly version: number
  readonly hash: string
}

/** A timer that is armed. What it means, the state knows. */
export interface TimerRecord {
  readonly timer: string
  /** The turn that armed it: another arming of the same name has another. */
  readonly generation: number
  /** Not before this wall time, in milliseconds since 1970. */
  readonly dueMs: number
  /** Its event is in the mailbox already. */
  readonly isFired?: true
}

/** A promise or callback that runs outside of turns. */
export interface RunningRecord {
  readonly effect: string
  readonly generation: number
  /** Stable over restarts: handed to the effect. */
  readonly id: string
}

/** A custom action that is to run, at least once. */
export interface ActionRecord {
  readonly id: string
  readonly name: string
  readonly params?: unknown
  readonly context?: unknown
  readonly event: TypedEvent
}

/** What a turn changes besides the state. */
export interface TurnChanges {
  readonly cancelled?: readonly string[]
  readonly armed?: readonly TimerRecord[]
  readonly stopped?: readonly string[]
  readonly started?: readonly RunningRecord[]
  readonly actions?: readonly ActionRecord[]
  /** Answers by the offset of the mail that asked, as JSON. */
  readonly replies?: readonly (readonly [offset: number, json: string])[]
}

/** An actor took one or more turns; the last one is number `turn`. */
export interface Turned {
  readonly kind: 'turn'
  readonly actors: number
  readonly key: string
  readonly turn: number
  readonly status: ActorStatus
  readonly shape: number
  /** What the definition's `save` gave. */
  readonly state: string
  readonly changes: TurnChanges | undefined
}

/** All mail below `next` was taken in, except that of actors that lag. */
export interface Consumed {
  readonly kind: 'consumed'
  readonly actors: number
  readonly next: number
}

/** A mail that may end the process is tried: counted before it is. */
export interface Tried {
  readonly kind: 'tried'
  readonly actors: number
  readonly offset: number
  readonly attempt: number
}

/** One attempt at a mail that failed. */
export interface FailedAttempt {
  readonly attempt: number
  readonly atMs: number
  readonly reason: string
}

/** An actor takes its mail from `at` on by itself, behind the others: not before `dueMs`, or not at all. */
export interface Lagged {
  readonly kind: 'lagged'
  readonly actors: number
  readonly key: string
  readonly at: number
  readonly attempt: number
  readonly dueMs: number
  /** `failed`: waits for a person; `unfit`: for a definition that its state fits. */
  readonly parked: 'failed' | 'unfit' | undefined
  readonly history: readonly FailedAttempt[]
}

/** An actor that lagged goes with the others again. */
export interface CaughtUp {
  readonly kind: 'caught-up'
  readonly actors: number
  readonly key: string
}

/** A mail is given up: it is in the dead letters. */
export interface Undelivered {
  readonly kind: 'undelivered'
  readonly actors: number
  readonly key: string
  readonly offset: number
  readonly atMs: number
  readonly reason: string
  readonly history: readonly FailedAttempt[]
}

/** Dead letters were sent again, or are given up for good. */
export interface LettersGone {
  readonly kind: 'letters-gone'
  readonly actors: number
  readonly offsets: readonly number[]
}

/** Timers whose mail joined the same batch. */
export interface Fired {
  readonly kind: 'fired'
  readonly actors: number
  readonly timers: readonly (readonly [key: string, timer: string, generation: number])[]
}

/** Custom actions that ran. */
export interface Acted {
  readonly kind: 'acted'
  readonly actors: number
  readonly key: string
  readonly ids: readonly string[]
}

/** The actor begins anew with its next mail. */
export interface Restarted {
  readonly kind: 'restarted'
  readonly actors: number
  readonly key: string
}

export type ActorLedgerEvent =
  | ActorsDeclared
  | ShapeDeclared
  | Turned
  | Consumed
  | Tried
  | Lagged
  | CaughtUp
  | Undelivered
  | LettersGone
  | Fired
  | Acted
  | Restarted

/** Those that are written as JSON. */
export const ACTOR_JSON_KINDS: readonly Exclude<ActorLedgerEvent['kind'], 'turn' | 'consumed'>[] = [
  'actors',
  'shape',
  'tried',
  'lagged',
  'caught-up',
  'undelivered',
  'letters-gone',
  'fired',
  'acted',
  'restarted',
]

const STATUSES: readonly ActorStatus[] = ['active', 'done', 'error', 'stopped']

/** More than a turn takes besides its key, state and changes. */
export const TURN_OVERHEAD_BYTES = 64

export function writeTurn(writer: ByteWriter, event: Turned): void {
  writer.u32(event.actors)
  writer.f64(event.turn)
  writer.u8(STATUSES.indexOf(event.status))
  writer.u32(event.shape)
  writer.text(event.key)
  writer.text(event.state)
  if (event.changes !== undefined) writer.utf8(JSON.stringify(event.changes))
}

export function readTurn(reader: ByteReader, end: number): Turned {
  return {
    kind: 'turn',
    actors: reader.u32(),
    turn: reader.f64(),
    status: statusOf(reader.u8()),
    shape: reader.u32(),
    key: reader.text(),
    state: reader.text(),
    changes: reader.position === end ? undefined : readChanges(reader, end),
  }
}

function readChanges(reader: ByteReader, end: number): TurnChanges {
  // Written by `writeTurn`, and under the frame's checksum since.
  return JSON.parse(reader.bytes(end - reader.position).toString('utf8')) as TurnChanges
}

export function statusOf(code: number): ActorStatus {
  return STATUSES[code] ?? 'error'
}

export function codeOf(status: ActorStatus): number {
  return STATUSES.indexOf(status)
}

export function writeConsumed(writer: ByteWriter, event: Consumed): void {
  writer.u32(event.actors)
  writer.f64(event.next)
}

export function readConsumed(reader: ByteReader): Consumed {
  return { kind: 'consumed', actors: reader.u32(), next: reader.f64() }
}
