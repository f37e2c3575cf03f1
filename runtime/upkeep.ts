/**
 * Checkpoints, retention and freeing the disk.
 *
 * Owns: when a checkpoint is written, which messages are no longer kept, and telling the store.
 * Leaves freeing segments to the store, and when it is looked at, and committing trims, to `upkeep-rounds.ts`.
 *
 * UP1. A message goes only when every group is done with it, unless its topic asks for more (G12); then an event says
 *     what a group lost.
 * UP2. A topic without a group keeps everything.
 * UP3. A full disk stops no upkeep for good: it is tried again at the next turn, and what becomes done with is freed
 *     although the journal does not grow.
 */
import { DiskFullError, type Committed, type Store } from '../persistence/index.ts'
import type { DataLoss } from './events.ts'
import type { Ledger } from './ledger.ts'
import type { MailboxState } from './mailbox-state.ts'
import type { Retention } from './topic.ts'

/** Event bytes after which a checkpoint is due, at least; large states are written less often. */
const CHECKPOINT_BYTES = 4 * 1024 * 1024

export interface UpkeepParts {
  readonly store: Store
  readonly ledger: Ledger
  /** The retention rule of a topic, if it is known and has one. */
  readonly retentionOf: (topic: string) => Retention | undefined
  /** Whether done messages are kept: by a rule, or because nobody has declared the topic in this run yet. */
  readonly keepsDone: (topic: string) => boolean
}

/** A mailbox that is to begin at `first` from now on. */
export interface Trim {
  readonly mailbox: MailboxState
  readonly first: number
}

export class Upkeep {
  readonly #parts: UpkeepParts
  #eventBytes = 0
  #imageBytes = 0
  #journalBytes = 0
  #trimmedAtBytes = 0
  #trimmed = new Map<number, number>()
  #freeing = false
  /** The size of the journal when messages were refused for want of space; undefined once it grew or shrank. */
  #fullAtBytes: number | undefined
  /** A checkpoint was written since. */
  #isSaved = false

  constructor(parts: UpkeepParts) {
    this.#parts = parts
  }

  noteCommitted(committed: Committed): void {
    this.#eventBytes = committed.eventBytesSinceCheckpoint
    this.#journalBytes = committed.journalBytes
    if (this.#journalBytes !== this.#fullAtBytes) this.#fullAtBytes = undefined
  }

  /** Saves the state while the reserve is whole: from then on a trim alone frees what becomes done with. */
  messagesRefused(): void {
    if (this.#fullAtBytes !== undefined) return
    this.#fullAtBytes = this.#journalBytes
    this.#isSaved = false
    this.#freeing = true
  }

  /** That messages are taken again says little: perhaps none waits any more. */
  messagesTaken(): void {}

  arrived(): void {}

  ended(): void {}

  /** Whether `run` has something to do. */
  get isDue(): boolean {
    return this.#freeing || this.#eventBytes > Math.max(CHECKPOINT_BYTES, 2 * this.#imageBytes)
  }

  /** Between two commits. */
  async run(): Promise<void> {
    if (!this.isDue) return
    try {
      await this.#checkpoint()
      await this.#free()
    } catch (error) {
      if (!(error instanceof DiskFullError)) throw error
    }
  }

  /** Before ownership ends: the next open has little to read. */
  async last(): Promise<void> {
    this.#freeing = this.#eventBytes > 0
    await this.run()
  }

  #isFull(): boolean {
    return this.#fullAtBytes !== undefined
  }

  /** Looks whether messages are done with, and asks for `run` where freeing them may give space. */
  look(): void {
    const moved = this.#firsts().some(([mailbox, first]) => first > (this.#trimmed.get(mailbox) ?? 0))
    // A journal on a full disk does not grow, however much of it could be freed.
    if (moved && (this.#isFull() || this.#journalBytes > this.#trimmedAtBytes)) this.#freeing = true
  }

  /** What the topics' own rules give up by now. */
  async expired(nowMs: number): Promise<Trim[]> {
    const trims: Trim[] = []
    for (const mailbox of this.#parts.ledger.mailboxes.values()) {
      const first = await this.#expiredFirst(mailbox, nowMs)
      if (first > mailbox.first) trims.push({ mailbox, first })
    }
    return trims
  }

  /** What groups lose by a trim that is not applied yet. */
  lossesOf({ mailbox, first }: Trim): DataLoss[] {
    const { ledger } = this.#parts
    const { partition } = mailbox
    const topic = ledger.topic(mailbox.topic).name
    return ledger.groupsOf(mailbox.topic).flatMap((group) => {
      const from = group.lanes[partition]?.low ?? first
      return from >= first ? [] : [{ topic, partition, group: group.name, from, to: first }]
    })
  }

  async #expiredFirst(mailbox: MailboxState, nowMs: number): Promise<number> {
    const { ledger, store, retentionOf } = this.#parts
    const rule = retentionOf(ledger.topic(mailbox.topic).name)
    if (rule === undefined) return 0
    const byAge = rule.ms === undefined ? 0 : await store.offsetAt(mailbox.mailbox, nowMs - rule.ms)
    const bySize = rule.bytes === undefined ? 0 : mailbox.offsetWithin(rule.bytes)
    const first = Math.min(Math.max(byAge, bySize), mailbox.next)
    return rule.evenIfUnread === true ? first : Math.min(first, this.#doneUntil(mailbox))
  }

  #doneUntil(mailbox: MailboxState): number {
    const groups = this.#parts.ledger.groupsOf(mailbox.topic)
    if (groups.length === 0) return mailbox.first
    return Math.min(...groups.map((group) => group.lanes[mailbox.partition]?.low ?? 0))
  }

  async #checkpoint(): Promise<void> {
    if (this.#eventBytes === 0 || (this.#isFull() && this.#isSaved)) return
    const image = this.#parts.ledger.image()
    this.#imageBytes = image.length
    this.noteCommitted(await this.#parts.store.checkpoint(image))
    this.#isSaved = true
  }

  async #free(): Promise<void> {
    if (!this.#freeing) return
    this.#freeing = false
    const firsts = new Map(this.#firsts())
    this.noteCommitted(await this.#parts.store.trim(firsts))
    this.#trimmed = firsts
    this.#trimmedAtBytes = this.#journalBytes
  }

  #firsts(): [number, number][] {
    const { ledger, keepsDone } = this.#parts
    return [...ledger.mailboxes.values()].map((mailbox) => {
      const keeps = keepsDone(ledger.topic(mailbox.topic).name)
      return [mailbox.mailbox, ledger.firstOf(mailbox, keeps)]
    })
  }
}
