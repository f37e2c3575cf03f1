/**
 * What is known of actors after a run: what was asked of them, what was seen of them, what lies on disk, and what they
 * come to purely.
 *
 * Owns: the data between those who run actors and those who judge. Leaves both to their files.
 */
import type { FedMail } from './fed-mail.ts'
import type { ActorLog } from './actor-log.ts'
import type { PureActor } from './pure-run.ts'
import type { Fault } from './turn-lint.ts'

/** How something was sent. */
export type PostMode = 'send' | 'processed' | 'ask'

/** An event that the check sent. */
export interface Posted {
  readonly id: string
  readonly actor: string
  readonly key: string
  /** As it lies in the mailbox. */
  readonly text: string
  readonly mode: PostMode
  /** It is stored as it was given: no schema makes another of it. */
  readonly isExact: boolean
  /** Where it was asked for in the history. */
  readonly index: number
  /** When the caller was told that it is stored, or more. */
  toldAt: number | undefined
  /** Where its caller was told that it lies. */
  offset: number | undefined
  /** In which life it was first asked for, and in which its end was told. */
  readonly life: number
  toldLife: number | undefined
  isRetried: boolean
}

/** Something of an actor that was seen outside. `durable`: its last turn on the platter just then. */
export interface Seen {
  readonly what:
    'reply' | 'no-reply' | 'turn-failed' | 'processed' | 'emitted' | 'state' | 'started' | 'acted' | 'stored'
  readonly actor: string
  readonly key: string
  /** A reply, an emitted event, a state: as JSON. The id of an effect or an action. The id of what was sent. */
  readonly text: string
  readonly life: number
  readonly index: number
  readonly durable: number
  /** With `reply`, `no-reply`, `turn-failed`, `processed`, `stored`: which event. */
  readonly posted?: Posted
  /** With `started`: its place and generation. */
  readonly place?: string
  readonly input?: string
  /** With `acted`: it says that it needs no commit. */
  readonly isUnconfirmed?: boolean
  /** With `stored`: whether a power cut would have left it. */
  readonly isSafe?: boolean
}

/** The end of a run of a promise. */
export interface EffectEnd {
  readonly run: number
  readonly id: string
  readonly src: string
  readonly input: string
  /** What it gave. */
  readonly output: string
  readonly index: number
}

export interface ActorFacts {
  readonly log: ActorLog
  readonly posted: readonly Posted[]
  readonly seen: readonly Seen[]
  readonly ends: readonly EffectEnd[]
  /** Found while it ran. */
  readonly faults: readonly (Fault & { readonly index: number })[]
  /** By `actor/key`: what it comes to purely. */
  readonly pure: ReadonlyMap<string, PureActor>
  /** The same once more, to see whether it comes to the same. */
  readonly again: ReadonlyMap<string, PureActor>
  /** By `actor/key`: the state that a user was given at the end, as JSON. */
  readonly snapshots: ReadonlyMap<string, string | undefined>
  /** Events that custom actions sent by themselves, by `actor/key`, as JSON: at least once each. */
  readonly selfSent: ReadonlyMap<string, readonly string[]>
  /** Definitions that topics feed by code that is not known: their mail comes from elsewhere too. */
  readonly strange: ReadonlySet<string>
  /** What topics feed to the others. */
  readonly fed: readonly FedMail[]
  /** How many answers a definition remembers. */
  readonly remembers: (actor: string) => number
  /** What is wrong with a state, by the user's own rule; undefined where nothing is. */
  readonly invariant: (view: unknown, actor: string, key: string) => string | undefined
  /** Where the history tells of a turn; -1 where it does not. */
  readonly indexOf: (actor: string, key: string, turn: number) => number
  /** The wall clock was never set in this run. */
  readonly isClockSteady: boolean
  readonly lastLife: number
  /** The wall clock at the end, in milliseconds since 1970. */
  readonly endMs: number
  /** Where the history tells of deaths. */
  readonly crashes: readonly number[]
  /** The end of the history. */
  readonly last: number
}
