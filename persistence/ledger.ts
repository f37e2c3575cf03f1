/**
 * What the frames of a journal add up to while they are read: state frames and counts.
 *
 * Owns: which checkpoint is the last complete one and which event frames come after it.
 * Leaves to `mailbox-index.ts` the messages and to `recovered-state.ts` reading the bytes.
 *
 * LE1. A checkpoint counts once its last part is there; until then the one before it counts, with all its events.
 * LE2. Only places are remembered, so events that a later checkpoint replaces take no memory.
 */

import type { FrameHead } from './frame.ts'

/** Flags of a CHECKPOINT frame: its place among the parts. */
export const flagFirstPart = 2
export const flagLastPart = 4

export interface FramePlace {
  readonly segmentId: number
  readonly position: number
}

/** The part of a head that says what a frame adds. */
export type FrameSubject = Pick<FrameHead, 'kind' | 'flags' | 'eventCount' | 'eventBytes'>

export class Ledger {
  /** Frames of the last complete checkpoint, in order; empty when there is none. */
  checkpoint: FramePlace[] = []
  /** Frames with events after it. */
  events: FramePlace[] = []
  eventBytes = 0
  frames = 0
  messages = 0
  #parts: FramePlace[] = []
  #lean = false

  /** Takes in a frame that is durable. */
  add(head: FrameSubject, place: FramePlace): void {
    this.frames += 1
    if (head.kind === 'checkpoint') this.#addPart(head.flags, place)
    if (head.kind !== 'data' || head.eventCount === 0) return
    if (!this.#lean || this.events.length === 0) this.events.push(place)
    this.eventBytes += head.eventBytes
  }

  /** From now on only the first place of each list is kept: the bytes were read, or are known to the writer. */
  lean(): void {
    this.#lean = true
    this.checkpoint.length = Math.min(1, this.checkpoint.length)
    this.events.length = Math.min(1, this.events.length)
  }

  /** The oldest segment whose state frames are still needed; undefined when no state was ever written. */
  get oldestState(): number | undefined {
    return (this.checkpoint[0] ?? this.events[0])?.segmentId
  }

  #addPart(flags: number, place: FramePlace): void {
    if ((flags & flagFirstPart) !== 0) this.#parts = []
    this.#parts.push(place)
    if ((flags & flagLastPart) === 0) return
    this.checkpoint = this.#parts
    this.#parts = []
    this.events = []
    this.eventBytes = 0
  }
}
