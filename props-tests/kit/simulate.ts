/**
 * `simulate`: any process of the user's, and any workload, under mishaps.
 *
 * Owns: the workload's verbs as steps, and cases that put mishaps at steps.
 * Leaves running to `simulation.ts`, judging to `judge.ts`, searching and telling to `run-check.ts`.
 *
 * SL1. A mishap belongs to a step by number: leaving one out moves no other.
 * SL2. A call of the outside that is to suffer is one that its step makes.
 * SL3. Steps come one after the other in the order of asking, and all of them before the end, whether they are awaited
 *      or not.
 */
import fc from 'fast-check'
import type { Topic } from '../../runtime/index.ts'
import { simulating } from './ambient.ts'
import { noPatience } from './patience.ts'
import { mishap } from './arbitraries.ts'
import type { Case, Step } from './arbitraries.ts'
import type {
  CheckReport,
  FaultOptions,
  SimulateOptions,
  Workload,
  WorkloadSendOptions,
} from './check-options.ts'
import { sameJson } from './compare.ts'
import { CheckUsageError } from './errors.ts'
import { simulateOptions } from './option-rules.ts'
import { runCheck } from './run-check.ts'
import type { Mishap } from './mishap.ts'
import type { Driver, RunResult, RunSettings, Scenario, StepSize } from './scenario.ts'
import { Simulation } from './simulation.ts'
import { wordsOf } from './words.ts'

const DELIVERIES = 5
const MISHAPS_MAX = 4
const WORK_LIMIT_MS = 60_000

/**
 * Runs a process of yours under a workload, again and again, with crashes and faults at random instants.
 *
 * @throws CheckFailedError with the report; InvalidOptionError, CheckUsageError when the check itself is wrong.
 * @example
 * await simulate({
 *   main: (world) => { void world.runtime.consumer(orders, { group: 'billing' }).run(handler) },
 *   workload: async ({ send, wait }) => { await send(orders, order); await wait(1_000) },
 * })
 */
export async function simulate(options: SimulateOptions): Promise<CheckReport> {
  simulateOptions(options)
  const scenario = scenarioOf(options)
  const dry = await simulating(() => Simulation.run(scenario, quiet))
  return runCheck({
    name: 'simulate',
    title: options.title ?? 'simulation',
    options,
    cases: casesOf(dry.sizes, options.faults ?? {}),
    equal: options.equal ?? sameJson,
    own: ownTopics(dry),
    run: (_, settings) => Simulation.run(scenario, settings),
    reference:
      options.compare === false
        ? undefined
        : (_, __, settings) => Simulation.run(scenario, { ...settings, tape: [], mishapAt: () => undefined }),
  })
}

/** Settings of a run in which nothing goes wrong. */
export const quiet: RunSettings = { chance: 0, tape: [], mishapAt: () => undefined, patience: noPatience }

/** What users give, as the engine runs it. */
export function scenarioOf(options: Pick<SimulateOptions, 'main' | 'workload' | 'maxDeliveries'>): Scenario {
  return {
    main: async (world) => (await options.main(world)) ?? undefined,
    workload: async (driver) => {
      const steps = new Steps()
      await options.workload(workloadOf(driver, steps))
      await steps.done()
    },
    maxDeliveries: options.maxDeliveries ?? DELIVERIES,
  }
}

/** What a workload has asked for: a step waits for the one before it. */
class Steps {
  #last: Promise<void> = Promise.resolve()

  add(step: () => Promise<void>): Promise<void> {
    const mine = this.#last.then(step)
    this.#last = mine
    return mine
  }

  /** Also those that were added meanwhile. */
  async done(): Promise<void> {
    for (let last: Promise<void> | undefined; last !== this.#last;) {
      last = this.#last
      await last
    }
  }
}

function workloadOf(driver: Driver, steps: Steps): Workload {
  const step: Driver['step'] = (work) => steps.add(() => driver.step(work))
  return {
    get world() {
      return driver.world
    },
    send: <Value>(topic: Topic<Value>, value: Value, options: WorkloadSendOptions = {}) =>
      step((life) => driver.orders.add(life, { topic: topic as Topic<unknown>, value, ...options })),
    wait: (ms) => step(() => driver.advance(ms)),
    run: (work) =>
      step(async () => {
        const { world, life } = driver
        const outcome = await driver.until(
          driver.within(async () => work(world)),
          WORK_LIMIT_MS,
        )
        if (outcome?.ok !== false || life.isDead || life.isBroken) return
        throw new CheckUsageError(`the workload failed: ${wordsOf(outcome.error)}`, { cause: outcome.error })
      }),
  }
}

/** The topics that the workload itself sends to. */
export function ownTopics({ history }: RunResult): ReadonlySet<string> {
  const topics = history.flatMap((event) =>
    event.kind === 'sending' && event.cause === undefined ? [event.topic] : [],
  )
  return new Set(topics)
}

function casesOf(sizes: RunResult['sizes'], faults: FaultOptions | false): fc.Arbitrary<Case<never>> {
  const steps = sizes.length
  const struck = fc.record({ step: fc.nat({ max: Math.max(0, steps - 1) }), mishap: mishap(faults) })
  const mishaps = fc.uniqueArray(struck, {
    selector: ({ step }) => step,
    minLength: 0,
    maxLength: faults === false ? 0 : MISHAPS_MAX,
    size: 'max',
  })
  const tape = fc.array(fc.nat({ max: 6 }), { maxLength: 6, size: 'max' })
  return fc.record({ mishaps, chance: fc.nat({ max: 1_000_000 }), tape }).map((drawn) => {
    const at = new Map(drawn.mishaps.map((each) => [each.step, each.mishap]))
    const all = Array.from({ length: steps }, (_, i): Step<never> => ({
      values: [],
      waitMs: 0,
      mishap: within(at.get(i), sizes[i]),
    }))
    return { steps: all, chance: drawn.chance, tape: drawn.tape }
  })
}

/** A call that suffers is one that the step makes, or one behind its last: for a message that comes again. */
function within(struck: Mishap | undefined, size: StepSize | undefined): Mishap | undefined {
  if (struck?.do !== 'effect') return struck
  return { ...struck, nth: ((struck.nth - 1) % ((size?.effects ?? 0) + 1)) + 1 }
}
