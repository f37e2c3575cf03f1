/**
 * What the runtime tells its owner without being asked.
 *
 * Owns: the list of events, their contents, and telling listeners. Leaves deciding when to those who find it.
 *
 * EV1. A listener that throws does not disturb the runtime: its error surfaces on its own, as an uncaught one.
 * EV2. A name that is no event is refused: a misspelt one would never be told.
 */
import type { StallCause as MachineStallCause } from '../actors/index.ts'
import { BrokenError, UnlostError, type CorruptError } from '../persistence/index.ts'
import type { Clock } from './clock.ts'
import type { ContinuityBreak } from './continuity.ts'
import { InvalidOptionError } from './errors.ts'
import { Inspection } from './inspection.ts'
import { callable, nearest, text } from './option-check.ts'

/**
 * Why nothing moves: the causes the machines know, and those that only the runtime sees: too many messages wait for
 * a retry, a handler outlived its lease, a mailbox cannot be read.
 */
export type StallCause = MachineStallCause | 'retry-backlog' | 'lease-expired' | 'unreadable'

export interface Stalled {
  readonly cause: StallCause
  readonly topic?: string
  readonly group?: string
  readonly producer?: string
  readonly partition?: number
  readonly offset?: number
  /** For how long nothing has moved. */
  readonly stalledMs: number
}

export interface DeadLettered {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly group: string
  readonly reason: string
  readonly attempts: number
}

export interface DataLoss {
  readonly topic: string
  readonly partition: number
  readonly group: string
  /** Offsets `[from, to)` went by the topic's own retention rule before the group was done with them. */
  readonly from: number
  readonly to: number
}

/** Where in the runtime an actor's event happened. */
export interface AtActor {
  readonly actor: string
  readonly key: string
}

/** A turn, or something an actor started, failed. */
export interface ActorFailed extends AtActor {
  /** `turn` for a mail, or the name of the action that threw after its turn. */
  readonly what: string
  /** Of the mail, in the mailbox of the definition. */
  readonly offset: number | undefined
  readonly attempt: number
  readonly error: unknown
  /** What happens next; `unfit`: the stored state does not fit the definition, see `migrate`. */
  readonly next: 'retry' | 'dead-letter' | 'parked' | 'unfit' | 'nothing'
  /** With `retry`: not before this time, in milliseconds since 1970. */
  readonly dueMs: number
}

export interface RuntimeEvents {
  gap: ContinuityBreak
  duplicate: ContinuityBreak
  'step-back': ContinuityBreak
  stalled: Stalled
  'dead-letter': DeadLettered
  'data-loss': DataLoss
  corruption: CorruptError
  /** A copy of the directory was given up. */
  'mirror-lost': { readonly directory: string; readonly cause: unknown }
  /** Nothing can be confirmed any more; open the directory again. */
  broken: UnlostError
  /** For who supervises actors. */
  'actor-failed': ActorFailed
  /** A mail meant nothing to its actor in the state it was in, or the actor was over. */
  'actor-unhandled': AtActor & { readonly offset: number }
  /** A timer that is armed on disk means nothing to the definition any more: its event was renamed. */
  'actor-timer-lost': AtActor & { readonly timer: string }
  /** What a `log` action of an actor says, after its commit. */
  'actor-log': AtActor & { readonly label: string | undefined; readonly value: unknown }
  'interceptor-error': { readonly interceptor: string; readonly hook: string; readonly error: unknown }
}

export type RuntimeEventName = keyof RuntimeEvents

const NAMES: { readonly [Name in RuntimeEventName]: true } = {
  gap: true,
  duplicate: true,
  'step-back': true,
  stalled: true,
  'dead-letter': true,
  'data-loss': true,
  corruption: true,
  'mirror-lost': true,
  broken: true,
  'interceptor-error': true,
  'actor-failed': true,
  'actor-unhandled': true,
  'actor-timer-lost': true,
  'actor-log': true,
}

function checkListener(name: string, listener: unknown): void {
  text(name, 'the name of an event')
  if (!Object.hasOwn(NAMES, name)) {
    const near = nearest(name, Object.keys(NAMES))
    const hint =
      near === undefined ? `known events: ${Object.keys(NAMES).join(', ')}` : `did you mean '${near}'?`
    throw new InvalidOptionError(`there is no event '${name}'; ${hint}`)
  }
  callable(listener, `the listener of '${name}'`)
}

type Listener<Name extends RuntimeEventName> = (event: RuntimeEvents[Name]) => void

type Table = { [Name in RuntimeEventName]?: Set<Listener<Name>> }

export class EventHub {
  readonly #clock: Clock
  readonly #table: Table = {}
  /** The other way to see what goes on. */
  readonly inspection: Inspection

  constructor(clock: Clock) {
    this.#clock = clock
    this.inspection = new Inspection(clock, (task) => this.guarded(task))
  }

  on<Name extends RuntimeEventName>(name: Name, listener: Listener<Name>): void {
    checkListener(name, listener)
    const table: { [Key in Name]?: Set<Listener<Key>> } = this.#table
    const listeners = (table[name] ??= new Set<Listener<Name>>())
    listeners.add(listener)
  }

  off<Name extends RuntimeEventName>(name: Name, listener: Listener<Name>): void {
    checkListener(name, listener)
    const table: { [Key in Name]?: Set<Listener<Key>> } = this.#table
    table[name]?.delete(listener)
  }

  /** Whether anybody would hear it. */
  hears(name: RuntimeEventName): boolean {
    return (this.#table[name]?.size ?? 0) > 0
  }

  emit<Name extends RuntimeEventName>(name: Name, event: RuntimeEvents[Name]): void {
    const table: { [Key in Name]?: Set<Listener<Key>> } = this.#table
    for (const listener of [...(table[name] ?? [])]) this.guarded(() => listener(event))
  }

  /** Lets a promise go its way: a failure of storage was told as `broken`; any other is ours and surfaces. */
  background(promise: Promise<unknown>): void {
    promise.catch((error: unknown) => {
      if (error instanceof UnlostError) return
      this.guarded(() => {
        throw error
      })
    })
  }

  /** A machine got an event that cannot happen: our own mistake, which must not stay hidden. */
  unexpected(who: string, event: string): void {
    this.guarded(() => {
      throw new BrokenError(`${who} got ${event} unexpectedly: please report this`)
    })
  }

  /** Runs code of the user's that must not disturb ours. */
  guarded(task: () => void): void {
    try {
      task()
    } catch (error) {
      this.#clock.defer(() => {
        throw error
      })
    }
  }
}
