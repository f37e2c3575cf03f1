/**
 * `checkTopic`: a topic and a handler under every mishap there is.
 *
 * Owns: the scenario that is made of them, and the reference that it is held against.
 * Leaves running to `simulation.ts`, judging to `judge.ts`, searching and telling to `run-check.ts`.
 *
 * CT1. The reference sends what finally lay in the topic, in that order, under the same ids, and nothing goes wrong.
 */
import { defineTopic } from '../../runtime/index.ts'
import type { Consumer, Topic } from '../../runtime/index.ts'
import { cases } from './arbitraries.ts'
import type { Case } from './arbitraries.ts'
import type { CheckReport, CheckTopicOptions } from './check-options.ts'
import { sameJson } from './compare.ts'
import { CheckUsageError } from './errors.ts'
import { checkTopicOptions } from './option-rules.ts'
import { runCheck } from './run-check.ts'
import { Simulation } from './simulation.ts'
import type { Program, RunResult, RunSettings, Scenario } from './scenario.ts'
import type { LoopProgram, World } from './world.ts'

const GROUP = 'handlers'
const TERMS = { concurrency: 4, maxDeliveries: 10, retry: { minDelayMs: 10, maxDelayMs: 200 } }

/**
 * Sends values to a topic, handles them, and lets everything go wrong that can: crashes at any instant, power cuts,
 * failing disks and services. Rejects with a report when a guarantee is broken, by the library or by the handler.
 *
 * @throws CheckFailedError with the report; InvalidOptionError, CheckUsageError when the check itself is wrong.
 * @example
 * await checkTopic({ values: fc.integer(), handler, faults: { crash: true, tornWrites: true } })
 */
export async function checkTopic<Value>(options: CheckTopicOptions<Value>): Promise<CheckReport> {
  checkTopicOptions(options)
  const { values, key, faults = {} } = options
  const topic: Topic<Value> =
    options.topic ?? defineTopic<Value>('checked', { partitions: 2, ...(key === undefined ? {} : { key }) })
  const check = new TopicCheck(options, topic)
  return runCheck({
    name: 'checkTopic',
    title: options.title ?? `topic '${topic.name}'`,
    options,
    cases: cases(values, faults),
    equal: options.equal ?? sameJson,
    own: new Set([topic.name]),
    run: (item, settings) => check.run(item, settings),
    reference: (item, result, settings) => check.reference(item, result, settings),
  })
}

class TopicCheck<Value> {
  readonly #options: CheckTopicOptions<Value>
  readonly #topic: Topic<Value>

  constructor(options: CheckTopicOptions<Value>, topic: Topic<Value>) {
    this.#options = options
    this.#topic = topic
  }

  run({ steps }: Case<Value>, settings: RunSettings): Promise<RunResult> {
    const topic = this.#topic as Topic<unknown>
    return Simulation.run(
      this.#scenario(async (simulation) => {
        for (const { values, waitMs } of steps) {
          await simulation.step(async (life) => {
            for (const value of values) simulation.orders.add(life, { topic, value })
            await simulation.settle()
            if (waitMs > 0) await simulation.advance(waitMs)
          })
        }
      }),
      settings,
    )
  }

  /** What finally lay in the topic, one message after the other. */
  reference({ steps }: Case<Value>, { history }: RunResult, settings: RunSettings): Promise<RunResult> {
    const topic = this.#topic as Topic<unknown>
    const all = steps.flatMap(({ values }) => values)
    const ordered = placesOf(history).flatMap(({ messageId, index }) =>
      index < all.length ? [{ messageId, index }] : [],
    )
    const scenario = this.#scenario(async (simulation) => {
      for (const { messageId, index } of ordered) {
        await simulation.step(async (life) => {
          simulation.orders.add(life, { topic, value: all[index], messageId })
          await simulation.settle()
        })
      }
    })
    return Simulation.run(scenario, { ...settings, tape: [], mishapAt: () => undefined })
  }

  #scenario(workload: Scenario['workload']): Scenario {
    const terms = { ...TERMS, ...this.#options.consumer }
    return { main: (world) => this.#main(world), workload, maxDeliveries: terms.maxDeliveries }
  }

  async #main(world: World): Promise<Program> {
    const { start, handler } = this.#options
    const own = start === undefined ? undefined : await start(world)
    if (start !== undefined && own?.handler === undefined && own?.loop === undefined)
      throw new CheckUsageError('start must give a handler, or a loop: { handler } or { loop }')
    const consumer = world.runtime.consumer(this.#topic, {
      group: GROUP,
      ...TERMS,
      ...this.#options.consumer,
    })
    if (own?.loop !== undefined) void runLoop(own.loop, consumer)
    else {
      const handle = own?.handler ?? handler
      void consumer.run((message, context) => handle?.(message, context, world))
    }
    return { view: own?.view }
  }
}

/** Runs by itself; what it throws nobody catches. */
async function runLoop<Value>(loop: LoopProgram<Value>['loop'], consumer: Consumer<Value>): Promise<void> {
  await loop(consumer)
}

/** The messages of the workload in the order in which they lie. */
function placesOf(history: RunResult['history']): { readonly messageId: string; readonly index: number }[] {
  const ids = new Map<number, string>()
  const places = new Map<string, { readonly partition: number; readonly offset: number }>()
  for (const event of history) {
    if (event.kind === 'sending' && event.cause === undefined && event.messageId !== undefined) {
      ids.set(event.send, event.messageId)
    }
    const id = event.kind === 'confirmed' ? ids.get(event.send) : undefined
    if (event.kind === 'confirmed' && id !== undefined) places.set(id, event)
  }
  return [...places]
    .toSorted(([, left], [, right]) => left.partition - right.partition || left.offset - right.offset)
    .map(([messageId]) => ({ messageId, index: Number(messageId.slice(1)) - 1 }))
}
