/**
 * Bugs in opening a directory that a crash or damage left, planted in the journal's code.
 *
 * Owns: the list. Leaves bugs of writing to `journal-bugs.ts` and of ownership to `owner-bugs.ts`.
 */
import { bugIn } from './source-bug.ts'
import type { SourceBug } from './source-bug.ts'

const damage = 'props-tests/faults/journal-damage.test.ts'
const unit = 'props-tests/unit/persistence/damage.test.ts'
const nextSegment = 'props-tests/regressions/next-segment-under-other-name.test.ts'
const foreignSegment = 'props-tests/regressions/segment-of-another-journal.test.ts'
const frames = 'props-tests/unit/persistence/frame.test.ts'

export const openingBugs: readonly SourceBug[] = [
  bugIn('persistence/tail.ts', ["later: later ? 'yes' : 'no'", "later: 'no'"], {
    name: 'the log ends at the first bad frame, whatever lies behind it',
    hunts: ['journal heads'],
  }),
  bugIn('persistence/tail.ts', ["usedEnd > window ? 'beyond' : 'inside'", "'inside'"], {
    name: 'whatever lies behind the end counts as one torn frame',
    hunts: [damage],
  }),
  bugIn(
    'persistence/segment-reader.ts',
    ['head.salt.low !== facts.salt.low || head.salt.high !== facts.salt.high', 'head.salt.low === -1'],
    {
      name: 'no salt: a frame of another file is taken for one of this',
      hunts: [damage, unit, frames],
    },
  ),
  bugIn(
    'persistence/segment-reader.ts',
    ['frame.head.seq !== seq || frame.head.previousChain !== chain', 'frame.head.seq !== seq'],
    {
      name: 'no chain: a frame need not continue the one before it',
      hunts: [damage, unit, frames],
    },
  ),
  bugIn(
    'persistence/examine.ts',
    [
      "const end = walkAll(reader, { segment, depth: 'bodies' }, (frame) => (newest",
      "const end = walkAll(reader, { segment, depth: 'heads' }, (frame) => (newest",
    ],
    {
      name: 'a frame whose head is whole counts, whatever its body',
      hunts: ['journal crashes'],
    },
  ),
  bugIn(
    'persistence/examine.ts',
    ['const belowFloor = floors.some((floor) => !reaches(segment, end, floor))', 'const belowFloor = false'],
    {
      name: 'what the last owner noted as durable is not asked for',
      hunts: [damage, unit],
    },
  ),
  bugIn('persistence/examine.ts', ['named.lastSeq === end.seq - 1 && named.chain === end.chain', 'true'], {
    name: 'a segment need not continue the one before it',
    hunts: [damage, unit, frames],
  }),
  bugIn(
    'persistence/examine.ts',
    ['if (survey.marker === undefined && floors.length === 0) return', 'return'],
    {
      name: 'a journal whose segments are gone is opened as a new one',
      hunts: [damage, unit],
    },
  ),
  bugIn('persistence/examine.ts', ['  refuseForeign(last.segment, survey, refuse)\n', ''], {
    name: 'the only segment may be that of another journal',
    hunts: [foreignSegment],
  }),
  bugIn('persistence/examine.ts', [' && file.epoch === epoch && file.sizeBytes', ' && file.sizeBytes'], {
    name: 'a file under another owner stands in for the next segment',
    hunts: [nextSegment],
  }),
  bugIn('persistence/examine.ts', ['    if (segment.id !== id) throw missing(id, segment, refuse)\n', ''], {
    name: 'a segment that is missing in the middle is passed over',
    hunts: [damage],
  }),
  bugIn(
    'persistence/clean-up.ts',
    ['if (last === undefined || last.usedEnd <= last.end.position) return undefined', 'return undefined'],
    {
      name: 'a torn tail is thrown away, not set aside',
      hunts: ['props-tests/unit/persistence/clean-up.test.ts'],
    },
  ),
  bugIn(
    'persistence/begin.ts',
    ['    disk.syncDirectory(directory)\n    return writer', '    return writer'],
    {
      name: 'the old file is removed before the name of its copy is synced',
      hunts: ['journal crashes', 'journal deaths'],
    },
  ),
  bugIn('persistence/begin.ts', ['    writer.sync()\n    disk.sync', '    disk.sync'], {
    name: 'the old file is removed before its copy is synced',
    hunts: ['journal crashes', 'journal deaths'],
  }),
  bugIn(
    'persistence/begin.ts',
    ["kind === 'seal') continue", "kind === 'seal' || kind === 'trim') continue"],
    {
      name: 'the copy leaves out where trimmed mailboxes go on',
      hunts: ['journal crashes', 'journal deaths'],
    },
  ),
  bugIn('persistence/begin.ts', ['if (known.surelyDurable && end.position', 'if (end.position'], {
    name: 'a full segment is served though only the cache may have it',
    hunts: ['journal deaths', 'journal crashes'],
  }),
  bugIn('persistence/begin.ts', ['oldestSegment: plan.oldestSegment, wallMs', 'oldestSegment: 1, wallMs'], {
    name: 'an opening forgets which segments may be absent',
    hunts: ['journal deaths', 'journal crashes'],
  }),
  bugIn(
    'persistence/choose-segments.ts',
    [
      'candidates = files.filter((file) => file.id === id).reverse()',
      'candidates = files.filter((file) => file.id === id)',
    ],
    {
      name: 'of two files for one segment the older one counts',
      hunts: ['props-tests/unit/persistence/recovery.test.ts'],
    },
  ),
  bugIn(
    'persistence/choose-segments.ts',
    ["if (end === 'open') return 'complete'", "if (end === 'open' || end !== undefined) return 'complete'"],
    {
      name: 'a copy that a crash cut off counts as complete',
      hunts: ['journal crashes', 'journal deaths'],
    },
  ),
]
