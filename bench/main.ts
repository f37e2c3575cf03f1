/**
 * The benchmark: `npm run bench`, or `node --import tsx bench/main.ts --rounds 9 --ms 2000`.
 *
 * Owns: the cases, the interleaved rounds and the page that is printed. Leaves each subject, the load and the figures
 * to their files. See README.md for how to read it.
 */
import * as fs from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { describeEnvironment } from './environment.ts'
import { figuresOf, milliseconds, ratio, ratioOf, table, wholeNumber } from './figures.ts'
import { floors } from './floor.ts'
import { runLoad, type Round } from './load.ts'
import type { Contender } from './subject.ts'
import { contenders, loadLibrary } from './unlost.ts'
import { bytesMaker, makingOf } from './values.ts'

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    ms: { type: 'string', default: '1000' },
    /** Before each round: so long until the compiler has seen enough of what is measured. */
    'warm-up-ms': { type: 'string', default: '2000' },
    /** Where data directories are made: the disk that is measured. */
    directory: { type: 'string', default: 'data' },
    library: { type: 'string', default: 'dist' },
    only: { type: 'string', default: '' },
    /** Who made the bytes of a message: see `values.ts`. */
    values: { type: 'string', default: 'pooled' },
  },
})

interface Case {
  readonly title: string
  readonly inFlight: number
  /** The first two are what the others are compared with. */
  readonly contenders: readonly Contender[]
}

const making = makingOf(options.values)
const floor = floors(bytesMaker(making))
const { sends, wholeWay } = contenders(await loadLibrary(options.library), making)
const sendCases = [1, 64, 1024].map((inFlight): Case => {
  return { title: `confirmed sends, ${inFlight} in flight`, inFlight, contenders: [...floor, ...sends] }
})
const wholeWayCase: Case = {
  title: 'the whole way: send, deliver, durable ack; 1024 in flight',
  inFlight: 1024,
  contenders: [...floor, ...wholeWay],
}

const notMeasured = [
  'the latency of deliveries (the p50 and p99 of the whole way are those of its sends)',
  'values of other sizes, keys, headers, schemas, several topics, producers or processes',
  'recovery, backlogs that lie on disk, retention, a disk that fills up',
  'other file systems and disks; what a disk that ignores flushes would give',
]

async function runRound(contender: Contender, inFlight: number): Promise<Round> {
  fs.mkdirSync(options.directory, { recursive: true })
  const directory = fs.mkdtempSync(join(options.directory, 'bench-'))
  try {
    const subject = await contender.open(directory)
    const measureMs = Number(options.ms)
    const warmUpMs = Number(options['warm-up-ms'])
    const round = await runLoad(subject, { inFlight, warmUpMs, measureMs })
    await subject.close()
    return round
  } finally {
    fs.rmSync(directory, { recursive: true, force: true })
  }
}

/** Every contender in every round, so that what disturbs the machine disturbs all alike. */
async function runCase({ title, inFlight, contenders: all }: Case): Promise<void> {
  const rounds = all.map((): Round[] => [])
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const [index, contender] of all.entries()) {
      rounds[index]?.push(await runRound(contender, inFlight))
    }
  }
  const bases = rounds.slice(0, floor.length)
  const rows = all.map((contender, index) => row(contender.name, rounds[index] ?? [], bases))
  print('', table([[title, 'messages/s', 'p50 ms', 'p99 ms', 'x floor', 'x standing'], ...rows]))
}

function row(name: string, rounds: readonly Round[], bases: readonly (readonly Round[])[]): string[] {
  const { perSecond, p50Ms, p99Ms } = figuresOf(rounds)
  const times = [milliseconds(p50Ms), milliseconds(p99Ms)]
  return [name, wholeNumber(perSecond), ...times, ...bases.map((base) => ratio(ratioOf(rounds, base)))]
}

function print(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`)
}

fs.mkdirSync(options.directory, { recursive: true })
const probe = fs.mkdtempSync(join(options.directory, 'bench-'))
print(
  ...describeEnvironment(probe),
  `${options.rounds} interleaved rounds of ${options.ms} ms after ${options['warm-up-ms']} ms of warm-up; values: ${making}; medians`,
)
fs.rmSync(probe, { recursive: true, force: true })
for (const each of [...sendCases, wholeWayCase]) {
  if (each.title.includes(options.only)) await runCase(each)
}
print('', 'Not measured:', ...notMeasured.map((line) => `- ${line}`))
