/**
 * Deaths of a simulated process at system calls, and its coming back: the same for every run that has lives.
 *
 * Owns: when the disk dies, the deaths that strike openings, what becomes of the dead, and what counts as a failure.
 * Leaves to each run what a life holds, what it does, and what is told of it.
 *
 * DY1. What goes wrong counts only in a process that lives.
 * DY2. Nothing of a life that is over reaches the disk.
 */
import type { Disk } from '../../persistence/index.ts'
import { ChoiceTape, SimulatedCrash } from '../index.ts'
import type { SimulatedClock, SimulatedDisk } from '../index.ts'
import { watchDisk } from './disk-wrapper.ts'
import type { Crash } from './journal-run.ts'
import { ViolationError } from './violation.ts'

/** One process from its opening to its end. */
export interface Mortal {
  readonly clock: SimulatedClock
  isOver: boolean
}

/** A command, and the deaths that it meets. */
export interface MortalCommand<Work> {
  readonly work: Work
  /** The first death, and those that strike the recoveries after it. */
  readonly crashes?: readonly Crash[]
}

/** A run, as its deaths see it. */
export interface Lives {
  /** The process that lives, or lived last. */
  readonly present: () => Mortal
  /** Begins the next life. */
  readonly open: () => Promise<void>
  readonly crashed: (crash: Crash) => void
  /** Throws what a living process has found meanwhile. */
  readonly throwFailure: () => void
}

export class Deaths {
  readonly #disk: SimulatedDisk
  readonly #lives: Lives

  constructor(disk: SimulatedDisk, lives: Lives) {
    this.#disk = disk
    this.#lives = lives
  }

  /** Carries a command out with its deaths; answers whether there was one. */
  async during(crashes: readonly Crash[] | undefined, perform: () => Promise<unknown>): Promise<boolean> {
    const [crash, ...nested] = crashes ?? []
    if (crash !== undefined) this.#aim(crash)
    await this.attempt(perform)
    await this.attempt(() => this.#lives.present().clock.executor.settle())
    if (crash === undefined) return false
    await this.#die(crash)
    await this.comeBack(nested)
    return true
  }

  /** Opens until an opening is not struck by one of these. */
  async comeBack(nested: readonly Crash[]): Promise<void> {
    for (const crash of nested) {
      this.#aim(crash)
      await this.#lives.open()
      await this.#die(crash)
    }
    await this.#lives.open()
  }

  /** Runs `work`; what goes wrong in a process that lives is `failed`. */
  async attempt(work: () => unknown, failed: (error: unknown) => never = untyped): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (error instanceof ViolationError) throw error
      if (!this.#disk.isCrashed) failed(error)
    }
    this.#lives.throwFailure()
  }

  /** The disk of one life. */
  diskOf(life: Mortal): Disk {
    return watchDisk(this.#disk, () => {
      if (life.isOver) throw new SimulatedCrash('a life that is over')
    })
  }

  #aim({ call, moment }: Crash): void {
    this.#disk.crashAt(this.#disk.changes + call, moment, 'changes')
  }

  async #die(crash: Crash): Promise<void> {
    this.#disk.crash()
    this.#lives.crashed(crash)
    await bury(this.#lives.present())
    this.#disk.restart(crash.kind, new ChoiceTape(crash.tape))
  }
}

/** Lets the dead life's promises settle where nothing of it can do harm. */
export async function bury(life: Mortal): Promise<void> {
  life.isOver = true
  await life.clock.executor.settle().catch(() => {})
}

function untyped(error: unknown): never {
  throw new ViolationError('untyped-error', String(error), error)
}
