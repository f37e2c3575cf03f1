/**
 * A read that brings other bytes the second time (a bit that turned over on the way from the disk) must not shorten the log.
 *
 * An opening looks at every frame and its sums, and then walks over the heads again to make its index. Where that second walk
 * met a head that read as bad it ended there, quietly: the messages behind it were missing, and their offsets were given
 * anew. Found by a unit test that bent one read after the other, written for mutants of `recovery.ts`.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { chooseLast } from '../choices.ts'
import { bytesOf, filesOf } from '../disk-damage.ts'
import { CorruptError } from '../../persistence/index.ts'
import { SimulatedDisk } from '../simulated-disk.ts'
import { wrapDisk } from '../support/disk-wrapper.ts'
import { openJournal } from '../support/journal-subject.ts'
import { runOf } from '../support/runs.ts'

const count = 5
const magic = Buffer.from([0x55, 0x4c, 0x46, 0x31])

/** A closed journal whose last segment is left as it is (more than half full), or is copied. */
function closedWith(messageBytes: number): SimulatedDisk {
  const disk = new SimulatedDisk()
  const journal = openJournal(disk, 1)
  for (let i = 0; i < count; i += 1) {
    journal.commit({ events: [Uint8Array.of(i)], runs: [runOf([1, i, 1], messageBytes)] })
  }
  journal.release()
  disk.restart('power', chooseLast)
  return disk
}

/** Within the head of each frame of each segment. */
function headsIn(disk: SimulatedDisk): number[] {
  const paths = filesOf(disk).filter((path) => path.includes('/segment-'))
  return paths.flatMap((path) => {
    const bytes = Buffer.from(bytesOf(disk, path))
    const found: number[] = []
    for (let at = bytes.indexOf(magic); at >= 0; at = bytes.indexOf(magic, at + 1)) found.push(at + 20)
    return found
  })
}

/** `disk`, of whose `nth` read one bit turns over if it holds `position`. */
function bending(disk: SimulatedDisk, position: number, nth: number) {
  const seen = { reads: 0 }
  const read = (file: number, into: Uint8Array, from: number): number => {
    const bytes = disk.read(file, into, from)
    seen.reads += 1
    const at = position - from
    if (seen.reads === nth && at >= 0 && at < bytes) into[at] = (into[at] ?? 0) ^ 1
    return bytes
  }
  return { disk: wrapDisk(disk, { read }), seen }
}

/** What was recovered, in short. */
function told({ recovered }: ReturnType<typeof openJournal>): unknown[] {
  return [recovered.mailboxes.get(1)?.next, recovered.events.map(([event]) => event)]
}

const whole = [count, [0, 1, 2, 3, 4]]

/** One opening with a bent read: what it tells is whole, or it refuses; and the next one finds everything. */
function bentOnce(disk: SimulatedDisk, position: number, nth: number): 'whole' | 'refused' {
  let outcome: 'whole' | 'refused' = 'whole'
  try {
    const journal = openJournal(bending(disk, position, nth).disk, 2)
    assert.deepEqual(told(journal), whole, `byte ${position}, read ${nth}`)
  } catch (error) {
    if (!(error instanceof CorruptError)) throw error
    outcome = 'refused'
  }
  disk.restart('power', chooseLast)
  assert.deepEqual(told(openJournal(disk, 3)), whole, `after byte ${position}, read ${nth}`)
  return outcome
}

for (const [which, messageBytes] of [
  ['left as it is', 9000],
  ['copied', 900],
] as const) {
  it(`G9, RV5: a segment that is ${which} and reads differently the second time is refused, and never cut short`, () => {
    const start = closedWith(messageBytes)
    const opened = start.clone()
    const { disk: counted, seen } = bending(opened, 0, 0)
    assert.deepEqual(told(openJournal(counted, 2)), whole)
    const positions = [...new Set([...headsIn(start), ...headsIn(opened)])]
    const outcomes = positions.flatMap((position) =>
      Array.from({ length: seen.reads }, (_, i) => bentOnce(start.clone(), position, i + 1)),
    )
    assert.ok(outcomes.includes('refused') && outcomes.includes('whole'))
  })
}
