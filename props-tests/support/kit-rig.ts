/**
 * Runs of the kit's engine for its own tests: one topic, one handler, mishaps at chosen steps.
 *
 * Owns: the scenario. Leaves what is expected to the tests.
 */
import { defineTopic } from '../../runtime/index.ts'
import type { Topic } from '../../runtime/index.ts'
import type { Mishap, SimulatedDisk, TopicProgram, World } from '../index.ts'
import { noPatience } from '../kit/patience.ts'
import type { RunResult } from '../kit/scenario.ts'
import { Simulation } from '../kit/simulation.ts'

export const numbersTopic: Topic<number> = defineTopic<number>('numbers', {
  key: (value) => String(value % 2),
})

export interface RigOptions {
  readonly start: (world: World) => TopicProgram<number>
  /** What is sent in each step. */
  readonly steps: readonly (readonly number[])[]
  /** By step. */
  readonly mishaps?: Readonly<Record<number, Mishap>>
  readonly chance?: number
  /** How many messages are out at once. */
  readonly concurrency?: number
  readonly waitMs?: number
  /** Done to the disk at the beginning of each step. */
  readonly spoil?: (disk: SimulatedDisk) => void
}

export function runRig({
  start,
  steps,
  mishaps = {},
  chance = 1,
  concurrency = 1,
  waitMs = 50,
  spoil = () => {},
}: RigOptions): Promise<RunResult> {
  const main = (world: World): { readonly view: (() => unknown) | undefined } => {
    const { handler, loop, view } = start(world)
    const consumer = world.runtime.consumer(numbersTopic, {
      group: 'sum',
      concurrency,
      retry: { minDelayMs: 5 },
    })
    void (handler === undefined ? loop(consumer) : consumer.run(handler))
    return { view }
  }
  const topic = numbersTopic as Topic<unknown>
  const workload = async (simulation: Simulation): Promise<void> => {
    for (const values of steps) {
      await simulation.step(async (life) => {
        spoil(simulation.disk)
        for (const value of values) simulation.orders.add(life, { topic, value })
        await simulation.settle()
        await simulation.advance(waitMs)
      })
    }
  }
  const settings = { chance, tape: [], mishapAt: (step: number) => mishaps[step], patience: noPatience }
  return Simulation.run(
    { main, workload: (driver) => workload(driver as Simulation), maxDeliveries: 5 },
    settings,
  )
}

export function kill(call: number, moment: 'before' | 'within' | 'after' = 'before'): Mishap {
  return { do: 'crash', death: { call, moment, kind: 'kill', tape: [] } }
}

export function handlerDies(nth: number): Mishap {
  return { do: 'handler-crash', nth, kind: 'kill', tape: [] }
}
