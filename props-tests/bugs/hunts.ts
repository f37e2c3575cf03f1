/**
 * The ways in which a bug is looked for.
 *
 * Owns: which checker runs, with how much, and telling what it found after how many tries.
 * Leaves the checkers to where the tests of the right code have them: these are the same.
 *
 * HU1. The same seed finds the same.
 */
import fc from 'fast-check'
import { bytesOf, filesOf, flipBit } from '../disk-damage.ts'
import type { SimulatedDisk } from '../simulated-disk.ts'
import { allInvariants } from '../invariants/index.ts'
import { CheckFailedError } from '../kit/index.ts'
import { SimulatedRandom } from '../simulated-random.ts'
import { fieldsOfHead, framesIn, judge, makeResting } from '../support/damaged-journal.ts'
import { enumerateCrashes } from '../support/enumerate-crashes.ts'
import { journalProperty } from '../support/journal-commands.ts'
import type { RunKinds } from '../support/journal-commands.ts'
import { JournalRun, ViolationError } from '../support/journal-run.ts'
import type { Subject, Work } from '../support/journal-run.ts'
import { rightSubject } from '../support/journal-subject.ts'
import { backlogRun, backlogTerms } from '../support/backlog-run.ts'
import type { LogModel } from '../support/log-model.ts'
import { rightActors } from '../support/right-actors.ts'
import { carryOut, runtimeProperty } from '../support/runtime-commands.ts'
import type { Bug, RuntimeWork } from '../support/runtime-run.ts'

/** What can be done to find a bug. */
export const huntNames = [
  /** Random commands to the journal, with crashes inside of them. */
  'journal crashes',
  /** The same, with calls of the disk that fail. */
  'journal faults',
  /** The same, on a disk that is full now and then. */
  'journal full disk',
  /** Every crash of small workloads, with every torn outcome. */
  'journal deaths',
  /** A bit turned over in each used piece of a closed journal. */
  'journal damage',
  /** A bit turned over in each field of the head of each frame, of a journal that was idle and of one that was closed. */
  'journal heads',
  /** Random commands to the whole runtime, with crashes inside of them. */
  'runtime crashes',
  /** Actors that do everything right, under `checkActor`. */
  'actor checks',
  /** A burst, and a backlog that nobody takes: what is held of it in memory and on the disk. */
  'runtime backlog',
  /** Commands without a crash and without a fault, in one life: what shows here is no bug of crashes. */
  'journal calm',
  'runtime calm',
] as const

export type HuntName = (typeof huntNames)[number]

export interface Found {
  /** The invariant that was broken, or the title of the test that failed. */
  readonly checker: string
  readonly text: string
  /** Of runs, of openings after a crash, or of tests, the first that showed it. */
  readonly tries: number
}

/** What is looked at: the code as it is, or wrapped wrongly. */
export interface Suspects {
  readonly journal: Subject
  readonly runtime: Bug
}

export const unwrapped: Suspects = { journal: rightSubject, runtime: { name: 'none' } }

/** Looks for a broken invariant; undefined when all hold. */
export async function hunt(
  name: HuntName,
  seed: number,
  { journal, runtime }: Suspects = unwrapped,
): Promise<Found | undefined> {
  switch (name) {
    case 'journal crashes':
      return huntJournal(journal, { crashes: true, faults: false, full: false }, seed)
    case 'journal faults':
      return huntJournal(journal, { crashes: true, faults: true, full: false }, seed)
    case 'journal full disk':
      return huntJournal(journal, { crashes: true, faults: false, full: true }, seed)
    case 'journal deaths':
      return huntDeaths(journal)
    case 'journal damage':
      return huntDamage(journal, seed)
    case 'journal heads':
      return huntHeads(journal)
    case 'runtime crashes':
      return huntRuntime(runtime, seed)
    case 'actor checks':
      return huntActors(seed)
    case 'runtime backlog':
      return huntBacklog(runtime)
    case 'journal calm':
      return calmJournal(journal)
    case 'runtime calm':
      return calmRuntime(runtime)
  }
}

/** Runs within which a bug must be found. The rarest that are listed take some hundreds. */
const journalRuns = 1_500
const runtimeRuns = 600
const actorRuns = 150
const actorDeaths = 300
const actorTimeMs = 40_000

function huntJournal(journal: Subject, kinds: RunKinds, seed: number): Found | undefined {
  const property = journalProperty(journal, kinds)
  return foundIn(fc.check(property, { seed, numRuns: journalRuns, endOnFailure: true }))
}

async function huntRuntime(bug: Bug, seed: number): Promise<Found | undefined> {
  return foundIn(await fc.check(runtimeProperty(bug), { seed, numRuns: runtimeRuns, endOnFailure: true }))
}

async function huntActors(seed: number): Promise<Found | undefined> {
  for (const check of rightActors) {
    try {
      await check({
        seed,
        pictures: false,
        runs: actorRuns,
        deaths: actorDeaths,
        timeLimitMs: actorTimeMs,
        shrinkLimitMs: 0,
      })
    } catch (error) {
      if (!(error instanceof CheckFailedError)) throw error
      const { violation, failure } = error
      return { checker: violation.invariant, text: violation.text, tries: failure.counts.runs }
    }
  }
  return undefined
}

async function huntBacklog(bug: Bug): Promise<Found | undefined> {
  const history = await backlogRun(bug)
  for (const { check } of allInvariants) {
    const violation = check(history, backlogTerms)
    if (violation !== undefined) return { checker: violation.invariant, text: violation.text, tries: 1 }
  }
  return undefined
}

function foundIn<Values>(details: fc.RunDetails<Values>): Found | undefined {
  return details.failed ? foundBy(details.errorInstance, details.numRuns) : undefined
}

/** Only a broken invariant counts: a checker that fell over has found nothing. */
function foundBy(error: unknown, tries: number): Found {
  if (error instanceof ViolationError) return { checker: error.invariant, text: error.message, tries }
  throw error
}

function commit(...sizes: number[]): Work {
  return { do: 'commit', runs: sizes.map((size, i) => ({ mailbox: 1 + i, count: 2, size })), events: [20] }
}

const checkpoint: Work = { do: 'checkpoint', size: 100 }

const workloads: readonly (readonly Work[])[] = [
  [commit(300), commit(700, 100), checkpoint, commit(10)],
  // Two segments are filled; the first, which alone has messages of mailbox 2, is freed.
  [commit(28_000, 30), commit(28_000), commit(20_000), checkpoint, { do: 'trim', keep: 0 }, commit(5)],
  // The last message of the first segment is needed still.
  [commit(28_000), commit(28_000), commit(20_000), checkpoint, { do: 'trim', keep: 3 }, { do: 'read' }],
  [commit(100), { do: 'idle' }, { do: 'release' }, commit(100), { do: 'checkpoint', size: 70_000 }],
]

function huntDeaths(journal: Subject): Found | undefined {
  let openings = 0
  const counted: Subject = {
    name: journal.name,
    open: (disk, life) => {
      openings += 1
      return journal.open(disk, life)
    },
  }
  try {
    for (const workload of workloads) enumerateCrashes(counted, workload, { outcomesMax: 24 })
  } catch (error) {
    return foundBy(error, openings)
  }
  return undefined
}

const pieceBytes = 128

/** One bit of each piece that holds something. A journal that was closed may refuse it, and never be shortened. */
function huntDamage(journal: Subject, seed: number): Found | undefined {
  const { disk, model, shorter } = makeResting(journal, 'released')
  const random = new SimulatedRandom(seed)
  let flips = 0
  for (const path of filesOf(disk)) {
    const bytes = bytesOf(disk, path)
    for (let start = 0; start < bytes.length; start += pieceBytes) {
      const piece = bytes.subarray(start, start + pieceBytes)
      if (isZero(piece)) continue
      flips += 1
      const bit = start * 8 + random.choose(piece.length * 8)
      const found = judgeFlip({ journal, disk, allowed: [model, shorter] }, { path, bit })
      if (found !== undefined) return { ...found, tries: flips }
    }
  }
  return undefined
}

/** Whatever a frame's head says, what lies behind it proves that it was durable; behind the last one lies nothing. */
function huntHeads(journal: Subject): Found | undefined {
  let flips = 0
  for (const end of ['idle', 'released'] as const) {
    const { disk, model, shorter } = makeResting(journal, end)
    for (const place of headsOf(disk)) {
      flips += 1
      const found = judgeFlip({ journal, disk, allowed: [model, shorter] }, place)
      if (found !== undefined) return { ...found, tries: flips }
    }
  }
  return undefined
}

/** A bit of each field of each frame's head. */
function headsOf(disk: SimulatedDisk): readonly { readonly path: string; readonly bit: number }[] {
  return filesOf(disk).flatMap((path) =>
    framesIn(disk, path).flatMap((at) => fieldsOfHead.map((field) => ({ path, bit: (at + field) * 8 }))),
  )
}

function judgeFlip(
  { journal, disk, allowed }: { journal: Subject; disk: SimulatedDisk; allowed: readonly LogModel[] },
  { path, bit }: { path: string; bit: number },
): Found | undefined {
  try {
    const verdict = judge(journal, { disk, allowed }, (copy) => flipBit(copy, path, bit))
    if (verdict !== 'shortened') return undefined
    return { checker: 'silent-truncation', text: `bit ${bit} of ${path}`, tries: 1 }
  } catch (error) {
    return foundBy(error, 1)
  }
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0)
}

/** One life: each opening is followed by the crashes that it must survive. */
function calmJournal(journal: Subject): Found | undefined {
  const run = new JournalRun(journal)
  let steps = 0
  try {
    for (const work of [...workloads.flat(), { do: 'read' } as const]) {
      if (work.do === 'release') continue
      steps += 1
      run.step({ work })
    }
    run.finish()
  } catch (error) {
    return foundBy(error, steps)
  }
  return undefined
}

function plans(
  delayMs: number,
  keys: readonly number[],
): { key: number; padBytes: number; delayMs: number }[] {
  return keys.map((key) => ({ key, padBytes: 30, delayMs }))
}

/** Sends, hand-overs, retries, dead letters, delays and moves: all but an end of the process before the last. */
const calmWork: readonly RuntimeWork[] = [
  { do: 'send', producer: 0, plans: plans(0, [0, 1, 2, 0, 1, 0, 3, 2]) },
  { do: 'send', producer: 0, plans: plans(2_000, [0, 1, 2]) },
  { do: 'advance', ms: 120 },
  { do: 'batch', producer: 1, plans: plans(0, [0, 1, 2]) },
  { do: 'send', producer: 2, plans: plans(0, [0, 1, 2, 3]) },
  { do: 'renew', producer: 0 },
  { do: 'advance', ms: 300 },
  { do: 'send', producer: 0, plans: plans(0, [0, 1, 2, 3, 0, 1]) },
  { do: 'advance', ms: 500 },
  { do: 'send', producer: 1, plans: plans(500, [0, 1, 0, 1]) },
  { do: 'advance', ms: 400 },
]

async function calmRuntime(bug: Bug): Promise<Found | undefined> {
  try {
    await carryOut(
      bug,
      calmWork.map((work) => ({ work })),
    )
  } catch (error) {
    return foundBy(error, 1)
  }
  return undefined
}
