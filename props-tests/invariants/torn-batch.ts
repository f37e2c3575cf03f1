/**
 * torn-batch: some of what had to be there together, or not at all.
 *
 * Owns: batches of one send, and what a handler hands over with its ack. Leaves batches that were confirmed to
 * `lost-write`, and those that failed as not-written to `aborted-read`.
 *
 * HB1. Where equal values were sent, a part is called there or missing only if no other send can explain it.
 */
import { allowanceOf, contentsOf, handedOver } from './contents.ts'
import type { Content } from './contents.ts'
import { invariant } from './finding.ts'
import type { Finding } from './finding.ts'
import { excessesOf } from './phantom.ts'
import { isVisible, quietAt } from './quiet.ts'
import { describe, readHistory } from './reading.ts'
import type { Asked } from './reading.ts'
import type { History, Terms } from '../history.ts'

/** See `about`. */
export const tornBatch = invariant({
  name: 'torn-batch',
  guarantee: 'G7',
  about: 'A batch is there whole or not at all, and so is an ack with what its handler sent.',
  *find(history, terms) {
    for (const { content, spot, at } of excessesOf(history, 'torn-batch')) {
      const undone = content.handOvers.find(({ fate }) => fate === 'never')
      yield {
        text: `${describe(spot)} is there, though the run that handed it over was never acknowledged`,
        events: [undone?.run.at, undone?.ask.at, at],
      }
    }
    yield* missingHandOvers(history, terms)
    yield* tornBatches(history, terms)
  },
})

function* missingHandOvers(history: History, terms: Terms): Iterable<Finding> {
  for (const content of contentsOf(history).values()) {
    if (content.spots.length >= handedOver(content) || !isVisible(history, terms, content.topic)) continue
    const lost = content.handOvers.find(({ fate }) => fate === 'there')
    if (lost === undefined) continue
    const name = describe(lost.run.delivery.spot)
    yield {
      text: `${name} is acknowledged, but what its handler sent to ${content.topic} is missing`,
      events: [lost.run.at, lost.ask.at, quietAt(history)?.at],
    }
  }
}

function* tornBatches(history: History, terms: Terms): Iterable<Finding> {
  for (const [batch, asks] of openBatches(history)) {
    const parts = partsOf(asks, history)
    const there = parts.find(({ content, count }) => content.spots.length > allowanceOf(content) - count)
    const missing = parts.find(({ content, count }) => content.spots.length < count)
    if (there === undefined || missing === undefined) continue
    if (!isVisible(history, terms, missing.content.topic)) continue
    const [spot] = there.content.spots
    yield {
      text: `of batch ${batch} ${spot === undefined ? '' : describe(spot)} is there, and ${missing.content.value} is not`,
      events: [...asks.map(({ at }) => at), spot?.sightings[0]?.at, quietAt(history)?.at],
    }
  }
}

/** Batches of which nobody was told what became of them. */
function openBatches(history: History): Map<number, Asked[]> {
  const batches = new Map<number, Asked[]>()
  for (const ask of readHistory(history).asked) {
    const { batch, joined } = ask.event
    if (batch === undefined || joined || ask.confirmed !== undefined) continue
    if (ask.rejected?.event.outcome === 'not-written') continue
    batches.set(batch, [...(batches.get(batch) ?? []), ask])
  }
  return batches
}

/** The contents of a batch, and how often it has each. */
function partsOf(
  asks: readonly Asked[],
  history: History,
): readonly { readonly content: Content; readonly count: number }[] {
  const contents = contentsOf(history)
  const counts = new Map<string, number>()
  for (const { event } of asks) {
    const name = `${event.topic} ${event.value}`
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return [...counts].flatMap(([name, count]) => {
    const content = contents.get(name)
    return content === undefined ? [] : [{ content, count }]
  })
}
