/**
 * A directory at rest, of known content, that is to be damaged.
 *
 * Owns: making one, and knowing after each operation what the journal holds and which bytes prove it.
 * Leaves damage to `damage-strike.ts` and judging to `image-judge.ts`.
 *
 * IM1. The traces of a deed are the bytes that nothing but the whole deed leaves: not the claim of an owner, nor the
 *      seal of a segment whose successor may never have been begun.
 * IM2. The same plan gives the same bytes.
 */
import assert from 'node:assert/strict'
import { chooseLast } from '../choices.ts'
import { bytesOf, filesOf } from '../disk-damage.ts'
import type { PieceOfFile } from '../disk-damage.ts'
import { SimulatedDisk } from '../simulated-disk.ts'
import type { JournalLike, Subject } from './journal-run.ts'
import { LogModel } from './log-model.ts'
import { runOf } from './runs.ts'

/** One thing that the owner of the image did. */
export type Deed =
  | { readonly do: 'commit'; readonly sizes: readonly number[]; readonly eventBytes: number }
  | { readonly do: 'checkpoint'; readonly bytes: number }
  | { readonly do: 'trim'; readonly keep: number }
  | { readonly do: 'idle' }
  | { readonly do: 'release' }
  /** The process is killed and another opens. */
  | { readonly do: 'reopen' }

/** What the journal held after a deed, and what of the deed is left on the disk. */
export interface Step {
  readonly model: LogModel
  readonly traces: readonly PieceOfFile[]
  /** Seals that it wrote, each with the file that was there, in full size, before the seal. */
  readonly seals: readonly (PieceOfFile & { readonly next: string })[]
}

export interface Image {
  readonly name: string
  readonly disk: SimulatedDisk
  readonly steps: readonly Step[]
  /** The disk at rest after each deed, for blocks and files that come back. */
  readonly earlier: readonly SimulatedDisk[]
}

export interface ImagePlan {
  readonly name: string
  readonly deeds: readonly Deed[]
  /** Of two plans with different ones, no bytes of one are valid in the other. */
  readonly life: number
}

/** Makes the image. Whether the owner ended properly is the plan's last deed. */
export function makeImage(subject: Subject, plan: ImagePlan): Image {
  const disk = new SimulatedDisk()
  let [life, model] = [plan.life, LogModel.empty]
  let journal = subject.open(disk, life)
  let steps: Step[] = [{ model, ...left(tracesBetween(new Map(), atRest(disk))) }]
  const earlier = [restingCopy(disk)]
  for (const deed of plan.deeds) {
    const before = atRest(disk)
    if (deed.do === 'reopen') {
      disk.crash()
      disk.restart('kill')
      life += 1
      journal = subject.open(disk, life)
      steps = movedTo(atRest(disk), steps)
    }
    model = carryOut(journal, deed, model)
    steps.push({ model, ...left(tracesBetween(before, atRest(disk))) })
    earlier.push(restingCopy(disk))
  }
  disk.restart('power', chooseLast)
  return { name: plan.name, disk, steps: whatIsLeft(disk, steps), earlier }
}

/** Images of several makings and of three ends. */
export function standardPlans(): ImagePlan[] {
  const small: Deed[] = [
    commit(40),
    commit(200, 90),
    { do: 'checkpoint', bytes: 300 },
    commit(10, 10),
    commit(350),
  ]
  const large: Deed[] = [
    commit(17_000),
    commit(17_000, 400),
    { do: 'checkpoint', bytes: 900 },
    commit(17_000),
    commit(600),
    commit(17_000),
    commit(17_000),
    commit(90, 80),
  ]
  const lives: Deed[] = [
    commit(700),
    { do: 'reopen' },
    commit(60),
    { do: 'reopen' },
    commit(28_000),
    commit(28_000),
    commit(50),
  ]
  const freed: Deed[] = [...large, { do: 'checkpoint', bytes: 60 }, { do: 'trim', keep: 2 }, commit(500)]
  const ends: Deed[][] = [[], [{ do: 'idle' }], [{ do: 'release' }]]
  return Object.entries({ small, large, lives, freed }).flatMap(([name, deeds], i) =>
    ends.map((end, j) => ({
      name: `${name}, ${end[0]?.do ?? 'killed'}`,
      deeds: [...deeds, ...end],
      life: 1 + 20 * (3 * i + j),
    })),
  )
}

function commit(...sizes: number[]): Deed {
  return { do: 'commit', sizes, eventBytes: 20 }
}

function carryOut(journal: JournalLike, deed: Deed, model: LogModel): LogModel {
  switch (deed.do) {
    case 'commit': {
      const runs = deed.sizes.map((size, i) => runOf([1 + i, model.next(1 + i), 2], size))
      const batch = { events: [new Uint8Array(deed.eventBytes).fill(runs.length + model.next(1))], runs }
      journal.commit(batch)
      return model.afterCommit(batch)
    }
    case 'checkpoint': {
      const state = new Uint8Array(deed.bytes).fill(7 + model.next(1))
      journal.checkpoint(state)
      return model.afterCheckpoint(state)
    }
    case 'trim': {
      const firsts = model.firstsToKeep(deed.keep)
      journal.trim(firsts)
      return model.afterTrim(firsts)
    }
    case 'idle':
      journal.idle()
      return model
    case 'release':
      journal.release()
      return model
    case 'reopen':
      return model
  }
}

type Files = ReadonlyMap<string, Uint8Array>

function atRest(disk: SimulatedDisk): Files {
  return new Map(filesOf(disk).map((path) => [path, bytesOf(disk, path)]))
}

function restingCopy(disk: SimulatedDisk): SimulatedDisk {
  const copy = disk.clone()
  copy.restart('power', chooseLast)
  return copy
}

/** In each file, from the first byte that changed to the last. A new file of zeros proves nothing. */
function tracesBetween(before: Files, after: Files): PieceOfFile[] {
  return [...after].flatMap(([path, bytes]) => {
    const old = before.get(path) ?? new Uint8Array(0)
    const differs = (byte: number, i: number): boolean => byte !== (old[i] ?? 0)
    const start = bytes.findIndex(differs)
    return start === -1 ? [] : [{ path, start, end: bytes.findLastIndex(differs) + 1 }]
  })
}

/** Of several segments the newest shows that a deed was done to its end; the others, that they were sealed. */
function left(changed: readonly PieceOfFile[]): Pick<Step, 'traces' | 'seals'> {
  const segments = changed.filter(({ path }) => path.includes('/segment-'))
  const newest = segments.at(-1)
  const notes = changed.filter(({ path }) => path.endsWith('.closed'))
  if (newest === undefined) return { traces: notes, seals: [] }
  const seals = segments.slice(0, -1).map((piece) => ({ ...piece, next: newest.path }))
  return { traces: [...notes, newest], seals }
}

/** An opening copies the last segment: what lay in a file that is gone lies somewhere in the newest one. */
function movedTo(files: Files, steps: readonly Step[]): Step[] {
  const newest = [...files.keys()].findLast((path) => path.includes('/segment-'))
  assert.ok(newest !== undefined)
  const [copied] = tracesBetween(new Map(), new Map([[newest, files.get(newest) ?? new Uint8Array(0)]]))
  return steps.map(({ model, traces, seals }) => {
    const kept = traces.filter(({ path }) => files.has(path))
    const isMoved = kept.length < traces.length && copied !== undefined
    return { model, traces: isMoved ? [...kept, copied] : kept, seals }
  })
}

/** Traces in files that are there in the end. */
function whatIsLeft(disk: SimulatedDisk, steps: readonly Step[]): Step[] {
  const paths = new Set(filesOf(disk))
  const isThere = ({ path }: PieceOfFile): boolean => paths.has(path)
  return steps.map(({ model, traces, seals }) => ({
    model,
    traces: traces.filter(isThere),
    seals: seals.filter((seal) => isThere(seal) && paths.has(seal.next)),
  }))
}

const made = new Map<string, readonly Image[]>()

/** The images of the standard plans; made once for each subject. */
export function standardImages(subject: Subject): readonly Image[] {
  const known = made.get(subject.name)
  if (known !== undefined) return known
  const images = standardPlans().map((plan) => makeImage(subject, plan))
  made.set(subject.name, images)
  return images
}

/** An image of another journal, whose bytes are valid there alone. */
export function foreignImage(subject: Subject): Image {
  const name = `${subject.name}, foreign`
  const [image] = made.get(name) ?? [makeImage(subject, { ...largestPlan(), name, life: 7_000 })]
  assert.ok(image !== undefined)
  made.set(name, [image])
  return image
}

function largestPlan(): ImagePlan {
  const plan = standardPlans().find(({ name }) => name.startsWith('large'))
  assert.ok(plan !== undefined)
  return plan
}
