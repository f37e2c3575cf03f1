/**
 * The store port: all that the broker knows of storage.
 *
 * Owns: the words commit, read, checkpoint, trim, release and what each promises.
 * Leaves to `journal-store.ts` the engine on this machine's disk; another engine may carry the same runtime.
 *
 * S1. `commit` resolves only when the whole batch is durable and this owner is still the owner (G1, G10).
 * S2. A batch is atomic: after a crash all of it is there or none (G7).
 * S3. `read` never returns a message that is not yet durable (G5).
 * S4. A definite failure (`DiskFullError`, outcome `not-written`) leaves no byte that recovery could accept;
 *     the same offsets may be committed again. Every other failure of a commit is final.
 * S5. Events may use the reserve that messages may not, so that acknowledgements work on a full disk.
 */

/** Consecutive messages of one mailbox, as one piece of bytes that only the runtime understands. */
export interface Run {
  /** Which mailbox (one partition of one topic). */
  readonly mailbox: number
  /** Offset of the first message. Must be the mailbox's next offset. */
  readonly firstOffset: number
  readonly count: number
  /** When it was committed, in milliseconds since 1970. */
  readonly timestampMs: number
  readonly bytes: Uint8Array
}

/** One atomic group commit. */
export interface Batch {
  /** State changes, opaque, given back in this order at the next open. */
  readonly events: readonly Uint8Array[]
  readonly runs: readonly Run[]
}

/** What a commit tells besides being durable. */
export interface Committed {
  /** Event bytes written since the last checkpoint; the runtime decides when to write the next. */
  readonly eventBytesSinceCheckpoint: number
  /** Bytes of all segments, as the directory shows them. */
  readonly journalBytes: number
}

/** The kept part of one mailbox: offsets `[first, next)`. */
export interface MailboxRange {
  readonly first: number
  readonly next: number
}

/** What the last end of the process left behind. */
export interface RecoveryReport {
  /** How the last owner ended: first open ever, closed properly, or crashed. */
  readonly previous: 'none' | 'closed' | 'crashed'
  readonly epoch: number
  readonly durationMs: number
  readonly segments: number
  readonly frames: number
  readonly messages: number
  /** Bytes of a torn tail that were set aside, and the file they were put in. */
  readonly bytesSetAside: number
  readonly setAside: readonly string[]
  /** Files in the directory that are not ours; they were left alone. */
  readonly unknownFiles: readonly string[]
}

/** The state that a store gives back when it is opened. */
export interface Recovered {
  readonly report: RecoveryReport
  /** The last complete checkpoint, if any. */
  readonly checkpoint: Uint8Array | undefined
  /** Events committed after that checkpoint, oldest first. */
  readonly events: readonly Uint8Array[]
  readonly mailboxes: ReadonlyMap<number, MailboxRange>
}

export interface StoreLimits {
  /** Largest payload (events + runs) of one batch, in bytes. */
  readonly batchBytesMax: number
}

export interface Store {
  readonly recovered: Recovered
  readonly limits: StoreLimits
  /** One at a time: the next commit is called after the last one settled. */
  commit(batch: Batch): Promise<Committed>
  /** A hint: a commit will be called within this turn or the next. Nothing follows if it is not. */
  expect?(): void
  /**
   * Runs of `mailbox` that hold `offset` and what follows, in order, until about `bytesMax` (at least one run).
   * Empty when `offset` is at the end. The first run may begin before `offset`.
   * Rejects with `CorruptError` where bytes are damaged.
   */
  read(mailbox: number, offset: number, bytesMax: number): Promise<readonly Run[]>
  /** First offset whose run was committed at or after `timestampMs`; the mailbox's end if none. */
  offsetAt(mailbox: number, timestampMs: number): Promise<number>
  /** Makes `state` durable as the new beginning of events. Like a commit: one at a time. */
  checkpoint(state: Uint8Array): Promise<Committed>
  /** Messages below these offsets are no longer needed; whole segments that nobody needs leave the disk. */
  trim(firsts: ReadonlyMap<number, number>): Promise<Committed>
  /** Ends ownership after a seal. Idempotent. */
  release(): Promise<void>
}

/** Settings of a store. All optional. */
export interface StoreOptions {
  /** Size of a segment file, in bytes. Default 8 MiB; 64 KiB … 1 GiB. */
  readonly segmentBytes?: number
  /** Replace an owner that is alive but stopped. Default false: a second opener gets `UNLOST_LOCKED`. */
  readonly takeover?: boolean
}

/** Opens (or makes) a directory and becomes its owner. */
export type OpenStore = (directory: string, options: StoreOptions) => Promise<Store>
