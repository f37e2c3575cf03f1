/**
 * Who plays in a history: its messages, which of them an event is about, and who acts in it.
 *
 * Owns: telling that the message that was sent, confirmed, begun and settled is one and the same.
 * Leaves to `scene.ts` which of them matter, and their letters.
 *
 * CA1. A message that was confirmed is known by its place. One whose confirmation a crash cut is found again by its
 *      topic, key and value, the oldest first; that is a guess, good enough to name it and for nothing else.
 * CA2. An event that names a place, a send or a run is about that message, even when nothing else tells of it.
 */
import type { History, HistoryEvent, Place } from '../history.ts'

/** One message of a run, with what is known of it. */
export interface Player {
  readonly topic: string
  readonly key: string | undefined
  /** As JSON. */
  readonly value: string | undefined
  /** Where it lies, as far as anybody was told. */
  readonly place: Place | undefined
  /** The business's own id; all sends of one id and topic are one message. */
  readonly messageId: string | undefined
}

/** The messages of a history, numbered from 0 in the order in which they appear. */
export interface Cast {
  readonly players: readonly Player[]
  /** For each event, the numbers of the messages that it is about; the first is the one it tells of. */
  readonly about: ReadonlyArray<readonly number[]>
  /** For each event, who acts: a group, `sender` for the workload, `check`, or `runtime`. */
  readonly actors: readonly string[]
}

/**
 * Finds the messages of a history.
 *
 * @example castOf(history).players.length // how many messages there were
 */
export function castOf(history: History): Cast {
  const casting = new Casting()
  const about = history.map((event) => casting.about(event))
  return { about, players: casting.players, actors: actorsOf(history) }
}

type Sending = Extract<HistoryEvent, { kind: 'sending' }>
type Placed = Place & { readonly key?: string; readonly value?: string }

class Casting {
  readonly players: Player[] = []
  readonly #bySend = new Map<number, number>()
  readonly #byPlace = new Map<string, number>()
  readonly #byId = new Map<string, number>()
  readonly #byRun = new Map<number, number>()
  /** Sends that nobody was told of, by what they look like. */
  readonly #open = new Map<string, number[]>()

  about(event: HistoryEvent): readonly number[] {
    switch (event.kind) {
      case 'sending':
        return [this.#sent(event), ...known(this.#byRun.get(event.cause ?? -1))]
      case 'confirmed':
        return [this.#confirmed(event.send, event)]
      case 'rejected':
        return known(this.#bySend.get(event.send))
      case 'begun':
        return [this.#begun(event.run, event)]
      case 'ended':
      case 'asked':
      case 'effect':
        return known(this.#byRun.get(event.run ?? -1))
      case 'settled':
      case 'read':
      case 'listed':
        return [this.#placed(event)]
      default:
        return []
    }
  }

  #sent(event: Sending): number {
    const { topic, key, value, messageId } = event
    const id = JSON.stringify([topic, messageId])
    const again = messageId === undefined ? undefined : this.#byId.get(id)
    if (again !== undefined) {
      this.#bySend.set(event.send, again)
      return again
    }
    const player = this.players.push({ topic, key, value, place: undefined, messageId }) - 1
    this.#byId.set(id, player)
    this.#bySend.set(event.send, player)
    const alike = looksOf(event)
    this.#open.set(alike, [...(this.#open.get(alike) ?? []), player])
    return player
  }

  #confirmed(send: number, place: Place): number {
    const before = this.#byPlace.get(nameOf(place))
    const player = this.#bySend.get(send) ?? before ?? this.#stranger(place)
    this.#settle(player)
    // A repeat is answered with the place of the first.
    if (before === undefined) this.#putAt(player, place)
    return player
  }

  #begun(run: number, place: Placed): number {
    const player = this.#placed(place)
    this.#byRun.set(run, player)
    return player
  }

  #placed(place: Placed): number {
    const before = this.#byPlace.get(nameOf(place))
    if (before !== undefined) return before
    const guess = this.#open.get(looksOf(place))?.[0]
    if (guess !== undefined) this.#settle(guess)
    const player = guess ?? this.#stranger(place)
    this.#putAt(player, place)
    return player
  }

  #stranger({ topic, key, value }: Placed): number {
    return this.players.push({ topic, key, value, place: undefined, messageId: undefined }) - 1
  }

  #putAt(player: number, { topic, partition, offset }: Place): void {
    const old = this.players[player]
    this.#byPlace.set(nameOf({ topic, partition, offset }), player)
    if (old !== undefined) this.players[player] = { ...old, place: { topic, partition, offset } }
  }

  /** It is no longer open: somebody was told where it lies. */
  #settle(player: number): void {
    const { topic = '', key, value } = this.players[player] ?? {}
    const alike = looksOf({ topic, key, value })
    this.#open.set(alike, this.#open.get(alike)?.filter((each) => each !== player) ?? [])
  }
}

/** The name under which the workload acts: whoever sends outside of a handler. */
export const sender = 'sender'
/** The name under which the check itself acts, when it looks at what is there. */
export const checker = 'check'

function actorsOf(history: History): string[] {
  const groups = new Map<number, string>()
  const senders = new Map<number, string>()
  const ofRun = (run: number | undefined): string => groups.get(run ?? -1) ?? sender
  return history.map((event) => {
    if (event.kind === 'begun') groups.set(event.run, event.group)
    if (event.kind === 'note' && event.run !== undefined) groups.set(event.run, event.who)
    if (event.kind === 'sending') senders.set(event.send, ofRun(event.cause))
    switch (event.kind) {
      case 'sending':
        return ofRun(event.cause)
      case 'confirmed':
      case 'rejected':
        return senders.get(event.send) ?? sender
      case 'ended':
      case 'asked':
      case 'effect':
        return ofRun(event.run)
      case 'note':
        return event.who
      case 'begun':
      case 'settled':
      case 'moved':
      case 'backlog':
        return event.group
      case 'read':
      case 'listed':
      case 'drained':
        return checker
      default:
        return 'runtime'
    }
  })
}

const known = (player: number | undefined): readonly number[] => (player === undefined ? [] : [player])
const nameOf = ({ topic, partition, offset }: Place): string => JSON.stringify([topic, partition, offset])
const looksOf = (message: { topic: string; key?: string | undefined; value?: string | undefined }): string =>
  JSON.stringify([message.topic, message.key, message.value])
