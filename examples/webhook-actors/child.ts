/**
 * The program that is killed: one day in the life of all actors.
 *
 * Owns: the order of a day: what fell due, what happens, what is left to be done. Leaves the actors to `actors.ts`.
 *
 * The day is a matter of the clock that the runtime is opened with: it shows the first start and so many days. To the
 * runtime this is a machine that was switched off in between. Nothing in here prepares for the kill.
 */
import { inspect } from 'node:util'
import { openStore } from '../../persistence/index.ts'
import { openRuntime, systemClock, type Clock, type Runtime } from '../../runtime/index.ts'
import { Book } from '../webhooks/book.ts'
import { childLife, opened, tell } from '../webhooks/child-life.ts'
import { openForgetfulStore } from '../webhooks/forgetful-store.ts'
import { deliveriesOf, sendMissing } from '../webhooks/sender.ts'
import { DELIVERY_HEADER, PAYLOAD_BYTES_MAX } from '../webhooks/topic.ts'
import { defineActors, news, webhooksTopic, type Definitions, type News } from './actors.ts'
import { Census } from './census.ts'
import { feedByHand } from './hand-feed.ts'
import { DAY_MS } from './lifecycle.ts'
import { holdingStore } from './holding-store.ts'
import { Outside } from './outside.ts'
import { Progress } from './day-progress.ts'
import type { DayEnd, Line, Work } from './protocol.ts'
import { Script, type Kind, type Webhook } from './script.ts'

const ALARMS = [
  'gap',
  'duplicate',
  'step-back',
  'dead-letter',
  'corruption',
  'actor-failed',
  'actor-timer-lost',
] as const

childLife(async (work: Work, left) => {
  const script = new Script(work)
  const progress = new Progress(work)
  const book = new Book<Line>(work.bookFile)
  const outside = new Outside(book, progress, work.sabotage !== 'no-effect-id')
  const topic = webhooksTopic(script.count)
  const definitions = defineActors(topic, outside.tell, work.sabotage !== 'by-hand')
  const runtime = await opened(() => openDay(work, script, { definitions, progress }))
  for (const name of ALARMS) {
    runtime.on(name, (event) => void book.write({ kind: 'alarm', name, details: inspect(event) }))
  }
  const subjects = subjectsOf(script)
  const census = await Census.of(runtime, { definitions, subjects }, () => progress.moved(census.sums))
  progress.moved(census.sums)
  if (work.sabotage === 'by-hand') feedByHand(runtime, { topic, definitions, progress })
  const { expected, isHopeless } = work
  const dawnCame = await census.until(expected.dawn, isHopeless)
  await sendDay(runtime, { work, script, topic, progress })
  const duskCame = await census.until(expected.dusk, isHopeless || !dawnCame)
  await census.settled()
  const isLast = work.index === script.days.length - 1
  const end: DayEnd = {
    isComplete: dawnCame && duskCame,
    states: isLast ? await census.states() : {},
    news: isLast ? await allNews(runtime) : [],
  }
  tell({ kind: 'finished', totals: end })
  await left
  await runtime.close()
})

function openDay(
  { index, dataDirectory, sabotage }: Work,
  { days }: Script,
  { definitions, progress }: { definitions: Definitions; progress: Progress },
): Promise<Runtime> {
  const store = sabotage === 'no-fsync' ? openForgetfulStore : openStore
  const mustHold = (): boolean => sabotage !== 'by-hand' && progress.mustHoldIn('commit')
  return openRuntime(dataDirectory, {
    actors: Object.values(definitions),
    clock: clockOf(days[index]?.day ?? 0),
    store: holdingStore(store, mustHold, () => progress.hold()),
    // A small window makes many small commits, and so more moments for a kill to strike in.
    limits: { windowCount: 64, valueBytes: PAYLOAD_BYTES_MAX },
  })
}

/** The system's clock, so many days later. */
function clockOf(day: number): Clock {
  return {
    nowMs: () => systemClock.nowMs() + day * DAY_MS,
    monotonicMs: () => systemClock.monotonicMs(),
    schedule: (delayMs, task) => systemClock.schedule(delayMs, task),
    defer: (task) => systemClock.defer(task),
    hold: () => systemClock.hold(),
  }
}

function subjectsOf(script: Script): ReadonlyMap<string, Kind> {
  const all = Array.from({ length: script.count }, (_, delivery) => script.webhook(delivery))
  return new Map(all.map(({ subject, kind }) => [subject, kind]))
}

interface Day {
  readonly work: Work
  readonly script: Script
  readonly topic: ReturnType<typeof webhooksTopic>
  readonly progress: Progress
}

/** After a kill nobody knows whether the last sends were stored; they are sent again, under the same ids. */
async function sendDay(runtime: Runtime, { work, script, topic, progress }: Day): Promise<void> {
  const missing = new Set(deliveriesOf(work.missing))
  const deliveries = (script.days[work.index]?.deliveries ?? []).filter((delivery) => missing.has(delivery))
  await sendMissing<Webhook>(runtime.producer(topic, { id: 'github' }), {
    deliveries,
    valueOf: (delivery) => script.webhook(delivery),
    optionsOf: (delivery) => ({
      headers: { [DELIVERY_HEADER]: String(delivery) },
      messageId: String(delivery),
    }),
    before: 0,
    holdAt: undefined,
    tell: (report) => {
      if (report.kind === 'confirmed') progress.confirmed(report.deliveries.length)
      tell(report)
    },
  })
}

/** All that was ever published: nobody has read it before. */
async function allNews(runtime: Runtime): Promise<News[]> {
  const reader = runtime.consumer(news, { group: 'audit', concurrency: 64 })
  const { total } = await reader.lag()
  const all: News[] = []
  if (total > 0) {
    for await (const message of reader) {
      all.push(message.value)
      await message.ack()
      if (all.length >= total) break
    }
  }
  return all
}
