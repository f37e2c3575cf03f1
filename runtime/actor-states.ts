/**
 * The durable state of actors: a fold over journaled events.
 *
 * Owns: per definition how far its mail was taken in, the state of each actor, who lags, dead letters and replies.
 * Leaves deciding which events happen to the host, and the rest of the state to `ledger.ts`.
 *
 * AS1. `apply` is the only way the state changes: the same code runs when an event is committed and when it is recovered.
 * AS2. A passive actor is its key, its bytes and a few numbers: at most about 300 bytes beyond its state.
 * AS3. No mail at or above `low` was taken in by everybody who has to: it may not leave the disk.
 */
import assert from 'node:assert/strict'
import type { ActorStatus } from '../actors/index.ts'
import type {
  ActionRecord,
  ActorLedgerEvent,
  ActorsDeclared,
  Fired,
  Lagged,
  RunningRecord,
  ShapeDeclared,
  TimerRecord,
  TurnChanges,
  Turned,
  Undelivered,
} from './actor-event.ts'

/** One actor, as it was committed. Replaced as a whole by its next turn. */
export interface ActorRecord {
  readonly turn: number
  readonly status: ActorStatus
  readonly shape: number
  /** The state's text as `packed` makes it: as many characters as it has bytes on disk. */
  readonly packed: string
  readonly timers: readonly TimerRecord[]
  readonly running: readonly RunningRecord[]
  readonly actions: readonly ActionRecord[]
}

export type Shape = Pick<ShapeDeclared, 'version' | 'hash'>
export type Lag = Omit<Lagged, 'kind' | 'actors' | 'key'>
export type DeadMail = Omit<Undelivered, 'kind' | 'actors' | 'offset'>

/** What a checkpoint keeps of a definition besides its actors. */
export interface ActorKindImage {
  readonly declared: ActorsDeclared
  readonly mailbox: number
  readonly cursor: number
  readonly shapes: readonly Shape[]
  readonly tried: { readonly offset: number; readonly attempt: number } | undefined
  readonly lags: readonly (readonly [string, Lag])[]
  readonly dead: readonly (readonly [number, DeadMail])[]
  readonly replies: readonly (readonly [number, string])[]
  readonly restarted: readonly (readonly [string, number])[]
}

const NONE: readonly never[] = []

/** All actors of one definition. */
export class ActorKind {
  readonly number: number
  readonly name: string
  readonly topic: number
  readonly mailbox: number
  cursor = 0
  readonly records = new Map<string, ActorRecord>()
  readonly shapes: Shape[] = []
  readonly lags = new Map<string, Lag>()
  readonly dead = new Map<number, DeadMail>()
  readonly replies = new Map<number, string>()
  /** How many replies are remembered; set by the definition. */
  repliesMax = Number.POSITIVE_INFINITY
  /** Actors that begin anew, and the last turn they had taken. */
  readonly restarted = new Map<string, number>()
  /** The mail that was tried by itself last. */
  tried: { readonly offset: number; readonly attempt: number } | undefined

  constructor({ actors, name, topic }: ActorsDeclared, mailbox: number) {
    this.number = actors
    this.name = name
    this.topic = topic
    this.mailbox = mailbox
  }

  /** The lowest offset that somebody may still need. */
  get low(): number {
    let low = this.cursor
    for (const { at } of this.lags.values()) low = Math.min(low, at)
    for (const offset of this.dead.keys()) low = Math.min(low, offset)
    return low
  }

  /** The number of the last turn that the actor took; 0 for none. */
  lastTurn(key: string): number {
    return this.records.get(key)?.turn ?? this.restarted.get(key) ?? 0
  }

  apply(event: Exclude<ActorLedgerEvent, ActorsDeclared>): void {
    switch (event.kind) {
      case 'turn':
        return this.#turn(event)
      case 'consumed':
        this.cursor = Math.max(this.cursor, event.next)
        return
      case 'shape':
        this.shapes[event.shape] = { version: event.version, hash: event.hash }
        return
      case 'tried':
        this.tried = { offset: event.offset, attempt: event.attempt }
        return
      case 'lagged': {
        const { at, attempt, dueMs, parked, history } = event
        this.lags.set(event.key, { at, attempt, dueMs, parked, history })
        return
      }
      case 'caught-up':
        this.lags.delete(event.key)
        return
      case 'undelivered': {
        const { key, atMs, reason, history } = event
        this.dead.set(event.offset, { key, atMs, reason, history })
        return
      }
      case 'letters-gone':
        for (const offset of event.offsets) this.dead.delete(offset)
        return
      case 'fired':
        return this.#fired(event)
      case 'acted':
        return this.#acted(event.key, new Set(event.ids))
      case 'restarted':
        if (this.records.has(event.key)) this.restarted.set(event.key, this.lastTurn(event.key))
        this.records.delete(event.key)
        return
    }
  }

  #turn({ key, turn, status, shape, state, changes }: Turned): void {
    const known = this.records.get(key)
    if (known === undefined) this.restarted.delete(key)
    this.records.set(key, {
      turn,
      status,
      shape,
      packed: packed(state),
      timers: changes === undefined ? (known?.timers ?? NONE) : timersAfter(known, changes),
      running: changes === undefined ? (known?.running ?? NONE) : runningAfter(known, changes),
      actions:
        changes?.actions === undefined
          ? (known?.actions ?? NONE)
          : [...(known?.actions ?? []), ...changes.actions],
    })
    for (const [offset, json] of changes?.replies ?? NONE) this.#reply(offset, json)
  }

  #reply(offset: number, json: string): void {
    this.replies.set(offset, json)
    for (const oldest of this.replies.keys()) {
      if (this.replies.size <= this.repliesMax) return
      this.replies.delete(oldest)
    }
  }

  /** A timer stays until its mail is taken. */
  #fired(event: Fired): void {
    for (const [key, timer, generation] of event.timers) {
      const known = this.records.get(key)
      if (known === undefined) continue
      const timers = known.timers.map((armed): TimerRecord => {
        return armed.timer === timer && armed.generation === generation ? { ...armed, isFired: true } : armed
      })
      this.records.set(key, { ...known, timers })
    }
  }

  #acted(key: string, ids: ReadonlySet<string>): void {
    const known = this.records.get(key)
    if (known === undefined) return
    this.records.set(key, { ...known, actions: known.actions.filter(({ id }) => !ids.has(id)) })
  }

  image(): ActorKindImage {
    return {
      declared: { kind: 'actors', actors: this.number, name: this.name, topic: this.topic },
      mailbox: this.mailbox,
      cursor: this.cursor,
      shapes: this.shapes,
      tried: this.tried,
      lags: [...this.lags],
      dead: [...this.dead],
      replies: [...this.replies],
      restarted: [...this.restarted],
    }
  }

  static restore(image: ActorKindImage): ActorKind {
    const kind = new ActorKind(image.declared, image.mailbox)
    kind.cursor = image.cursor
    kind.shapes.push(...image.shapes)
    kind.tried = image.tried
    for (const [key, lag] of image.lags) kind.lags.set(key, lag)
    for (const [offset, mail] of image.dead) kind.dead.set(offset, mail)
    for (const [offset, json] of image.replies) kind.replies.set(offset, json)
    for (const [key, turn] of image.restarted) kind.restarted.set(key, turn)
    return kind
  }
}

function timersAfter(known: ActorRecord | undefined, changes: TurnChanges): readonly TimerRecord[] {
  const { cancelled = NONE, armed = NONE } = changes
  const before = known?.timers ?? NONE
  if (cancelled.length + armed.length === 0) return before
  const gone = new Set([...cancelled, ...armed.map(({ timer }) => timer)])
  return [...before.filter(({ timer }) => !gone.has(timer)), ...armed]
}

function runningAfter(known: ActorRecord | undefined, changes: TurnChanges): readonly RunningRecord[] {
  const { stopped = NONE, started = NONE } = changes
  const before = known?.running ?? NONE
  if (stopped.length + started.length === 0) return before
  const gone = new Set([...stopped, ...started.map(({ effect }) => effect)])
  return [...before.filter(({ effect }) => !gone.has(effect)), ...started]
}

/** A text as one of a byte a character, for memory: what is not all ASCII as its UTF-8, one character a byte. */
function packed(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1')
}

/** The text of a packed state. */
export function unpacked(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, 'latin1').toString('utf8')
}

function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length
}

/** All definitions by number. */
export class ActorStates {
  readonly kinds = new Map<number, ActorKind>()

  apply(event: ActorLedgerEvent, mailboxOf: (topic: number) => number): void {
    if (event.kind !== 'actors') return this.kind(event.actors).apply(event)
    // A declaration is applied when it is asked for, and again with its commit.
    if (this.kinds.has(event.actors)) return
    this.kinds.set(event.actors, new ActorKind(event, mailboxOf(event.topic)))
  }

  kind(actors: number): ActorKind {
    const kind = this.kinds.get(actors)
    assert(kind !== undefined, `actors ${actors} were declared`)
    return kind
  }

  named(name: string): ActorKind | undefined {
    for (const kind of this.kinds.values()) if (kind.name === name) return kind
    return undefined
  }

  /** Whose mail lies in a topic, if it is mail of actors. */
  ofTopic(topic: number): ActorKind | undefined {
    if (this.kinds.size === 0) return undefined
    for (const kind of this.kinds.values()) if (kind.topic === topic) return kind
    return undefined
  }
}
