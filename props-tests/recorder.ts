/**
 * Writes the history of one run.
 *
 * Owns: the list of events, and the numbers of sends and of runs of handlers.
 * Leaves what happens to whoever runs a world, and whether its teller still lives to the caller.
 *
 * RC1. Events stand in the order in which they were told; an event that was told is never changed.
 */
import type { Happening, History, HistoryEvent } from './history.ts'

export class Recorder {
  readonly #events: HistoryEvent[] = []
  #sends = 0
  #runs = 0

  get history(): History {
    return this.#events
  }

  /** How many events there are: the index of the next one. */
  get length(): number {
    return this.#events.length
  }

  /** Adds an event, and gives its index. */
  tell(at: { readonly life: number; readonly nowMs: number }, happening: Happening): number {
    this.#events.push({ ...happening, life: at.life, nowMs: at.nowMs })
    return this.#events.length - 1
  }

  /** The number of a new send, from 1. */
  nextSend(): number {
    return ++this.#sends
  }

  /** The number of a new run of a handler, from 1. */
  nextRun(): number {
    return ++this.#runs
  }
}
