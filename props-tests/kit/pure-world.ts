/**
 * The world of a pure run: there is none.
 *
 * Owns: noticing what a turn does outside, which it must not. Leaves the simulated world to `outside.ts`.
 */
import { SimulatedClock } from '../simulated-clock.ts'
import { SimulatedRandom } from '../simulated-random.ts'
import { CheckUsageError } from './errors.ts'
import { never } from './fenced-store.ts'
import type { World } from './world.ts'

export class PureWorld {
  #acted: string | undefined

  /** What was called outside since it was asked last. */
  acted(): string | undefined {
    const acted = this.#acted
    this.#acted = undefined
    return acted
  }

  world(): World {
    const note = (what: string): Promise<never> => {
      this.#acted ??= what
      return never()
    }
    const table = (name: string): ReturnType<World['table']> => {
      const touch = (): Promise<never> => note(`table '${name}'`)
      return { get: touch, set: touch, update: touch, delete: touch, transaction: touch }
    }
    return {
      life: 1,
      get runtime(): never {
        throw new CheckUsageError(
          'actors are made before the directory is opened: world.runtime is not there yet',
        )
      },
      clock: new SimulatedClock(),
      random: new SimulatedRandom(1),
      sleep: (ms) => note(`world.sleep(${ms})`),
      outside: (name) => ({ call: () => note(`'${name}' outside`) }),
      table: table as World['table'],
    }
  }
}
