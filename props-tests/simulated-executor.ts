/**
 * The order in which deferred work runs.
 *
 * Owns: the queue of ready tasks, which one is next, and waiting until nothing is left to do.
 * Leaves time to `simulated-clock.ts`. This file alone touches the real event loop, to let promises settle.
 *
 * SX1. Between two tasks every promise that can settle has settled.
 * SX2. Without choices tasks run in the order of their submission; with them, the choices alone decide.
 * SX3. `settle` ends only when nothing is ready and no promise made more; a run that never ends is refused.
 */
import assert from 'node:assert/strict'
import type { Choices } from './choices.ts'

export interface SimulatedExecutorOptions {
  /** Decides which of several ready tasks is next. Default: the oldest. */
  readonly choices?: Choices
  /** Run tasks only in `runOne` and `settle`. Default false: they also run by themselves. */
  readonly isManual?: boolean
  /** More tasks than this in one `settle` are a livelock. Default 1,000,000. */
  readonly stepsMax?: number
}

/**
 * @example
 * const executor = new SimulatedExecutor({ choices: new ChoiceTape([1]) })
 * executor.submit(() => order.push('a'))
 * executor.submit(() => order.push('b'))
 * await executor.settle() // b, then a
 */
export class SimulatedExecutor {
  readonly #choices: Choices | undefined
  readonly #isManual: boolean
  readonly #stepsMax: number
  readonly #ready: (() => void)[] = []
  #isArmed = false
  #ran = 0

  constructor(options: SimulatedExecutorOptions = {}) {
    this.#choices = options.choices
    this.#isManual = options.isManual ?? false
    this.#stepsMax = options.stepsMax ?? 1_000_000
  }

  /** Tasks that wait. */
  get pending(): number {
    return this.#ready.length
  }

  /** Runs `task` after the current turn and its promises. */
  submit(task: () => void): void {
    this.#ready.push(task)
    if (!this.#isManual) this.#arm()
  }

  /** A promise that settles when the executor gets to it: a place where the order can change. */
  turn(): Promise<void> {
    return new Promise((resolve) => {
      this.submit(resolve)
    })
  }

  /** Runs one task, if there is one. */
  runOne(): boolean {
    if (this.#ready.length === 0) return false
    const index = this.#choices?.choose(this.#ready.length) ?? 0
    const [task] = this.#ready.splice(index, 1)
    assert.ok(task !== undefined)
    this.#ran += 1
    task()
    return true
  }

  /** Runs everything that is ready, and what becomes ready by it. What a task throws rejects. */
  async settle(): Promise<void> {
    const limit = this.#ran + this.#stepsMax
    await promisesSettle()
    while (this.#ready.length > 0) {
      assert.ok(this.#ran < limit, `still busy after ${this.#stepsMax} tasks: livelock`)
      this.runOne()
      await promisesSettle()
    }
  }

  #arm(): void {
    if (this.#isArmed) return
    this.#isArmed = true
    onNextLoop(() => {
      this.#isArmed = false
      if (this.#ready.length > 1) this.#arm()
      this.runOne()
    })
  }
}

/** Microtasks run dry before the loop goes round. */
function promisesSettle(): Promise<void> {
  return new Promise((resolve) => {
    onNextLoop(resolve)
  })
}

/** The one touch of the real event loop: only it knows when no promise is left to settle. */
function onNextLoop(task: () => void): void {
  // oxlint-disable-next-line no-restricted-globals
  setImmediate(task)
}
