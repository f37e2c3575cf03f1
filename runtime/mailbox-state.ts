/**
 * How far one mailbox reaches, and how many bytes lie where.
 *
 * Owns: the first and next offset, and samples of (offset, bytes before it) for retention by bytes.
 * Leaves the messages to the store, and when to trim to `upkeep.ts`.
 *
 * MS1. `next` moves only with a commit; `first` never goes back.
 * MS2. Samples are few: they are thinned out when there are many, and dropped below `first`.
 */

interface Sample {
  readonly offset: number
  readonly bytesBefore: number
}

export interface MailboxImage {
  readonly first: number
  readonly next: number
  readonly bytes: number
  readonly samples: readonly Sample[]
  readonly spacingBytes: number
}

const SAMPLES_MAX = 256
const SPACING_BYTES_MIN = 1024

export class MailboxState {
  readonly mailbox: number
  readonly topic: number
  readonly partition: number
  first = 0
  next = 0
  /** Where this run began: what lies below was sent in an earlier one. */
  inherited = 0
  /** How many bytes the last batch brought: room for as many is made at once for the next. Not kept on disk. */
  batchBytes = 0
  #bytes = 0
  #samples: Sample[] = []
  #spacingBytes = SPACING_BYTES_MIN

  constructor(mailbox: number, topic: number, partition: number) {
    this.mailbox = mailbox
    this.topic = topic
    this.partition = partition
  }

  advance(next: number, bytes: number): void {
    const last = this.#samples.at(-1)
    if (last === undefined || this.#bytes - last.bytesBefore >= this.#spacingBytes) {
      this.#samples.push({ offset: this.next, bytesBefore: this.#bytes })
    }
    if (this.#samples.length > SAMPLES_MAX) this.#thinOut()
    this.next = next
    this.batchBytes = bytes
    this.#bytes += bytes
  }

  /** A run begins. */
  begin(): void {
    this.inherited = this.next
  }

  /** Every second one stays, and new ones are as far apart. */
  #thinOut(): void {
    this.#samples = this.#samples.filter((_, index) => index % 2 === 0)
    this.#spacingBytes *= 2
  }

  trim(first: number): void {
    this.first = Math.max(this.first, first)
    const keep = this.#samples.findLastIndex((sample) => sample.offset <= this.first)
    if (keep > 0) this.#samples.splice(0, keep)
  }

  /** The lowest offset from which on at most about `bytesMax` bytes are kept. */
  offsetWithin(bytesMax: number): number {
    const from = this.#bytes - bytesMax
    if (from <= 0) return this.first
    return this.#samples.find((sample) => sample.bytesBefore >= from)?.offset ?? this.next
  }

  image(): MailboxImage {
    return {
      first: this.first,
      next: this.next,
      bytes: this.#bytes,
      samples: this.#samples,
      spacingBytes: this.#spacingBytes,
    }
  }

  restore(image: MailboxImage): void {
    this.first = image.first
    this.next = image.next
    this.#bytes = image.bytes
    this.#samples = [...image.samples]
    this.#spacingBytes = image.spacingBytes
  }
}
