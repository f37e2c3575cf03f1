/**
 * An owner at work is stopped at a chosen moment, replaced, continued; and judged with all that came before and after.
 *
 * Owns: the story of one trial. Leaves the moment to `takeover-moment.ts`, the guarantees to `kill-witness.ts`.
 *
 * TT1. The owner is stopped for sure, in all its threads, while its directory is looked at and until it is continued.
 * TT2. What the owner says late (its commit was durable before it was stopped) counts like what it said before: the
 *      new owner must have it. What it began to send after it was continued is confirmed never.
 * TT3. The new owner works while the old one wakes up; a third one finds what the new one left, and nothing else.
 */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import type { SimulatedRandom } from '../index.ts'
import { ChildLife } from './child-process.ts'
import type { End } from './child-process.ts'
import { Witness } from './kill-witness.ts'
import type { Line, Orders } from './kill-words.ts'
import { lookAtDirectory } from './takeover-moment.ts'
import type { DirectorySight, Moment } from './takeover-moment.ts'

export interface TrialPlan {
  readonly directory: string
  /** `none`: any moment. */
  readonly moment: Moment
  readonly random: SimulatedRandom
  /** Let the old owner confirm before it writes. Default false. */
  readonly early?: boolean
}

/** What happened, for the record. */
export interface TrialReport {
  readonly sight: DirectorySight
  /** How often the owner was stopped until the moment was met. */
  readonly stops: number
  readonly wokenAfter: string
  readonly confirmedBefore: number
  /** Confirmations of what was durable before the stop, heard after it. */
  readonly confirmedLate: number
  readonly refusedAfter: number
}

const OWNER_SENDS = 1_000_000
const TAKER_SENDS = 60
const FIRST_STOP_MAX = 300
const SLICE_MAX_MS = 4
const STOPS_MAX = 4_000

/** Rejects where a guarantee breaks, or where the moment was never met. */
export async function takeoverTrial(plan: TrialPlan): Promise<TrialReport> {
  const owner = new Owner(plan)
  try {
    return await judge(plan, owner)
  } finally {
    owner.end()
  }
}

async function judge(plan: TrialPlan, owner: Owner): Promise<TrialReport> {
  const { directory, random } = plan
  await owner.untilConfirmed(1 + random.choose(FIRST_STOP_MAX))
  const { sight, stops } = await stopAt(plan, owner)
  await owner.drainPipe()
  const [before, confirmedBefore] = [owner.lines.length, owner.confirmed.length]
  const known = new Witness()
  for (const line of owner.lines) known.note(line)
  const wakeAfter = random.choose(3) === 0 ? Infinity : random.choose(TAKER_SENDS * 4)
  const taker = await takeOver({ directory, again: known.unknown }, { owner, wakeAfter })
  if (wakeAfter === Infinity) owner.wake()
  const end = await owner.over()
  const refusedAfter = checkLate(owner.lines.slice(before))
  assert.equal(end.code, 0, `the old owner: ${end.stderr}`)
  const witness = new Witness()
  for (const line of [...owner.lines.filter(isTold), ...taker]) witness.note(line)
  await checkThird(directory, witness)
  witness.checkDrained()
  const wokenAfter = wakeAfter === Infinity ? 'the end' : `${wakeAfter} lines`
  const confirmedLate = owner.confirmed.length - confirmedBefore
  return { sight, stops, wokenAfter, confirmedBefore, confirmedLate, refusedAfter }
}

/** Lets the owner run in small slices until a stop meets the moment. */
async function stopAt(
  { directory, moment, random }: TrialPlan,
  owner: Owner,
): Promise<{ sight: DirectorySight; stops: number }> {
  for (let stops = 1; stops <= STOPS_MAX; stops += 1) {
    owner.stop()
    const sight = lookAtDirectory(directory)
    if (moment === 'none' || sight.moment === moment) return { sight, stops }
    owner.wake()
    spin(random.fraction() * SLICE_MAX_MS)
    await owner.drainPipe()
  }
  return assert.fail(`${moment} was never met in ${STOPS_MAX} stops`)
}

/** All that a zombie may say: what was durable before; that it was replaced; and no new confirmation. */
function checkLate(lines: readonly Line[]): number {
  const begun = new Set<string>()
  let refused = 0
  for (const line of lines) {
    if (line.say === 'sending') begun.add(line.order.id)
    if (line.say === 'confirmed')
      assert.ok(!begun.has(line.id), `zombie: ${line.id} was sent after the stop and confirmed`)
    if (line.say === 'refused') {
      refused += 1
      assert.equal(line.code, 'UNLOST_FENCED', `a zombie's send was refused by another name: ${line.outcome}`)
    }
    if (line.say === 'broken') assert.match(line.what, /^UNLOST_FENCED/, 'a zombie breaks by this name only')
  }
  assert.ok(refused > 0, 'zombie: the old owner was continued, and nothing that it sent was refused')
  return refused
}

/** Refusals are expected of a zombie, and judged by `checkLate`; that it stood still for long is no news. */
function isTold({ say }: Line): boolean {
  return say !== 'refused' && say !== 'broken' && say !== 'stalled'
}

interface Waking {
  readonly owner: Owner
  /** After so many lines of the new owner the old one is continued. */
  readonly wakeAfter: number
}

async function takeOver(
  { directory, again }: Pick<Orders, 'directory' | 'again'>,
  { owner, wakeAfter }: Waking,
): Promise<Line[]> {
  const lines: Line[] = []
  const orders: Orders = { mode: 'work', directory, life: 2, again, takeover: true, sends: TAKER_SENDS }
  const onLine = (line: unknown): void => {
    lines.push(line as Line)
    // Not before it is open: until then nobody was replaced.
    if (lines.length === Math.max(2, wakeAfter)) owner.wake()
  }
  const { code, stderr } = await new ChildLife({ script: 'kill-child.ts', orders, onLine }).over
  assert.equal(code, 0, `the new owner: ${stderr}`)
  if (lines.length < wakeAfter && wakeAfter !== Infinity) owner.wake()
  assert.equal(lines.at(-1)?.say, 'done')
  return lines
}

async function checkThird(directory: string, witness: Witness): Promise<void> {
  const orders: Orders = { mode: 'drain', directory, life: 3, again: [], sends: 0 }
  const lines: Line[] = []
  const onLine = (line: unknown): void => void lines.push(line as Line)
  const { code, stderr } = await new ChildLife({ script: 'kill-child.ts', orders, onLine }).over
  assert.equal(code, 0, `the third owner: ${stderr}`)
  for (const line of lines) {
    assert.ok(line.say !== 'began' || line.group === 'reader', `${JSON.stringify(line)} was done already`)
    witness.note(line)
  }
}

/** The old owner. */
class Owner {
  readonly lines: Line[] = []
  readonly confirmed: string[] = []
  readonly #child: ChildLife
  #pid = 0
  #onLine: () => void = () => {}
  #isOver = false

  constructor({ directory, early = false }: TrialPlan) {
    const common = { mode: 'work', directory, life: 1, again: [], early } as const
    const orders: Orders = { ...common, isEndless: true, sends: OWNER_SENDS }
    const onLine = (line: unknown): void => this.#note(line as Line)
    this.#child = new ChildLife({ script: 'kill-child.ts', orders, onLine })
  }

  #note(line: Line): void {
    if (line.say === 'opening') this.#pid = line.pid
    if (line.say === 'confirmed') this.confirmed.push(line.id)
    this.lines.push(line)
    this.#onLine()
  }

  async untilConfirmed(count: number): Promise<void> {
    const died = this.over().then(({ stderr }) => assert.fail(`the old owner ended by itself: ${stderr}`))
    while (this.confirmed.length < count) {
      const told = new Promise<void>((resolve) => (this.#onLine = resolve))
      await Promise.race([told, died])
    }
    died.catch(() => undefined)
  }

  stop(): void {
    this.#child.signal('SIGSTOP')
    while (!isStopped(this.#pid));
  }

  wake(): void {
    this.#child.signal('SIGCONT')
  }

  /** Reads what lies in the pipe: turns the event loop until nothing more comes. */
  async drainPipe(): Promise<void> {
    for (let seen = -1; seen !== this.lines.length;) {
      seen = this.lines.length
      for (let turns = 0; turns < 3; turns += 1) await new Promise((resolve) => setImmediate(resolve))
    }
  }

  async over(): Promise<End> {
    const end = await this.#child.over
    this.#isOver = true
    return end
  }

  end(): void {
    if (!this.#isOver) this.#child.signal('SIGKILL')
  }
}

/** Whether every thread stands. A call into the disk that is under way ends first. */
function isStopped(pid: number): boolean {
  return fs.readdirSync(`/proc/${pid}/task`).every((thread) => {
    const stat = fs.readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8')
    return /^[Tt]/.test(stat.slice(stat.lastIndexOf(')') + 2))
  })
}

/** Lets a little time pass that no event of the child decides. */
function spin(ms: number): void {
  const endMs = performance.now() + ms
  while (performance.now() < endMs);
}
