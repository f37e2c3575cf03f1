/**
 * Bugs in writing, freeing and reading the journal, planted in its code.
 *
 * Owns: the list. Leaves bugs of opening to `opening-bugs.ts` and of ownership to `owner-bugs.ts`.
 */
import { bugIn } from './source-bug.ts'
import type { SourceBug } from './source-bug.ts'

const damage = 'props-tests/faults/journal-damage.test.ts'

export const journalBugs: readonly SourceBug[] = [
  bugIn('persistence/appender.ts', ["this.#status = 'broken'", "this.#status = 'open'"], {
    name: 'a failed sync is forgotten: the journal goes on in the same file',
    hunts: ['journal faults'],
  }),
  bugIn('persistence/appender.ts', ['this.#guarded(() => this.#writer.erase(frameBytes))', ''], {
    name: 'a frame that found the disk full half way is left where it is',
    hunts: ['journal faults', 'journal full disk', 'props-tests/unit/persistence/journal.test.ts'],
  }),
  bugIn(
    'persistence/appender.ts',
    [
      "this.#writer.write(plainDraft(u64(space.nextBytes)), this.#label({ kind: 'seal', flags: 0 }))\n      this.#writer.sync()",
      "this.#writer.write(plainDraft(u64(space.nextBytes)), this.#label({ kind: 'seal', flags: 0 }))",
    ],
    { name: 'the next segment is begun before the seal of the last is synced', hunts: ['journal deaths'] },
  ),
  bugIn('persistence/appender.ts', ['      onSegment(this.#writer.segment)\n', ''], {
    name: 'a new segment is written but never told to the readers',
    hunts: ['journal crashes', 'journal deaths'],
    showsInCalm: true,
  }),
  bugIn(
    'persistence/segment-writer.ts',
    ['disk.write(file, block, 0)\n      disk.sync(file)', 'disk.write(file, block, 0)'],
    {
      name: 'frames are written before the header of their file is synced',
      hunts: ['journal deaths', 'journal crashes'],
    },
  ),
  bugIn(
    'persistence/segment-writer.ts',
    [
      'this.#disk.write(this.#file, frame, this.#position)\n    this.#advance(frame.length, chain)',
      'this.#advance(frame.length, chain)\n    this.#disk.write(this.#file, frame, this.#position - frame.length)',
    ],
    {
      name: 'the place of a frame is counted as taken before it is written',
      hunts: ['journal faults', 'journal full disk'],
    },
  ),
  bugIn('persistence/spare-segments.ts', ['disk.syncDirectory(order.directory)', ''], {
    name: 'a file that was made ahead is used before its name is synced',
    hunts: ['journal deaths', 'journal crashes'],
  }),
  bugIn(
    'persistence/small-file.ts',
    [
      'fillZeros(disk, file, { start: at, end })\n      disk.sync(file)\n',
      'fillZeros(disk, file, { start: at, end })\n',
    ],
    {
      name: 'a file of zeros is used before its size is synced',
      hunts: ['journal deaths', 'journal crashes'],
    },
  ),
  bugIn(
    'persistence/journal.ts',
    [
      'const drafts = trimDrafts(index',
      'for (const { path } of segments.dropBefore(oldest)) this.#place.disk.remove(path)\n    const drafts = trimDrafts(index',
    ],
    { name: 'segments are removed before the frame that allows it is durable', hunts: ['journal deaths'] },
  ),
  bugIn('persistence/mailbox-index.ts', ['reach.next > first)', 'reach.next > first + 1)'], {
    name: 'a trim frees the last message that is needed',
    hunts: ['journal deaths', 'journal crashes'],
  }),
  bugIn(
    'persistence/mailbox-index.ts',
    ['if (lastSegment < oldestKept) found', 'if (lastSegment < oldestKept - 1) found'],
    {
      name: 'the next offset of a mailbox is forgotten with its last segment, and used again',
      hunts: ['journal deaths'],
    },
  ),
  bugIn('persistence/trim.ts', ['ledger.oldestState ?? activeId, activeId)', 'activeId)'], {
    name: 'a trim frees a segment whose events no checkpoint holds yet',
    hunts: ['journal deaths', 'journal crashes', 'props-tests/unit/persistence/journal-state.test.ts'],
  }),
  bugIn('persistence/ledger.ts', ['    if ((flags & flagLastPart) === 0) return\n', ''], {
    name: 'a checkpoint counts before its last part is durable',
    hunts: ['journal deaths', 'journal crashes'],
  }),
  bugIn('persistence/ledger.ts', ['    this.events = []\n', ''], {
    name: 'events that a checkpoint holds already are given back once more',
    hunts: ['journal crashes'],
  }),
  bugIn(
    'persistence/ledger.ts',
    [
      "if (head.kind !== 'data' || head.eventCount === 0) return",
      "if (head.kind !== 'data' || head.eventCount === 0 || this.#parts.length > 0) return",
    ],
    {
      name: 'events after a checkpoint that a crash cut off are forgotten',
      hunts: ['journal crashes', 'journal deaths'],
    },
  ),
  bugIn('persistence/mailbox-reader.ts', ['cursor?.offset === offset ? cursor : undefined', 'cursor'], {
    name: 'reading goes on from where the last reader was, whoever asks',
    hunts: ['journal crashes'],
    showsInCalm: true,
  }),
  bugIn('persistence/segment-reader.ts', ['if (checksum(piece) === sums[block]) continue', 'continue'], {
    name: 'the sums of messages are not compared',
    hunts: ['journal crashes', damage],
  }),
]
