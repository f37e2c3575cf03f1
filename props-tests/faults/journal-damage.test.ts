import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  bytesOf,
  duplicate,
  filesOf,
  flipBit,
  makeUnreadable,
  overwrite,
  resize,
  vanish,
  zero,
} from '../disk-damage.ts'
import type { SimulatedDisk } from '../simulated-disk.ts'
import { SimulatedRandom } from '../simulated-random.ts'
import { fieldsOfHead, framesIn, judge, makeResting } from '../support/damaged-journal.ts'
import type { RestingJournal, Verdict } from '../support/damaged-journal.ts'
import { ViolationError } from '../support/journal-run.ts'
import type { Subject } from '../support/journal-run.ts'
import { rightSubject } from '../support/journal-subject.ts'
import { runSeed } from '../support/seed.ts'
import { seededBugs } from '../support/seeded-bugs.ts'

/** A damage, by name. */
interface Damage {
  readonly name: string
  readonly strike: (disk: SimulatedDisk) => void
}

const unit = 512

for (const end of ['released', 'idle'] as const) {
  describe(`damage to a journal that was ${end}`, () => {
    const resting = makeResting(rightSubject, end)

    it('G9: a bit that turned over, in each used 128 bytes, is refused or harmless', () => {
      const seen = judgeAll(rightSubject, resting, bitFlips(resting.disk))
      assert.ok((seen.get('refused') ?? 0) > 100, describeAll(seen))
      assert.ok(!seen.has('shortened'), describeAll(seen))
    })

    it('G9: a bit in any field of the head of any frame is refused or harmless', () => {
      const seen = judgeAll(rightSubject, resting, headFlips(resting.disk))
      assert.ok((seen.get('refused') ?? 0) > 60 && !seen.has('shortened'), describeAll(seen))
    })

    it('G9: a unit of zeros is refused or harmless, unless it takes the last frame and the mark behind it', () => {
      const seen = judgeAll(rightSubject, resting, eachUnit(resting.disk, zeroed))
      assert.ok((seen.get('refused') ?? 0) + (seen.get('read-refused') ?? 0) > 100, describeAll(seen))
      assert.ok((seen.get('shortened') ?? 0) <= (end === 'idle' ? 1 : 0), describeAll(seen))
    })

    it('G9: a unit that cannot be read is refused, never taken for the end', () => {
      const seen = judgeAll(rightSubject, resting, eachUnit(resting.disk, unreadable))
      assert.ok(!seen.has('shortened') && (seen.get('refused') ?? 0) > 50, describeAll(seen))
    })

    it('G9: a unit that landed at another place, of this file or the next, is refused or harmless', () => {
      const seen = judgeAll(rightSubject, resting, misdirections(resting.disk))
      assert.ok((seen.get('shortened') ?? 0) <= (end === 'idle' ? 1 : 0), describeAll(seen))
    })

    it('G9 and DJ2: files that are gone, short, long or doubled are refused or harmless', () => {
      const seen = judgeAll(rightSubject, resting, wholeFiles(resting.disk))
      assert.ok((seen.get('refused') ?? 0) > 5 && !seen.has('shortened'), describeAll(seen))
    })
  })
}

describe('damage to a journal that was killed', () => {
  it('DJ1: the last frame alone may pass for a torn one', () => {
    const resting = makeResting(rightSubject, 'killed')
    const last = lastFrame(resting.disk)
    let shortened = 0
    for (const damage of [...bitFlips(resting.disk), ...eachUnit(resting.disk, zeroed)]) {
      const seen = judgeAll(rightSubject, resting, [damage])
      if (!seen.has('shortened')) continue
      shortened += 1
      const [, path, at] = / of (\S+) at (\d+)$/.exec(damage.name) ?? []
      assert.ok(path === last.path && Number(at) >= last.start - unit, damage.name)
    }
    assert.ok(shortened > 0, 'the last frame was hit too')
  })
})

describe('the checker of damage is checked', () => {
  for (const bug of seededBugs.filter(({ trigger }) => trigger === 'damage')) {
    it(`SB1: damage finds the bug: ${bug.name}`, () => {
      const subject = bug.plant(rightSubject)
      const resting = makeResting(subject, 'released')
      assert.throws(() => judgeAll(subject, resting, bitFlips(resting.disk)), ViolationError)
    })
  }
})

function judgeAll(
  subject: Subject,
  resting: RestingJournal,
  damages: readonly Damage[],
): Map<Verdict, number> {
  const { disk, model, shorter } = resting
  const seen = new Map<Verdict, number>()
  for (const { name, strike } of damages) {
    const verdict = named(name, () => judge(subject, { disk, allowed: [model, shorter] }, strike))
    seen.set(verdict, (seen.get(verdict) ?? 0) + 1)
  }
  return seen
}

function named<Result>(name: string, run: () => Result): Result {
  try {
    return run()
  } catch (error) {
    if (error instanceof ViolationError)
      throw new ViolationError(error.invariant, `${name}: ${error.message}`, error)
    throw error
  }
}

function bitFlips(disk: SimulatedDisk): Damage[] {
  const random = new SimulatedRandom(runSeed)
  return filesOf(disk).flatMap((path) =>
    places(disk, path, 128).map((start) => {
      const bit = start * 8 + random.choose(Math.min(128, bytesOf(disk, path).length - start) * 8)
      const strike = (copy: SimulatedDisk): void => {
        flipBit(copy, path, bit)
      }
      return { name: `bit ${bit % 8} of ${path} at ${Math.floor(bit / 8)}`, strike }
    }),
  )
}

function headFlips(disk: SimulatedDisk): Damage[] {
  return filesOf(disk).flatMap((path) =>
    framesIn(disk, path).flatMap((at) =>
      fieldsOfHead.map((field) => ({
        name: `byte ${field} of the head of ${path} at ${at}`,
        strike: (copy: SimulatedDisk): void => {
          flipBit(copy, path, (at + field) * 8)
        },
      })),
    ),
  )
}

function eachUnit(disk: SimulatedDisk, strike: (path: string, start: number) => Damage['strike']): Damage[] {
  return filesOf(disk).flatMap((path) =>
    places(disk, path, unit).map((start) => ({
      name: `unit of ${path} at ${start}`,
      strike: strike(path, start),
    })),
  )
}

const zeroed =
  (path: string, start: number): Damage['strike'] =>
  (disk) => {
    zero(disk, path, { start, end: start + unit })
  }

const unreadable =
  (path: string, start: number): Damage['strike'] =>
  (disk) => {
    makeUnreadable(disk, path, { start, end: start + unit })
  }

/** Each unit with frames in it, copied over one of another place. */
function misdirections(disk: SimulatedDisk): Damage[] {
  const segments = filesOf(disk).filter((path) => path.includes('/segment-'))
  const random = new SimulatedRandom(runSeed)
  return segments.flatMap((from) =>
    places(disk, from, unit).map((start) => {
      const to = segments[random.choose(segments.length)] ?? from
      const spots = places(disk, to, unit)
      const position = (spots[random.choose(Math.max(1, spots.length))] ?? 0) + 8 * random.choose(3)
      const bytes = bytesOf(disk, from).slice(start, start + unit)
      const strike = (copy: SimulatedDisk): void => {
        overwrite(copy, to, { position, bytes })
      }
      return { name: `unit of ${from} at ${start}, put into ${to} at ${position}`, strike }
    }),
  )
}

function wholeFiles(disk: SimulatedDisk): Damage[] {
  return filesOf(disk).flatMap((path): Damage[] => {
    const size = bytesOf(disk, path).length
    const another = path.replace(/\d(?=-\d+$)|\d$/, '9')
    return [
      { name: `${path} is gone`, strike: (copy) => vanish(copy, path) },
      { name: `${path} is empty`, strike: (copy) => resize(copy, path, 0) },
      { name: `${path} is half`, strike: (copy) => resize(copy, path, size >> 1) },
      { name: `${path} lacks a unit`, strike: (copy) => resize(copy, path, Math.max(0, size - unit)) },
      { name: `${path} is longer`, strike: (copy) => resize(copy, path, size + unit) },
      { name: `${path} is there as ${another} too`, strike: (copy) => duplicate(copy, path, another) },
    ]
  })
}

/** Starts of all pieces that hold something. */
function places(disk: SimulatedDisk, path: string, piece: number): number[] {
  const bytes = bytesOf(disk, path)
  const starts = Array.from({ length: Math.ceil(bytes.length / piece) }, (_, i) => i * piece)
  return starts.filter((start) => bytes.subarray(start, start + piece).some((byte) => byte !== 0))
}

function describeAll(seen: ReadonlyMap<Verdict, number>): string {
  return JSON.stringify([...seen])
}

/** The file that was written last, and about where its last data frame begins. */
function lastFrame(disk: SimulatedDisk): { path: string; start: number } {
  const segments = filesOf(disk).filter((path) => path.includes('/segment-'))
  const path = segments.findLast((name) => places(disk, name, unit).length > 0) ?? ''
  const end = bytesOf(disk, path).findLastIndex((byte) => byte !== 0)
  return { path, start: end - 800 }
}
