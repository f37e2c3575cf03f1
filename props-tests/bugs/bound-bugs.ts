/**
 * Bugs in what has a bound, in what is durable before it counts, and in what a restart must find again, planted in the
 * runtime's code.
 *
 * Owns: the list. Leaves bugs of handing out to `delivery-bugs.ts`, and of the kept state to `state-bugs.ts`.
 */
import { bugIn } from './source-bug.ts'
import type { SourceBug } from './source-bug.ts'

const crashes = 'runtime crashes'
const backlog = 'runtime backlog'
const applied =
  '      if (!draft.isEmpty) this.#apply(finished, await store.commit(finished.batch), draft.nowMs)\n'
const early =
  '      this.#apply(finished, { eventBytesSinceCheckpoint: 20_000_000, journalBytes: 0 }, draft.nowMs)\n'

export const boundBugs: readonly SourceBug[] = [
  bugIn(
    'runtime/feed.ts',
    ['return count < this.#parts.windowCount && this.#bytes < WINDOW_BYTES', 'return count >= 0'],
    { name: 'memory grows: a group that nobody works for reads its whole backlog', hunts: [backlog] },
  ),
  bugIn('runtime/recent-runs.ts', ['while (this.#bytes > this.#bytesMax)', 'while (this.#bytes < 0)'], {
    name: 'memory grows: recent messages are never let go',
    hunts: [backlog],
  }),
  bugIn(
    'runtime/window.ts',
    [
      'return this.#waitingCount < waitingCount && this.#waitingBytes + unit.bytes <= waitingBytes',
      'return waitingCount >= 0 && unit.bytes <= waitingBytes',
    ],
    { name: 'memory grows: sends wait without a bound', hunts: [backlog] },
  ),
  bugIn('runtime/window.ts', ['    this.#admittedCount -= 1\n', ''], {
    name: 'window leak: what was written still counts as under way',
    hunts: [backlog],
  }),
  bugIn(
    'runtime/upkeep.ts',
    ['this.noteCommitted(await this.#parts.store.trim(firsts))', 'await Promise.resolve()'],
    { name: 'the disk fills: what is done with is never let go', hunts: [backlog] },
  ),
  bugIn('runtime/session.ts', ['this.#slots += this.#ask(credit)', 'this.#ask(credit)'], {
    name: 'more handlers at once than were allowed',
    hunts: [crashes],
    showsInCalm: true,
  }),
  bugIn('runtime/broker.ts', [applied, `${early}      await store.commit(finished.batch)\n`], {
    name: 'acks and sends count before their batch is durable',
    hunts: ['props-tests/unit/runtime/broker.test.ts'],
  }),
  bugIn(
    'runtime/broker.ts',
    [applied, `${early}      await this.#parts.upkeep.run()\n      await store.commit(finished.batch)\n`],
    { name: 'checkpoint ahead of the journal: it holds what is not written yet', hunts: [crashes] },
  ),
  bugIn('runtime/partition.ts', ['let hash = OFFSET_BASIS', 'let hash = OFFSET_BASIS ^ process.pid'], {
    name: 'another hash after a restart: a key goes to another partition than before',
    hunts: ['props-tests/unit/runtime/format.test.ts'],
  }),
  bugIn(
    'runtime/lane.ts',
    [
      '      this.open.set(offset, { attempt: 0, leased: false, crashed: false, dueMs: 0, delayMs: 0, history })\n',
      '',
    ],
    {
      name: 'redrive loses: a dead letter that is sent again never comes',
      hunts: ['props-tests/unit/runtime/dead-letters.test.ts'],
    },
  ),
  bugIn(
    'runtime/seek.ts',
    ['for (const move of moves) draft.event', 'for (const move of moves.slice(0, 1)) draft.event'],
    {
      name: 'a seek moves the first partition alone',
      hunts: ['props-tests/unit/runtime/seek-and-lag.test.ts'],
    },
  ),
  bugIn(
    'runtime/deadlines.ts',
    [
      'if (item.deadlineMs < this.#armedMs) this.#arm(item.deadlineMs)',
      'if (item.deadlineMs < 0) this.#arm(item.deadlineMs)',
    ],
    {
      name: 'deadline ignored: a send that takes too long is never told so',
      hunts: ['props-tests/unit/runtime/deadlines.test.ts', 'props-tests/unit/runtime/sending.test.ts'],
    },
  ),
  bugIn(
    'runtime/record.ts',
    [
      'headers: flags & HAS_HEADERS ? parseHeaders(reader.text())',
      'headers: flags & HAS_HEADERS && parseHeaders(reader.text()) === null ? {}',
    ],
    {
      name: 'headers lost: a message that is read back has none',
      hunts: ['props-tests/unit/runtime/format.test.ts', 'props-tests/unit/runtime/broker.test.ts'],
    },
  ),
  bugIn(
    'runtime/record.ts',
    ['dueMs: flags & HAS_DUE ? reader.f64()', 'dueMs: flags & HAS_DUE && reader.f64() < 0 ? 0'],
    {
      name: 'timer lost: a delay that is read back is none',
      hunts: [crashes, 'props-tests/unit/runtime/format.test.ts'],
      showsInCalm: true,
    },
  ),
  bugIn(
    'runtime/ledger.ts',
    [
      '        return applyToLane(this.lane(event.group, event.mailbox), event, atMs)',
      "        return event.kind === 'ack' && event.ranges.length > 1 ? applyToLane(this.lane(event.group, event.mailbox), { ...event, ranges: event.ranges.slice(1) }, atMs) : applyToLane(this.lane(event.group, event.mailbox), event, atMs)",
    ],
    {
      name: 'of several acks in one commit the first is forgotten',
      hunts: [crashes],
    },
  ),
]
