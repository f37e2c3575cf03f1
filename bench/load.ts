/**
 * A closed load: so many callers, each of which sends its next message when the last one was confirmed.
 *
 * Owns: the callers, the time and the latencies of one round. Leaves what a send is to the subject, and what rounds
 * mean together to `figures.ts`.
 */
import type { Subject } from './subject.ts'

export interface LoadPlan {
  readonly inFlight: number
  readonly warmUpMs: number
  readonly measureMs: number
}

export interface Round {
  /** Messages that came to their end, a second. */
  readonly perSecond: number
  /** From the call to the confirmation, sorted, in milliseconds. */
  readonly latenciesMs: Float64Array
}

const SAMPLES_MAX = 200_000

/** Counts the confirmations of a stretch of time, and keeps their latencies. */
class Stretch {
  count = 0
  readonly #samples = new Float64Array(SAMPLES_MAX)
  readonly endMs: number

  constructor(endMs: number) {
    this.endMs = endMs
  }

  note(latencyMs: number): void {
    // The last ones are kept: a ring of samples costs the same at every rate.
    this.#samples[this.count % SAMPLES_MAX] = latencyMs
    this.count += 1
  }

  latencies(): Float64Array {
    return this.#samples.slice(0, Math.min(this.count, SAMPLES_MAX)).sort()
  }
}

/** Runs the load, then waits until the subject has come to the end of all of it; that time counts too. */
export async function runLoad(subject: Subject, plan: LoadPlan): Promise<Round> {
  await runStretch(subject, plan.inFlight, new Stretch(performance.now() + plan.warmUpMs))
  const startMs = performance.now()
  const stretch = new Stretch(startMs + plan.measureMs)
  await runStretch(subject, plan.inFlight, stretch)
  const elapsedMs = performance.now() - startMs
  return { perSecond: (stretch.count * 1000) / elapsedMs, latenciesMs: stretch.latencies() }
}

async function runStretch(subject: Subject, inFlight: number, stretch: Stretch): Promise<void> {
  const callers = Array.from({ length: inFlight }, (_, index) => call(subject, index, stretch))
  await Promise.all(callers)
  await subject.settled()
}

async function call(subject: Subject, index: number, stretch: Stretch): Promise<void> {
  let sentMs = performance.now()
  while (sentMs < stretch.endMs) {
    await subject.send(index)
    const confirmedMs = performance.now()
    stretch.note(confirmedMs - sentMs)
    sentMs = confirmedMs
  }
}
