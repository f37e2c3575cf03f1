/**
 * The decisions of recovery, as data: facts that were observed on disk, and the one decision that they allow.
 *
 * Owns: two tables (what a segment file is, what the end of its frames means) and the match of facts with rows.
 * Leaves to `choose-segments.ts` and `tail.ts` observing the facts, and to `recovery.ts` doing what was decided.
 *
 * T1. Every combination of facts matches exactly one row (a test goes through all of them).
 * T2. What a crash can leave is never refused; what a crash cannot leave is never cut.
 * T3. The commits are serial: a later valid frame proves that an earlier one was durable, so a bad one is damage.
 */

import assert from 'node:assert/strict'

/** A row's wish for one fact: one of these values; a fact that is not named may be anything. */
type Pattern<Facts> = { readonly [Name in keyof Facts]?: readonly Facts[Name][] }

export interface Row<Facts, Decision> {
  readonly label: string
  /** The crash or the damage that leaves these facts. */
  readonly cause: string
  readonly when: Pattern<Facts>
  readonly decision: Decision
}

/** What is seen of one segment file, from the oldest id upwards. */
export interface FileFacts {
  /** The first block. `unreadable`: the disk failed to read it. */
  readonly header: 'whole' | 'zero' | 'bad' | 'unreadable'
  /** What follows the first block (looked at only where the header is not whole). */
  readonly rest: 'zero' | 'data'
  /** The epoch in its name, against the epoch of the file chosen for the id before. */
  readonly epoch: 'current' | 'older'
  readonly begun: 'rotation' | 'opening'
  /** Whether the OPEN frame was reached; if not, how the frames before it end. */
  readonly opening: 'complete' | 'cut' | 'damaged'
  /** The file that an opening copied: still there, gone, or never existed. */
  readonly source: 'present' | 'absent' | 'none'
}

/** `use`: it holds the frames of its id. `discard`: nothing confirmed can be in it. `corrupt`: refuse. */
export type FileDecision = 'use' | 'discard' | 'corrupt' | 'unreadable'

export const fileTable: readonly Row<FileFacts, FileDecision>[] = [
  {
    label: 'F-unreadable',
    cause: 'a medium error; never taken for the end',
    when: { header: ['unreadable'] },
    decision: 'unreadable',
  },
  {
    label: 'F-zombie',
    cause: 'an owner that had been replaced went on for one rotation; it could confirm nothing there',
    when: { header: ['whole'], epoch: ['older'] },
    decision: 'discard',
  },
  {
    label: 'F-prepared',
    cause: 'a crash before a prepared file was needed, or while it was being made',
    when: { header: ['zero'], rest: ['zero'] },
    decision: 'discard',
  },
  {
    label: 'F-header-lost',
    cause: 'damage, or another name than it had: every owner syncs the header before any frame',
    when: { header: ['zero', 'bad'], rest: ['data'] },
    decision: 'corrupt',
  },
  {
    label: 'F-header-torn',
    cause: 'a crash while the header was written; no frame can follow',
    when: { header: ['bad'], rest: ['zero'] },
    decision: 'discard',
  },
  {
    label: 'F-rotated',
    cause: 'a segment begun in the run of its owner',
    when: { header: ['whole'], epoch: ['current'], begun: ['rotation'] },
    decision: 'use',
  },
  {
    label: 'F-opened',
    cause: 'a segment begun by an owner that came so far as to serve',
    when: { header: ['whole'], epoch: ['current'], begun: ['opening'], opening: ['complete'] },
    decision: 'use',
  },
  {
    label: 'F-copy-unfinished',
    cause: 'a crash while the last segment was copied; the file that is copied is removed only afterwards',
    when: {
      header: ['whole'],
      epoch: ['current'],
      begun: ['opening'],
      opening: ['cut', 'damaged'],
      source: ['present'],
    },
    decision: 'discard',
  },
  {
    label: 'F-copy-damaged',
    cause: 'damage: the copied file is gone, so the copy had been complete',
    when: {
      header: ['whole'],
      epoch: ['current'],
      begun: ['opening'],
      opening: ['cut', 'damaged'],
      source: ['absent'],
    },
    decision: 'corrupt',
  },
  {
    label: 'F-begin-unfinished',
    cause: 'a crash while an owner began a segment with nothing in it',
    when: { header: ['whole'], epoch: ['current'], begun: ['opening'], opening: ['cut'], source: ['none'] },
    decision: 'discard',
  },
  {
    label: 'F-begin-damaged',
    cause: 'damage: later frames prove that the OPEN frame was durable',
    when: {
      header: ['whole'],
      epoch: ['current'],
      begun: ['opening'],
      opening: ['damaged'],
      source: ['none'],
    },
    decision: 'corrupt',
  },
]

/** What is seen where the frames of a segment end. */
export interface TailFacts {
  readonly read: 'whole' | 'failed'
  /** What stands where the next frame would begin; `seal`: the last frame was a SEAL. */
  readonly ending: 'seal' | 'zero' | 'garbage' | 'cut-body' | 'stranger'
  /** Whether a later segment counts. */
  readonly successor: 'yes' | 'no'
  /** Whether a valid frame of this file, with a higher sequence, lies further on. */
  readonly later: 'yes' | 'no'
  /** How far bytes that are not zero reach: none, inside the one frame that was being written, or beyond it. */
  readonly reach: 'none' | 'inside' | 'beyond'
  /** Whether the end lies below a place that is known to have been durable. */
  readonly floor: 'below' | 'clear'
  /** Whether the file has the size that it was made with. */
  readonly size: 'whole' | 'short'
}

/** `sealed`, `end`: nothing to do. `torn`: set the rest aside. `corrupt`, `unreadable`: refuse. */
export type TailDecision = 'sealed' | 'end' | 'torn' | 'corrupt' | 'unreadable'

const unsealed = ['zero', 'garbage', 'cut-body', 'stranger'] as const
const crashable = ['zero', 'garbage', 'cut-body'] as const
const last = { read: ['whole'], successor: ['no'], floor: ['clear'] } as const

export const tailTable: readonly Row<TailFacts, TailDecision>[] = [
  {
    label: 'T-unreadable',
    cause: 'a medium error; never taken for the end',
    when: { read: ['failed'] },
    decision: 'unreadable',
  },
  {
    label: 'T-below-floor',
    cause: 'damage: the owner that closed noted that more had been durable',
    when: { read: ['whole'], floor: ['below'] },
    decision: 'corrupt',
  },
  {
    label: 'T-sealed',
    cause: 'a rotation or a close; what lies behind a seal is padding',
    when: { read: ['whole'], floor: ['clear'], ending: ['seal'] },
    decision: 'sealed',
  },
  {
    label: 'T-seal-missing',
    cause: 'damage: this segment does not reach its seal, which was synced before the next one began',
    when: { read: ['whole'], floor: ['clear'], successor: ['yes'], ending: [...unsealed] },
    decision: 'corrupt',
  },
  {
    label: 'T-shortened',
    cause: 'damage: a file gets its size before its header, and loses some only after its seal',
    when: { ...last, ending: [...unsealed], size: ['short'] },
    decision: 'corrupt',
  },
  {
    label: 'T-stranger',
    cause:
      'damage: an intact frame of this file at a wrong place; a crash leaves parts of the next frame only',
    when: { ...last, size: ['whole'], ending: ['stranger'] },
    decision: 'corrupt',
  },
  {
    label: 'T-later-frame',
    cause: 'damage: commits are serial, so the bad frame had been durable',
    when: { ...last, size: ['whole'], ending: [...crashable], later: ['yes'] },
    decision: 'corrupt',
  },
  {
    label: 'T-beyond',
    cause: 'damage, or a foreign writer: only one frame was being written',
    when: { ...last, size: ['whole'], ending: [...crashable], later: ['no'], reach: ['beyond'] },
    decision: 'corrupt',
  },
  {
    label: 'T-end',
    cause: 'a crash between two commits',
    when: { ...last, size: ['whole'], ending: ['zero'], later: ['no'], reach: ['none'] },
    decision: 'end',
  },
  {
    label: 'T-torn-start-lost',
    cause: 'a crash while a frame was written: its first sector is missing',
    when: { ...last, size: ['whole'], ending: ['zero'], later: ['no'], reach: ['inside'] },
    decision: 'torn',
  },
  {
    label: 'T-torn',
    cause: 'a crash while a frame was written',
    when: {
      ...last,
      size: ['whole'],
      ending: ['garbage', 'cut-body'],
      later: ['no'],
      reach: ['none', 'inside'],
    },
    decision: 'torn',
  },
]

/** All rows that these facts match; exactly one, by T1. */
export function matches<Facts extends object, Decision>(
  table: readonly Row<Facts, Decision>[],
  facts: Facts,
): Row<Facts, Decision>[] {
  return table.filter((row) => agrees(row.when, facts))
}

/** The one row that decides. */
export function decide<Facts extends object, Decision>(
  table: readonly Row<Facts, Decision>[],
  facts: Facts,
): Row<Facts, Decision> {
  const [row, ...others] = matches(table, facts)
  assert.ok(row !== undefined && others.length === 0, `one row decides ${JSON.stringify(facts)}`)
  return row
}

function agrees<Facts extends object>(when: Pattern<Facts>, facts: Facts): boolean {
  for (const name in when) {
    if (when[name]?.includes(facts[name]) === false) return false
  }
  return true
}
