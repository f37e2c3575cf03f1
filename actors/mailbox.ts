/**
 * Events that wait for an actor inside one turn, in the order of XState: what an actor is sent while it works waits.
 *
 * Owns: the queue. Leaves to the cell what an event does.
 *
 * MB1. Events are processed one after the other, in the order in which they came.
 * MB2. Before `open`, events only gather.
 */

export class TurnMailbox<TEvent> {
  readonly #process: (event: TEvent) => void
  #waiting: TEvent[] = []
  #isOpen: boolean
  #isBusy = false

  constructor(process: (event: TEvent) => void, isOpen: boolean) {
    this.#process = process
    this.#isOpen = isOpen
  }

  open(): void {
    this.#isOpen = true
    this.#flush()
  }

  clear(): void {
    this.#waiting = []
  }

  add(event: TEvent): void {
    this.#waiting.push(event)
    this.#flush()
  }

  #flush(): void {
    if (this.#isBusy || !this.#isOpen) return
    this.#isBusy = true
    for (let event = this.#waiting.shift(); event !== undefined; event = this.#waiting.shift())
      this.#process(event)
    this.#isBusy = false
  }
}
