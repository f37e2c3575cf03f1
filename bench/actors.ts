/**
 * Durable actors beside live ones: `npm run bench:actors`, or `node --import tsx bench/actors.ts --rounds 5 --events 200000`.
 *
 * Owns: the cases and the page that is printed. Leaves figures to `figures.ts`. See README.md for how to read it.
 */
import * as fs from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { createActor } from 'xstate'
import { describeEnvironment } from './environment.ts'
import { median, ratio, table, wholeNumber } from './figures.ts'
import { machineNamed, type Account, type Deposit } from './machines.ts'
import { loadLibrary } from './unlost.ts'

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    /** Events of one measurement. */
    events: { type: 'string', default: '200000' },
    /** Actors that are sent to in turn. */
    actors: { type: 'string', default: '10000' },
    /** Actors that are opened. */
    opened: { type: 'string', default: '100000' },
    directory: { type: 'string', default: 'data' },
    library: { type: 'string', default: 'dist' },
    /** counter, turnstile, parallel: see `machines.ts`. */
    machine: { type: 'string', default: 'counter' },
  },
})

/** How many sends are under way. */
const CALLERS = 1_024

const { openRuntime } = await loadLibrary(options.library)
const door: typeof import('../actors/index.ts') = await import(
  pathToFileURL(resolve(options.library, 'actors/index.js')).href
)

const machine = machineNamed(options.machine)
const machineActor = door.defineActor('account', { machine })
const reducerActor = door.defineActor('tally', {
  initial: (): Account => ({ count: 0, sum: 0 }),
  reducer: (state: Account, event: Deposit): Account => ({
    count: state.count + 1,
    sum: state.sum + event.amount,
  }),
})

const deposit = (amount: number): Deposit => ({ type: 'DEPOSIT', amount })

/** Events a second that `send` takes; `send` resolves when its event is taken as far as the case wants. */
async function paceOf(events: number, send: (index: number) => void): Promise<number> {
  const startMs = performance.now()
  for (let index = 0; index < events; index += 1) send(index)
  return (events * 1000) / (performance.now() - startMs)
}

async function live(count: number): Promise<number> {
  const actors = Array.from({ length: count }, () => createActor(machine).start())
  const send = (index: number): void => actors[index % count]?.send(deposit(index))
  await paceOf(100_000, send)
  return paceOf(Number(options.events), send)
}

/** From the first call until the turns of all events are on disk. */
async function durable(
  definition: typeof machineActor | typeof reducerActor,
  count: number,
): Promise<number> {
  return inDirectory(async (directory) => {
    const runtime = await openRuntime(directory, { actors: [definition] })
    const actors = Array.from({ length: count }, (_, index) => runtime.actor(definition, `actor-${index}`))
    const run = async (events: number): Promise<void> => {
      let next = 0
      const caller = async (): Promise<void> => {
        while (next < events) await actors[next % count]?.send(deposit(next++))
      }
      await Promise.all(Array.from({ length: CALLERS }, caller))
      // The mail of a definition is taken in order: this one was taken last.
      await actors[0]?.send(deposit(0), { until: 'processed' })
    }
    await run(Math.max(60_000, 2 * count))
    const startMs = performance.now()
    await run(Number(options.events))
    const perSecond = (Number(options.events) * 1000) / (performance.now() - startMs)
    await runtime.close()
    return perSecond
  })
}

async function inDirectory<Result>(work: (directory: string) => Promise<Result>): Promise<Result> {
  fs.mkdirSync(options.directory, { recursive: true })
  const directory = fs.mkdtempSync(join(options.directory, 'bench-'))
  try {
    return await work(directory)
  } finally {
    fs.rmSync(directory, { recursive: true, force: true })
  }
}

const actorCount = Number(options.actors)
const many = `${wholeNumber(actorCount)} in turn`
const cases = [
  { title: 'live XState, one', base: 0, run: () => live(1) },
  { title: 'durable machine, one', base: 0, run: () => durable(machineActor, 1) },
  { title: 'durable reducer, one', base: 0, run: () => durable(reducerActor, 1) },
  { title: `live XState, ${many}`, base: 3, run: () => live(actorCount) },
  { title: `durable machine, ${many}`, base: 3, run: () => durable(machineActor, actorCount) },
  { title: `durable reducer, ${many}`, base: 3, run: () => durable(reducerActor, actorCount) },
]

/** Every case in every round; ratios are those within a round. */
async function throughput(): Promise<string> {
  const rounds: number[][] = []
  for (let round = 0; round < Number(options.rounds); round += 1) {
    const paces: number[] = []
    for (const { run } of cases) paces.push(await run())
    rounds.push(paces)
  }
  const rows = cases.map(({ title, base }, index) => {
    const paces = rounds.map((round) => round[index] ?? Number.NaN)
    const ratios = rounds.map((round) => (round[index] ?? Number.NaN) / (round[base] ?? Number.NaN))
    return [title, wholeNumber(median(paces)), ratio(median(ratios))]
  })
  return table([['events to actors', 'events/s', 'x live'], ...rows])
}

/** Actors with a state on disk: the time to open them, and what they take in memory. */
async function scale(): Promise<string> {
  const opened = Number(options.opened)
  return inDirectory(async (directory) => {
    await fill(directory, opened)
    const before = await heapBytes()
    const startMs = performance.now()
    const runtime = await openRuntime(directory, { actors: [reducerActor] })
    const openMs = performance.now() - startMs
    const bytes = (await heapBytes()) - before
    await runtime.close()
    const stored = Buffer.byteLength(JSON.stringify({ count: 1, sum: opened }))
    const row = [opened, openMs, bytes / opened, stored].map(wholeNumber)
    return table([['actors with a state', 'open ms', 'heap bytes each', 'of which state'], row])
  })
}

async function fill(directory: string, opened: number): Promise<void> {
  const runtime = await openRuntime(directory, { actors: [reducerActor] })
  let next = 0
  const caller = async (): Promise<void> => {
    while (next < opened) {
      const index = next++
      await runtime.actor(reducerActor, `actor-${index}`).send(deposit(index))
    }
  }
  await Promise.all(Array.from({ length: CALLERS }, caller))
  await runtime.actor(reducerActor, 'actor-0').send(deposit(0), { until: 'processed' })
  await runtime.close()
}

/** After what is not needed any more has been collected. */
async function heapBytes(): Promise<number> {
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise((turned) => setImmediate(turned))
    globalThis.gc?.()
  }
  return process.memoryUsage().heapUsed
}

const lines = await inDirectory(async (directory) => describeEnvironment(directory))
process.stdout.write(
  `${[...lines, `machine: ${options.machine}; ${options.rounds} interleaved rounds; medians`, ''].join('\n')}\n`,
)
process.stdout.write(`${await throughput()}\n\n${await scale()}\n`)
