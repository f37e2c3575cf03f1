/**
 * The dead letters of a definition's actors.
 *
 * Owns: listing them, sending them again, giving them up. Leaves the state to the ledger, and the order to the host.
 *
 * AT1. A letter that is sent again is new mail at the end of the mailbox, in one batch with the note that it is gone
 *     from here: it is never in both places, nor in none.
 */
import type { UnlostError } from '../persistence/index.ts'
import type { FailedAttempt } from './actor-event.ts'
import type { ActorHost } from './actor-host.ts'
import { readMail } from './actor-mail.ts'

/** One mail that its actor could not take. */
export interface ActorLetter {
  readonly key: string
  /** In the mailbox of the definition. */
  readonly offset: number
  /** What was sent, if it was sent from outside of the host. */
  readonly event: unknown
  readonly reason: string
  readonly atMs: number
  readonly history: readonly FailedAttempt[]
}

export interface ActorLetterFilter {
  readonly key?: string
  readonly offset?: number
}

export class ActorLetters {
  readonly #host: ActorHost

  /** @internal */
  constructor(host: ActorHost) {
    this.#host = host
  }

  /** The letters, oldest first. */
  async list(filter: ActorLetterFilter = {}): Promise<ActorLetter[]> {
    const letters: ActorLetter[] = []
    for (const [offset, { key, reason, atMs, history }] of this.#matching(filter)) {
      letters.push({ key, offset, event: await this.#eventAt(offset), reason, atMs, history })
    }
    return letters
  }

  /** Sends letters again, at the end of their actors' mail. Resolves with their number when that is on disk. */
  redrive(filter: ActorLetterFilter = {}): Promise<number> {
    return this.#ask(async () => {
      const { reader, mailbox, post, kind } = this.#host.parts
      const found = this.#matching(filter)
      const sends = []
      for (const [offset, { key }] of found) {
        const message = await reader.message(mailbox.mailbox, offset)
        if (message !== undefined)
          sends.push(post.mail({ actor: kind.name, key }, message.value.toString('utf8')))
      }
      return { offsets: found.map(([offset]) => offset), sends }
    })
  }

  /** Gives letters up for good. Resolves with their number when that is on disk. */
  purge(filter: ActorLetterFilter = {}): Promise<number> {
    return this.#ask(async () => ({ offsets: this.#matching(filter).map(([offset]) => offset), sends: [] }))
  }

  #ask(find: () => Promise<{ offsets: number[]; sends: readonly unknown[] }>): Promise<number> {
    let count = 0
    return new Promise((resolve, reject) => {
      this.#host.request({
        make: async () => {
          const { offsets, sends } = await find()
          count = offsets.length
          const { number: actors } = this.#host.parts.kind
          const gone = { kind: 'letters-gone', actors, offsets } as const
          return { events: count === 0 ? [] : [gone], sends: sends as never[] }
        },
        done: (error?: UnlostError) => (error === undefined ? resolve(count) : reject(error)),
      })
    })
  }

  #matching({
    key,
    offset,
  }: ActorLetterFilter): [
    number,
    { key: string; reason: string; atMs: number; history: readonly FailedAttempt[] },
  ][] {
    const { dead } = this.#host.parts.kind
    return [...dead]
      .filter(
        ([at, mail]) => (key === undefined || mail.key === key) && (offset === undefined || at === offset),
      )
      .toSorted(([a], [b]) => a - b)
  }

  async #eventAt(offset: number): Promise<unknown> {
    const { reader, mailbox } = this.#host.parts
    const message = await reader.message(mailbox.mailbox, offset)
    if (message === undefined) return undefined
    const { letter, system } = readMail(message.value.toString('utf8'))
    return letter?.event ?? system
  }
}
