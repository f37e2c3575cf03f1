/**
 * Bugs in who owns a directory, planted in the journal's code.
 *
 * Owns: the list. Leaves bugs of writing to `journal-bugs.ts` and of opening to `opening-bugs.ts`.
 */
import { bugIn } from './source-bug.ts'
import type { SourceBug } from './source-bug.ts'

const takeover = 'props-tests/faults/journal-takeover.test.ts'
const ownership = 'props-tests/unit/persistence/ownership.test.ts'

export const ownerBugs: readonly SourceBug[] = [
  bugIn(
    'persistence/appender.ts',
    ["    this.#fence('unknown')\n    this.#oldestSegment", '    this.#oldestSegment'],
    {
      name: 'an owner does not look whether it was replaced before it confirms',
      hunts: [takeover],
    },
  ),
  bugIn(
    'persistence/appender.ts',
    [
      "    this.#guarded(() => this.#writer.sync())\n    this.#fence('unknown')",
      "    this.#fence('unknown')\n    this.#guarded(() => this.#writer.sync())",
    ],
    {
      name: 'an owner looks whether it was replaced before the sync, not after it',
      hunts: [takeover],
    },
  ),
  bugIn('persistence/claim.ts', ["this.#disk.kind(this.#nextPath) === 'absent' && ", ''], {
    name: 'the next owner goes unnoticed',
    hunts: [takeover],
  }),
  bugIn(
    'persistence/claim.ts',
    [
      "throw faultCode(error) === 'EEXIST' ? lost(directory, epoch, error) : openingError(error, directory)",
      "if (faultCode(error) === 'EEXIST') return disk.open(pathIn(directory, ownerName(epoch)), 'write')\n    throw openingError(error, directory)",
    ],
    {
      name: 'two owners claim one epoch',
      hunts: [takeover, 'props-tests/unit/persistence/claim.test.ts'],
    },
  ),
  bugIn(
    'persistence/claim.ts',
    ['if (epochsIn(disk, directory, ownerEpoch).at(-1) === epoch) return', 'return'],
    {
      name: 'an epoch that has come and gone is claimed again',
      hunts: [takeover, 'props-tests/unit/persistence/claim.test.ts'],
    },
  ),
  bugIn(
    'persistence/claim.ts',
    ['epochsIn(disk, directory, anyEpoch).at(-1)', 'epochsIn(disk, directory, ownerEpoch).at(-1)'],
    {
      name: 'the epoch of an owner whose file was removed is given once more',
      hunts: ['props-tests/unit/persistence/claim.test.ts'],
    },
  ),
  bugIn('persistence/recovery.ts', ['    if (!claim.holds()) throw fenced(directory)\n', ''], {
    name: 'an opener that was overtaken tidies up behind the owner',
    hunts: [takeover],
  }),
  bugIn(
    'persistence/recovery.ts',
    ['  if (!claim.holds()) throw fenced(directory)\n  const made', '  const made'],
    {
      name: 'an opener that was overtaken removes the next segment of the owner',
      hunts: ['props-tests/regressions/overtaken-opener.test.ts'],
    },
  ),
  bugIn('persistence/clean-up.ts', ['  makeSmall(disk, pathIn(directory, word), new Uint8Array(0))\n', ''], {
    name: 'a prepared file is removed without a word',
    hunts: ['props-tests/regressions/prepared-file-taken.test.ts'],
  }),
  bugIn(
    'persistence/clean-up.ts',
    ['new Uint8Array(0))\n  disk.syncDirectory(directory)\n', 'new Uint8Array(0))\n'],
    {
      name: 'a prepared file is removed before the word of it is synced',
      hunts: ['props-tests/unit/persistence/clean-up.test.ts'],
    },
  ),
  bugIn(
    'persistence/owner-liveness.ts',
    [
      "return { liveness: 'alive', stopped: sight.stopped }",
      "return sight.stopped ? DEAD : { liveness: 'alive', stopped: false }",
    ],
    {
      name: 'the lock of an owner that is stopped is stolen',
      hunts: [ownership, 'props-tests/unit/persistence/owner-liveness.test.ts'],
    },
  ),
  bugIn(
    'persistence/owner-liveness.ts',
    ['  if (sight.processStart !== owner.processStart) return DEAD\n', ''],
    {
      name: 'another process with the number of a dead owner keeps the directory locked',
      hunts: ['props-tests/unit/persistence/owner-liveness.test.ts'],
    },
  ),
  bugIn(
    'persistence/ownership.ts',
    ['if (isRecent(contest, ports.staleMs)) throw locked(contest, unseen(ports.staleMs))', ''],
    {
      name: 'an owner that cannot be seen is taken for dead before its time',
      hunts: [ownership],
    },
  ),
]
