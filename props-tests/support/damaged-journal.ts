/**
 * A journal at rest that is damaged and opened again.
 *
 * Owns: making one of known content, and judging what an opening makes of damage.
 * Leaves to `faults/journal-damage.test.ts` the list of damages.
 *
 * DJ1. Damage is refused with a typed error, at the opening or by the read that meets it, or it changes nothing that
 *      can be seen. It never shortens the log, and no read gives other bytes than were written.
 * DJ2. A refusal changes no segment.
 */
import { CorruptError, UnlostError } from '../../persistence/index.ts'
import type { Run } from '../../persistence/index.ts'
import { bytesOf, filesOf } from '../disk-damage.ts'
import { SimulatedDiskError } from '../disk-errors.ts'
import { SimulatedDisk } from '../simulated-disk.ts'
import { chooseLast } from '../choices.ts'
import { ViolationError } from './journal-run.ts'
import type { JournalLike, Subject } from './journal-run.ts'
import { LogModel } from './log-model.ts'
import type { Shown } from './log-model.ts'
import { runOf } from './runs.ts'

/** What an opening made of the damage. */
export type Verdict = 'refused' | 'read-refused' | 'harmless' | 'shortened'

export interface RestingJournal {
  readonly disk: SimulatedDisk
  readonly model: LogModel
  /** Without its last batch: what a torn last frame may leave, where nothing says that it had been durable. */
  readonly shorter: LogModel
}

/** A journal of three segments, with state and a checkpoint; ended by a release, an idle mark, or a kill. */
export function makeResting(subject: Subject, end: 'released' | 'idle' | 'killed'): RestingJournal {
  const disk = new SimulatedDisk()
  const journal = subject.open(disk, 1)
  let [model, shorter] = [LogModel.empty, LogModel.empty]
  for (let i = 0; i < 9; i += 1) {
    const size = i % 3 === 2 ? 600 : 17_000
    const batch = { events: [Buffer.from(`event ${i}`)], runs: [runOf([1 + (i % 2), 2 * (i >> 1), 2], size)] }
    journal.commit(batch)
    shorter = model
    model = model.afterCommit(batch)
    if (i !== 3) continue
    journal.checkpoint(Buffer.alloc(900, 7))
    model = model.afterCheckpoint(Buffer.alloc(900, 7))
  }
  if (end === 'released') journal.release()
  if (end === 'idle') journal.idle()
  disk.restart('power', chooseLast)
  return { disk, model, shorter }
}

/**
 * Opens a copy after `damage` and judges it. `allowed` are the states that may be found; all but the first are told as
 * `shortened`. Throws `ViolationError`.
 */
export function judge(
  subject: Subject,
  resting: { readonly disk: SimulatedDisk; readonly allowed: readonly LogModel[] },
  damage: (disk: SimulatedDisk) => void,
): Verdict {
  const disk = resting.disk.clone()
  damage(disk)
  const before = segmentsOf(disk)
  const journal = openOrRefuse(subject, disk)
  if (journal === undefined) {
    const changed = [...before].filter(([path, bytes]) => segmentsOf(disk).get(path)?.equals(bytes) !== true)
    if (changed.length === 0) return 'refused'
    throw new ViolationError(
      'evidence-destroyed',
      `a refusal changed ${changed.map(([path]) => path).join(', ')}`,
    )
  }
  const results = resting.allowed.map((model) => compareWith(journal, model))
  const match = results.find(({ found }) => found.length === 0)
  if (match !== undefined && match !== results[0]) return 'shortened'
  if (match !== undefined) return match.refusedReads > 0 ? 'read-refused' : 'harmless'
  const [first] = results[0]?.found ?? []
  throw new ViolationError(first?.invariant ?? 'silent-corruption', first?.text ?? 'no state fits')
}

/** Where the frames of a file begin, as their first bytes show. */
export function framesIn(disk: SimulatedDisk, path: string): number[] {
  const bytes = Buffer.from(bytesOf(disk, path))
  const found: number[] = []
  for (let at = bytes.indexOf('ULF1'); at >= 0; at = bytes.indexOf('ULF1', at + 1)) {
    if (at % 8 === 0) found.push(at)
  }
  return found
}

/** Fields of a frame's head, by their place in it: magic, sum, salt, sequence, bytes of the payload, chain. */
export const fieldsOfHead: readonly number[] = [0, 4, 8, 16, 40, 44]

function openOrRefuse(subject: Subject, disk: SimulatedDisk): JournalLike | undefined {
  try {
    return subject.open(disk, 2)
  } catch (error) {
    // The journal's thread gives what the disk says of the owner files its type; here it comes as it is.
    if (error instanceof UnlostError || error instanceof SimulatedDiskError) return undefined
    throw new ViolationError('untyped-error', String(error), error)
  }
}

/** Compares all that can be read; a read that is refused by name is no difference. */
export function compareWith(
  journal: JournalLike,
  model: LogModel,
): { found: { invariant: string; text: string }[]; refusedReads: number } {
  let refusedReads = 0
  const runs = new Map<number, Run[]>()
  for (const [mailbox, expected] of model.runs()) {
    const seen = expected.map((run) => {
      const read = readOrRefuse(journal, run)
      if (read === 'refused') refusedReads += 1
      return read === 'refused' ? run : read
    })
    runs.set(mailbox, seen)
  }
  return { found: model.differences({ recovered: neededOf(journal, model), runs }), refusedReads }
}

/** What was trimmed and is still there is not looked at. */
function neededOf({ recovered }: JournalLike, model: LogModel): Shown {
  const needed = model.asRecovered().mailboxes
  const ranges = [...recovered.mailboxes].map(([id, { first, next }]) => {
    return [id, { first: Math.max(first, Math.min(needed.get(id)?.first ?? 0, next)), next }] as const
  })
  return { ...recovered, mailboxes: new Map(ranges) }
}

function readOrRefuse(journal: JournalLike, run: Run): Run | 'refused' {
  try {
    const [read] = journal.read(run.mailbox, run.firstOffset, 1)
    return read ?? { ...run, bytes: new Uint8Array(0) }
  } catch (error) {
    if (error instanceof CorruptError) return 'refused'
    throw new ViolationError('untyped-error', String(error), error)
  }
}

/** All segments, by path. */
export function segmentsOf(disk: SimulatedDisk): Map<string, Buffer> {
  const paths = filesOf(disk).filter((path) => path.includes('/segment-'))
  return new Map(paths.map((path) => [path, Buffer.from(bytesOf(disk, path))]))
}
