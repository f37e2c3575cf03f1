/**
 * Handling: totals by repository, from a life of the child.
 *
 * Owns: the handler, and knowing when all is done. Leaves counting each delivery once to the ledger.
 */
import { systemClock, type Consumer, type Message, type Runtime } from '../../runtime/index.ts'
import { worthOf, type Payload } from './input.ts'
import { Ledger, type Delivered, type Totals } from './ledger.ts'
import type { Report, Work } from './protocol.ts'
import { DELIVERY_HEADER, webhooksTopic } from './topic.ts'

const LAG_CHECK_MS = 50
const EVENTS = ['gap', 'duplicate', 'step-back', 'dead-letter'] as const

/** Resolves with the totals when the group is done with every message. */
export async function handleAll(
  runtime: Runtime,
  work: Work,
  tell: (report: Report) => void,
): Promise<Totals> {
  const ledger = new Ledger(work.ledgerFile, work.sabotage !== 'no-dedupe')
  for (const kind of EVENTS) runtime.on(kind, (details) => void ledger.note({ kind, details }))
  const consumer = runtime.consumer(webhooksTopic(work), {
    group: 'totals',
    concurrency: 32,
    // A kill costs the messages in hand an attempt, and we kill more often than a usual limit allows for.
    maxDeliveries: work.kills + 100,
  })
  const drained = new AbortController()
  abortWhenDrained(consumer, drained)
  const holdAt = work.holdAt ?? Number.POSITIVE_INFINITY
  await consumer.run(
    async (message) => {
      await ledger.record(deliveredOf(message, work)) // First the effect, on disk …
      if (ledger.count >= holdAt) return hold(tell)
      tell({ kind: 'counted', count: ledger.count })
    }, // … and by returning, the ack.
    { signal: drained.signal },
  )
  ledger.close()
  return ledger.totals
}

function deliveredOf(message: Message<Payload>, { input }: Work): Delivered {
  const { key, ...worth } = worthOf(message.value, input.keyPaths)
  const { partition, offset, attempt } = message
  const delivery = Number(message.headers[DELIVERY_HEADER])
  return { delivery, key: message.key ?? key, ...worth, partition, offset, attempt }
}

/** The worst moment: the effect is on disk, and the handler dies before its ack. */
function hold(tell: (report: Report) => void): Promise<never> {
  tell({ kind: 'holding' })
  return new Promise(() => {})
}

/** Nothing waits, nothing is out: all acks are on disk. */
function abortWhenDrained(consumer: Consumer<Payload>, drained: AbortController): void {
  const look = async (): Promise<void> => {
    const { total } = await consumer.lag()
    if (total === 0) drained.abort()
    else abortWhenDrained(consumer, drained)
  }
  systemClock.schedule(LAG_CHECK_MS, () => void look())
}
