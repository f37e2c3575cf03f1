/**
 * What it costs that actors can be inspected: `npm run bench:inspection`.
 *
 * Owns: the same load three times over in each round: with the code of the inspection taken out of a copy of the build,
 * as it is while nobody looks, and while somebody does. Leaves figures to `figures.ts`. See README.md for how to read it.
 */
import * as fs from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { describeEnvironment } from './environment.ts'
import { median, ratio, table, wholeNumber } from './figures.ts'
import { loadLibrary } from './unlost.ts'

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    events: { type: 'string', default: '200000' },
    directory: { type: 'string', default: 'data' },
    library: { type: 'string', default: 'dist' },
  },
})

/** How many sends are under way. */
const CALLERS = 1_024
const WARMUP_EVENTS = 60_000

/** Where the code of the inspection is run through, and what is left of it without. */
const cuts: readonly (readonly [file: string, from: string, to: string])[] = [
  ['runtime/actor-host.js', 'isShown: hub.inspection.isOn', 'isShown: false'],
  [
    'runtime/inspection.js',
    'if (this.isOn)\n                    this.#show({ actor, event, snapshot: runner.snapshot });',
    '',
  ],
]

interface Tally {
  readonly count: number
}

interface Pace {
  /** From the first call until the turns of all events are on disk. */
  readonly perSecond: number
  /** Of all threads, in microseconds an event: what else goes on in the machine hardly shows in it. */
  readonly cpuUs: number
}

async function pace(folder: string, isLooked: boolean): Promise<Pace> {
  const { openRuntime } = await loadLibrary(folder)
  const door: typeof import('../actors/index.ts') = await import(
    pathToFileURL(resolve(folder, 'actors/index.js')).href
  )
  const tally = door.defineActor('tally', {
    initial: (): Tally => ({ count: 0 }),
    reducer: (state: Tally, _event: { type: 'ADD' }): Tally => ({ count: state.count + 1 }),
  })
  return inDirectory(async (directory) => {
    const runtime = await openRuntime(directory, { actors: [tally] })
    let shown = 0
    if (isLooked) runtime.inspect(() => (shown += 1))
    const actor = runtime.actor(tally, 'one')
    const run = async (events: number): Promise<void> => {
      let next = 0
      const caller = async (): Promise<void> => {
        while (next++ < events) await actor.send({ type: 'ADD' })
      }
      await Promise.all(Array.from({ length: CALLERS }, caller))
      await actor.send({ type: 'ADD' }, { until: 'processed' })
    }
    await run(WARMUP_EVENTS)
    const startMs = performance.now()
    const before = process.cpuUsage()
    await run(Number(options.events))
    const { user, system } = process.cpuUsage(before)
    const perSecond = (Number(options.events) * 1000) / (performance.now() - startMs)
    await runtime.close()
    if (isLooked !== shown > 0) throw new RangeError('what was to be shown was not')
    return { perSecond, cpuUs: (user + system) / Number(options.events) }
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

/** A copy of the build in which nothing asks whether anybody looks. */
function withoutInspection(folder: string): void {
  fs.cpSync(options.library, folder, { recursive: true })
  for (const [file, from, to] of cuts) {
    const path = join(folder, file)
    const text = fs.readFileSync(path, 'utf8')
    if (!text.includes(from)) throw new RangeError(`${file} has no longer what is to be cut: ${from}`)
    fs.writeFileSync(path, text.replace(from, to))
  }
}

await inDirectory(async (folder) => {
  withoutInspection(folder)
  const cases = [
    { title: 'without the code', run: () => pace(folder, false) },
    { title: 'nobody looks', run: () => pace(options.library, false) },
    { title: 'somebody looks', run: () => pace(options.library, true) },
  ]
  const rounds: Pace[][] = []
  for (let round = 0; round < Number(options.rounds); round += 1) {
    const paces: Pace[] = []
    for (const { run } of cases) paces.push(await run())
    rounds.push(paces)
  }
  const rows = cases.map(({ title }, index) => {
    const of = (name: keyof Pace): number[] => rounds.map((round) => round[index]?.[name] ?? Number.NaN)
    const base = rounds.map((round) => round[0]?.cpuUs ?? Number.NaN)
    const ratios = of('cpuUs').map((cpuUs, round) => cpuUs / (base[round] ?? Number.NaN))
    return [
      title,
      wholeNumber(median(of('perSecond'))),
      median(of('cpuUs')).toFixed(2),
      ratio(median(ratios)),
    ]
  })
  const lines = [...describeEnvironment(folder), `${options.rounds} interleaved rounds; medians`, '']
  process.stdout.write(
    `${lines.join('\n')}\n${table([['inspection', 'events/s', 'CPU us each', 'x without'], ...rows])}\n`,
  )
})
