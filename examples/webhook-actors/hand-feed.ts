/**
 * The sabotage `by-hand`: what people write who have no subscriptions.
 *
 * Owns: a handler that sends to the actor and then acknowledges: two commits, and a kill fits in between.
 */
import type { Runtime, Topic } from '../../runtime/index.ts'
import { DELIVERY_HEADER } from '../webhooks/topic.ts'
import { refOf, type Definitions } from './actors.ts'
import type { Progress } from './day-progress.ts'
import { happened, type Webhook } from './script.ts'

interface Feed {
  readonly topic: Topic<Webhook>
  readonly definitions: Definitions
  readonly progress: Progress
}

export function feedByHand(runtime: Runtime, { topic, definitions, progress }: Feed): void {
  const consumer = runtime.consumer(topic, { group: 'by-hand', concurrency: 32, maxDeliveries: 1000 })
  void consumer.run(async ({ value, headers }) => {
    const ref = refOf(runtime, definitions, value)
    await ref.send(happened(Number(headers[DELIVERY_HEADER]), value))
    if (!progress.mustHoldIn('commit')) return // … and by returning, the ack.
    progress.hold()
    await new Promise(() => {})
  })
}
