/**
 * Looking at what lies on the disk at the end of a run.
 *
 * Owns: reading every topic to its end without disturbing the user's groups, and listing dead letters.
 * Leaves judging what is found to the invariants.
 *
 * AU1. The reader is a group of its own, declared at the first use of a topic, so that nothing leaves the topic unread.
 */
import type { Message, Runtime, Topic } from '../../runtime/index.ts'
import { spell } from './json.ts'
import type { Driver } from './scenario.ts'

/** The group that reads everything at the end. */
export const auditGroup = 'audit-of-the-check'

const LIMIT_MS = 60_000

export async function audit(simulation: Driver, runtime: Runtime | undefined): Promise<void> {
  if (runtime === undefined) return
  for (const topic of simulation.topics.values()) await readAll(simulation, runtime, topic)
  const seen = new Set<string>()
  for (const { topic, group } of simulation.life.consumers) {
    const declared = simulation.topics.get(topic)
    if (declared === undefined || seen.has(`${topic} ${group}`)) continue
    seen.add(`${topic} ${group}`)
    await listDead(simulation, runtime, { topic: declared, group })
  }
}

async function readAll(simulation: Driver, runtime: Runtime, topic: Topic<unknown>): Promise<void> {
  const consumer = runtime.consumer(topic, { group: auditGroup, concurrency: 100 })
  const running = consumer.run((message) => tellRead(simulation, message))
  running.catch(() => {})
  for (let waitedMs = 0; waitedMs < LIMIT_MS; waitedMs += 100) {
    await simulation.advance(100)
    const lag = await simulation.until(consumer.lag(), LIMIT_MS)
    if (lag?.ok === true && lag.value.total === 0) break
  }
  await simulation.until(consumer.close(), LIMIT_MS)
}

function tellRead({ life }: Driver, message: Message<unknown>): void {
  const { topic, partition, offset, producer, value } = message
  life.tell({
    ...{ kind: 'read', value: spell(value), topic, partition, offset },
    ...{ producer: producer.id, epoch: producer.epoch, sequence: producer.sequence },
  })
}

async function listDead(
  simulation: Driver,
  runtime: Runtime,
  { topic, group }: { readonly topic: Topic<unknown>; readonly group: string },
): Promise<void> {
  const listed = await simulation.until(runtime.deadLetters(topic, { group }).list(), LIMIT_MS)
  if (listed?.ok !== true) return
  for (const { partition, offset, history } of listed.value) {
    const attempts = history.map(({ attempt }) => attempt)
    simulation.life.tell({ kind: 'listed', group, topic: topic.name, partition, offset, attempts })
  }
}
