/**
 * What a power cut at this instant would leave of a journal: the platter looked through, past the code under test.
 *
 * Owns: which files count together, and how far each partition is safe. Leaves reading one file to
 * `durable-segment.ts`, and telling `durable` to whoever runs the world.
 *
 * DL1. It asks the worst power cut: all that was not synced is gone, names too.
 * DL2. It makes no system call and changes nothing: a run that is looked at is the same run.
 * DL3. A file counts if its name is durable, its header and frames are, and all segments before it count too. What a
 *      replaced owner wrote behind its successor does not.
 */
import { readSegment } from './durable-segment.ts'
import type { DurableFrame, SegmentContent } from './durable-segment.ts'
import type { SimulatedDisk } from './simulated-disk.ts'
import type { SimulatedFile } from './simulated-file.ts'

interface Known {
  readonly version: number
  readonly content: SegmentContent | undefined
}

export class DurableLog {
  readonly #disk: SimulatedDisk
  readonly #directory: string
  readonly #files = new WeakMap<SimulatedFile, Known>()
  /** Declarations stay true, also where the segment that held them is gone: first mailboxes by topic. */
  readonly #topics = new Map<string, number>()
  readonly #producers = new Map<number, string>()
  readonly #frames: DurableFrame[] = []
  /** By file, how many of its batches were seen. */
  readonly #seen = new Map<string, number>()
  #nexts = new Map<number, number>()
  #lookedAt = -1

  constructor(disk: SimulatedDisk, directory: string) {
    this.#disk = disk
    this.#directory = directory
  }

  /** All messages of the partition below this offset would be there after a power cut now. */
  next(topic: string, partition: number): number {
    this.#look()
    const mailbox = this.#topics.get(topic)
    return mailbox === undefined ? 0 : (this.#nexts.get(mailbox + partition) ?? 0)
  }

  /** The mailbox of partition 0 of a topic; undefined where no declaration was ever durable. */
  mailboxOf(topic: string): number | undefined {
    this.#look()
    return this.#topics.get(topic)
  }

  /** The name of a producer, by its number. */
  producerOf(number: number): string | undefined {
    this.#look()
    return this.#producers.get(number)
  }

  /**
   * Every batch that was ever seen durable, in that order: also those whose segment is gone since. What an opening wrote
   * again is there again.
   */
  frames(): readonly DurableFrame[] {
    this.#look()
    return this.#frames
  }

  #look(): void {
    // Nothing changes without a call, and a restart counts as none: what it takes is seen with the next.
    if (this.#lookedAt === this.#disk.calls) return
    this.#lookedAt = this.#disk.calls
    const nexts = new Map<number, number>()
    for (const segment of countingOf(this.#contents())) {
      this.#takeFrames(segment)
      for (const [mailbox, next] of segment.nexts) nexts.set(mailbox, next)
      for (const { name, mailbox } of segment.topics) this.#topics.set(name, mailbox)
      for (const [number, name] of segment.producers) this.#producers.set(number, name)
    }
    this.#nexts = nexts
  }

  #takeFrames({ id, epoch, frames }: SegmentContent): void {
    const name = `${id}-${epoch}`
    const known = this.#seen.get(name) ?? 0
    for (const frame of frames.slice(known)) this.#frames.push(copyOf(frame))
    this.#seen.set(name, Math.max(known, frames.length))
  }

  #contents(): SegmentContent[] {
    const contents: SegmentContent[] = []
    for (const [name, file] of this.#disk.tree.durableFiles(this.#directory)) {
      const [, id, epoch] = /^segment-(\d+)-(\d+)$/.exec(name) ?? []
      const content = id === undefined ? undefined : this.#contentOf(file)
      if (content?.id === Number(id) && content.epoch === Number(epoch)) contents.push(content)
    }
    return contents
  }

  #contentOf(file: SimulatedFile): SegmentContent | undefined {
    const known = this.#files.get(file)
    if (known?.version === file.durableVersion) return known.content
    const content = readSegment(file.durable)
    this.#files.set(file, { version: file.durableVersion, content })
    return content
  }
}

/** Apart from its file, which goes on changing. */
function copyOf({ events, runs }: DurableFrame): DurableFrame {
  return {
    events: events.map((event) => Buffer.from(event)),
    runs: runs.map((run) => ({ ...run, bytes: Buffer.from(run.bytes) })),
  }
}

/** The files that an opening would go by, oldest first. */
function countingOf(contents: readonly SegmentContent[]): readonly SegmentContent[] {
  const chosen: SegmentContent[] = []
  const complete = contents.filter(({ isWhole }) => isWhole)
  for (const segment of complete.toSorted((a, b) => a.id - b.id || a.epoch - b.epoch)) {
    const last = chosen.at(-1)
    if (last !== undefined && segment.epoch < last.epoch) continue
    if (last?.id === segment.id) chosen.pop()
    chosen.push(segment)
  }
  const watermark = chosen.at(-1)?.watermark ?? 0
  const kept = chosen.filter(({ id }) => id >= watermark)
  const end = kept.findIndex((segment, i) => !follows(segment, kept[i - 1], watermark))
  return end === -1 ? kept : kept.slice(0, end)
}

function follows(
  { id, firstSeq }: SegmentContent,
  before: SegmentContent | undefined,
  watermark: number,
): boolean {
  if (before === undefined) return id <= Math.max(watermark, 1)
  return id === before.id + 1 && firstSeq === before.nextSeq
}
