/**
 * The rounds of upkeep: what is looked at from time to time while a directory is open.
 *
 * Owns: the timer, and committing what the topics' own rules give up. Leaves to `upkeep.ts` what that is, and freeing the
 * disk to the next commit.
 *
 * UL1. What a group loses is told once it is on disk, and once.
 * UL2. A round waits for the one before it: a slow disk does not pile them up.
 */
import type { Broker } from './broker.ts'
import type { Cancel, Clock } from './clock.ts'
import type { DueClock } from './due-clock.ts'
import type { DataLoss, EventHub } from './events.ts'
import { EventUnit } from './unit.ts'
import type { Trim, Upkeep } from './upkeep.ts'

export interface UpkeepRoundsParts {
  readonly upkeep: Upkeep
  readonly broker: Broker
  readonly clock: Clock
  readonly dueClock: DueClock
  readonly hub: EventHub
  /** How long between two rounds, in milliseconds. */
  readonly upkeepMs: number
}

export class UpkeepRounds {
  readonly #parts: UpkeepRoundsParts
  #cancel: Cancel = () => {}
  #isUnderWay = false

  constructor(parts: UpkeepRoundsParts) {
    this.#parts = parts
  }

  start(): void {
    const { clock, hub, upkeepMs } = this.#parts
    this.#cancel = clock.schedule(upkeepMs, () => {
      if (!this.#isUnderWay) hub.background(this.#round())
      this.start()
    })
  }

  close(): void {
    this.#cancel()
  }

  async #round(): Promise<void> {
    const { broker, upkeep, dueClock } = this.#parts
    if (broker.failure !== undefined) return
    this.#isUnderWay = true
    try {
      const trims = await upkeep.expired(dueClock.nowMs())
      if (trims.length > 0) await this.#commit(trims)
    } finally {
      this.#isUnderWay = false
    }
    upkeep.look()
    if (upkeep.isDue) broker.submit(new EventUnit(noEvents, () => {}))
  }

  /** Losses are counted when the batch is made: what is done with by then is none. */
  #commit(trims: readonly Trim[]): Promise<void> {
    const { broker, upkeep, hub } = this.#parts
    let losses: readonly DataLoss[] = []
    return new Promise((resolve, reject) => {
      const unit = new EventUnit(
        (draft) => {
          losses = trims.flatMap((trim) => upkeep.lossesOf(trim))
          for (const { mailbox, first } of trims)
            draft.event({ kind: 'trim', mailbox: mailbox.mailbox, first })
        },
        (error) => {
          if (error !== undefined) return reject(error)
          for (const loss of losses) hub.emit('data-loss', loss)
          resolve()
        },
        256 * (trims.length + 1),
      )
      broker.submit(unit)
    })
  }
}

/** The unit is there for the commit: upkeep runs between two of them. */
function noEvents(): void {}
