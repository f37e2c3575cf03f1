/**
 * The end of a run: time goes on until nothing waits any more.
 *
 * Owns: how long that may take. Leaves what waits, and letting time go on, to the run.
 *
 * DG1. Slow is not stuck: as long as one thing after the other comes to its end, the wait goes on.
 * DG2. It is given up after 15 minutes of simulated time in which nothing came to its end, or sooner after 5,000 events:
 *      a handler that asks for its message again every few milliseconds would fill those minutes with hours of real time.
 */
export interface Draining {
  /** Lets so many milliseconds go by. */
  advance(ms: number): Promise<void>
  /** How much waits. */
  waiting(): Promise<number>
  /** How many events the history has. */
  readonly eventCount: number
}

const LIMIT_MS = 900_000
const EVENTS_MAX = 5_000
const FIRST_STEP_MS = 50
const LAST_STEP_MS = 15_000

/** Gives how much still waits; 0 when all came to its end. */
export async function drain(run: Draining): Promise<number> {
  let waiting = await run.waiting()
  let since = { waiting, waitedMs: 0, eventCount: run.eventCount }
  for (let stepMs = FIRST_STEP_MS; waiting > 0 && !isOver(run, since); stepMs = longer(stepMs)) {
    await run.advance(stepMs)
    waiting = await run.waiting()
    const waitedMs = since.waitedMs + stepMs
    since =
      waiting < since.waiting ? { waiting, waitedMs: 0, eventCount: run.eventCount } : { ...since, waitedMs }
  }
  return waiting
}

interface Since {
  readonly waiting: number
  readonly waitedMs: number
  readonly eventCount: number
}

function isOver(run: Draining, { waitedMs, eventCount }: Since): boolean {
  return waitedMs >= LIMIT_MS || run.eventCount - eventCount >= EVENTS_MAX
}

function longer(stepMs: number): number {
  return Math.min(stepMs * 1.5, LAST_STEP_MS)
}
