/**
 * What an opening makes of a damaged image, and whether that is right.
 *
 * Owns: the verdicts, and the rule for what damage may take. Leaves making and damaging to others.
 *
 * IJ1. Damage is refused by name, with file and byte range, at the opening or by the read that meets it; or everything
 *      is there. Content is never other than it was written.
 * IJ2. The log may end earlier only where every trace of everything after that end was hit: then nothing on the disk
 *      tells this from a crash (the last frames before a kill), or from an older copy of the whole directory.
 *      By the same rule it is another journal's log only where nothing of this one is left, its marker included.
 * IJ3. A refusal changes no segment.
 * IJ4. No length on the disk makes a reader take more memory than a frame may have, nor read without end.
 * IJ5. Where everything is there, the journal goes on: it takes more, and all of it survives a power cut.
 * IJ6. Damage that comes while the journal is open is refused by the read that meets it.
 */
import { CorruptError, UnlostError } from '../../persistence/index.ts'
import type { Disk } from '../../persistence/index.ts'
import { bytesOf, filesOf } from '../disk-damage.ts'
import type { PieceOfFile } from '../disk-damage.ts'
import { SimulatedDiskError } from '../disk-errors.ts'
import type { SimulatedDisk } from '../simulated-disk.ts'
import { compareWith, segmentsOf } from './damaged-journal.ts'
import { directory } from './journal-subject.ts'
import { strike } from './damage-strike.ts'
import type { Damage } from './damage-strike.ts'
import { watchDisk } from './disk-wrapper.ts'
import type { Image } from './image.ts'
import type { JournalLike, Subject } from './journal-run.ts'
import type { LogModel } from './log-model.ts'
import { runOf } from './runs.ts'
import { ViolationError } from './violation.ts'

/**
 * `last-frames-lost`: nothing proves any more that they had been there. `another-journal`: all that told of this one is
 * gone, and what lies there is a state of the foreign one.
 */
export type ImageVerdict = 'refused' | 'read-refused' | 'harmless' | 'last-frames-lost' | 'another-journal'

export interface DamagedImage {
  readonly image: Image
  readonly foreign: Image
  readonly damages: readonly Damage[]
}

/** A piece of the scan for later frames, and a frame of the smallest segments, with room to spare. */
const READ_BYTES_MAX = 1024 * 1024 + 64 * 1024
const CALLS_MAX = 20_000

/** Throws `ViolationError`. */
export function judgeImage(subject: Subject, { image, foreign, damages }: DamagedImage): ImageVerdict {
  const disk = image.disk.clone()
  for (const damage of damages) strike(disk, damage, { earlier: image.earlier, foreign: foreign.disk })
  const damaged = disk.clone()
  const journal = openOrRefuse(subject, disk)
  if (journal === undefined) {
    assertUnchanged(damaged, disk)
    return 'refused'
  }
  if (isAnother(journal, { image, foreign, damaged })) return 'another-journal'
  const found = stateOf(journal, image, damaged)
  if (found.model === image.steps.at(-1)?.model && found.refusedReads === 0)
    goOn(subject, { disk, journal, model: found.model })
  return found.verdict
}

/**
 * Damage that comes while the journal is open: each read gives what was written, or refuses. What an owner holds open
 * stays readable to it, whatever becomes of the name. Throws `ViolationError`.
 */
export function judgeLive(subject: Subject, { image, foreign, damages }: DamagedImage): ImageVerdict {
  const disk = image.disk.clone()
  const journal = subject.open(bounded(disk), 900)
  const model = image.steps.at(-1)?.model
  for (const damage of damages) strike(disk, damage, { earlier: image.earlier, foreign: foreign.disk })
  if (model === undefined) return 'harmless'
  const { found, refusedReads } = compareWith(journal, model)
  const [first] = found
  if (first !== undefined) throw new ViolationError(first.invariant, `${first.text}, read while it was open`)
  return refusedReads > 0 ? 'read-refused' : 'harmless'
}

function openOrRefuse(subject: Subject, disk: SimulatedDisk): JournalLike | undefined {
  try {
    return subject.open(bounded(disk), 900)
  } catch (error) {
    if (error instanceof ViolationError) throw error
    if (error instanceof CorruptError) assertNamed(error)
    // The journal's thread gives what the disk says of the owner files its type; here it comes as it is.
    if (error instanceof UnlostError || error instanceof SimulatedDiskError) return undefined
    throw new ViolationError('untyped-error', String(error), error)
  }
}

/** A disk that a reader cannot ask for too much. */
function bounded(disk: SimulatedDisk): Disk {
  let calls = 0
  const watched = watchDisk(disk, () => {
    calls += 1
    if (calls > CALLS_MAX) throw new ViolationError('hang', `more than ${CALLS_MAX} calls`)
  })
  return {
    ...watched,
    read: (file, into, position) => {
      if (into.length > READ_BYTES_MAX)
        throw new ViolationError('unbounded', `a read of ${into.length} bytes`)
      return watched.read(file, into, position)
    },
  }
}

function assertNamed({ damage }: CorruptError): void {
  const { file, start, end, reason } = damage
  const isNamed = file !== '' && reason !== '' && start >= 0 && end >= start && Number.isSafeInteger(end)
  if (!isNamed) throw new ViolationError('vague-refusal', JSON.stringify(damage))
  for (const { first, last } of damage.offsets) {
    if (!(last >= first)) throw new ViolationError('vague-refusal', JSON.stringify(damage))
  }
}

function assertUnchanged(before: SimulatedDisk, after: SimulatedDisk): void {
  const left = segmentsOf(after)
  for (const [path, bytes] of segmentsOf(before)) {
    if (left.get(path)?.equals(bytes) !== true)
      throw new ViolationError('evidence-destroyed', `a refusal changed ${path}`)
  }
}

interface FoundState {
  readonly verdict: ImageVerdict
  readonly model: LogModel
  readonly refusedReads: number
}

/** The newest state of the image that the journal shows, if it may show it. */
function stateOf(journal: JournalLike, image: Image, damaged: SimulatedDisk): FoundState {
  const { steps } = image
  const whole = steps.at(-1)
  for (const [i, { model }] of [...steps.entries()].reverse()) {
    const { found, refusedReads } = compareWith(journal, model)
    if (found.length > 0) continue
    if (model === whole?.model)
      return { verdict: refusedReads > 0 ? 'read-refused' : 'harmless', model, refusedReads }
    const proof = proofIn(image, steps.slice(i + 1), damaged)
    if (proof === undefined) return { verdict: 'last-frames-lost', model, refusedReads }
    throw new ViolationError('silent-truncation', `${spell(proof)} was whole, and proves that there was more`)
  }
  const [first] = whole === undefined ? [] : compareWith(journal, whole.model).found
  throw new ViolationError(first?.invariant ?? 'silent-corruption', first?.text ?? 'no state fits')
}

/** Whether nothing is left of the image, and the journal shows a state of the foreign one. */
function isAnother(
  journal: JournalLike,
  { image, foreign, damaged }: { image: Image; foreign: Image; damaged: SimulatedDisk },
): boolean {
  const marker = { path: `${directory}/journal`, start: 0, end: Number.POSITIVE_INFINITY }
  if (isUntouched(marker, image.disk, damaged) || proofIn(image, image.steps, damaged) !== undefined)
    return false
  return foreign.steps.some(({ model }) => compareWith(journal, model).found.length === 0)
}

/** What is left of these steps and can be there only because all before them had been durable. */
function proofIn({ disk }: Image, steps: Image['steps'], damaged: SimulatedDisk): PieceOfFile | undefined {
  const trace = steps.flatMap(({ traces }) => traces).find((one) => isUntouched(one, disk, damaged))
  if (trace !== undefined) return trace
  return steps
    .flatMap(({ seals }) => seals)
    .find((seal) => isUntouched(seal, disk, damaged) && sizeIn(damaged, seal.next) < sizeIn(disk, seal.next))
}

function sizeIn(world: SimulatedDisk, path: string): number {
  return filesOf(world).includes(path) ? bytesOf(world, path).length : 0
}

function isUntouched(
  { path, start, end }: PieceOfFile,
  image: SimulatedDisk,
  damaged: SimulatedDisk,
): boolean {
  if (!filesOf(damaged).includes(path)) return false
  const [before, now] = [image, damaged].map((disk) => bytesOf(disk, path).subarray(start, end))
  return before !== undefined && now !== undefined && Buffer.compare(before, now) === 0
}

function spell({ path, start, end }: PieceOfFile): string {
  return `${path} at ${start}..${end}`
}

function goOn(subject: Subject, at: { disk: SimulatedDisk; journal: JournalLike; model: LogModel }): void {
  const { disk, journal, model } = at
  const batch = { events: [Buffer.from('more')], runs: [runOf([1, model.next(1), 1], 90)] }
  try {
    journal.commit(batch)
  } catch (error) {
    throw new ViolationError('stuck', `it opened, and takes nothing: ${String(error)}`, error)
  }
  disk.restart('power')
  const [first] = compareWith(subject.open(disk, 901), model.afterCommit(batch)).found
  if (first !== undefined) throw new ViolationError(first.invariant, `${first.text} after the next life`)
}
