/**
 * dlq-loss: a message whose attempts are used up, and that is not where such messages belong.
 *
 * Owns: the way into the dead letters, and that nothing is both there and done. Leaves going there too soon to
 * `dead-too-soon`, and coming back to `redelivery-after-durable-ack`.
 */
import { invariant } from './finding.ts'
import type { Finding } from './finding.ts'
import { quietAt } from './quiet.ts'
import { describe, readHistory } from './reading.ts'
import type { Delivery } from './reading.ts'
import type { Terms } from '../history.ts'

/** See `about`. */
export const dlqLoss = invariant({
  name: 'dlq-loss',
  guarantee: 'G6',
  about:
    'A message whose attempts are used up is a dead letter: not delivered on, not lost, and not done as well.',
  *find(history, terms) {
    const reading = readHistory(history)
    const quiet = quietAt(history)
    for (const delivery of reading.deliveries.values()) {
      const eras = reading.moves.get(`${delivery.group} ${delivery.spot.topic}`)?.length ?? 0
      yield* overrun(delivery, terms)
      yield* alsoDone(delivery, eras)
      if (quiet !== undefined && terms.lists === true) yield* unlisted(delivery, eras, terms)
    }
  },
})

function* overrun({ steps, spot, group }: Delivery, { maxDeliveries }: Terms): Iterable<Finding> {
  for (const step of steps) {
    if (step.kind !== 'run' || step.run.event.attempt <= maxDeliveries) continue
    yield {
      text: `${describe(spot)} came to ${group} as attempt ${step.run.event.attempt} of ${maxDeliveries}`,
      events: [step.at],
    }
  }
}

function* alsoDone({ steps, spot, group, listed }: Delivery, eras: number): Iterable<Finding> {
  for (const [i, step] of steps.entries()) {
    if (step.kind !== 'settled' || step.how !== 'ack') continue
    const death = steps
      .slice(i + 1)
      .find((later) => later.kind === 'settled' && later.how === 'dead-letter' && later.era === step.era)
    const deadAt = death?.at ?? (step.era === eras ? listed?.at : undefined)
    if (deadAt === undefined) continue
    yield {
      text: `${describe(spot)} is acknowledged in ${group}, and a dead letter as well`,
      events: [step.at, deadAt],
    }
  }
}

function* unlisted({ steps, spot, group, listed }: Delivery, eras: number, terms: Terms): Iterable<Finding> {
  const last = steps.at(-1)
  if (last === undefined || listed !== undefined || last.era !== eras) return
  const events = steps.map(({ at }) => at)
  if (last.kind === 'settled') {
    if (last.how !== 'dead-letter') return
    yield { text: `${describe(spot)} was a dead letter of ${group}, and is none any more`, events }
    return
  }
  const isFailed = last.run.ended !== undefined && last.run.ended.event.how !== 'returned'
  if (!isFailed || last.run.asked !== undefined || last.run.event.attempt < terms.maxDeliveries) return
  yield { text: `${describe(spot)} failed in ${group} for the last time, and is no dead letter`, events }
}
