/**
 * Bugs in sending, committing and the state that a checkpoint keeps, planted in the runtime's code.
 *
 * Owns: the list. Leaves bugs of delivering to `delivery-bugs.ts`.
 */
import { bugIn } from './source-bug.ts'
import type { SourceBug } from './source-bug.ts'

const crashes = 'runtime crashes'
const broker = 'props-tests/unit/runtime/broker.test.ts'

export const stateBugs: readonly SourceBug[] = [
  bugIn('runtime/broker.ts', ['    this.#inbox.putBack(units)\n', ''], {
    name: 'what a full disk refused is forgotten, and its senders hang',
    hunts: [broker, 'props-tests/unit/runtime/sending.test.ts'],
  }),
  bugIn(
    'runtime/broker.ts',
    ["unit.refuse(withOutcome(error, 'unknown'))", "unit.refuse(withOutcome(error, 'not-written'))"],
    {
      name: 'a send whose fate is not known is told as not written',
      hunts: [broker],
    },
  ),
  bugIn(
    'runtime/broker.ts',
    ['this.#isAnswering = true\n    step()', 'this.#isAnswering = true\n    this.#noteDurable()\n    step()'],
    {
      name: 'the senders of a batch that failed are told that it is on disk',
      hunts: [broker],
    },
  ),
  bugIn('runtime/ledger.ts', ['messageIds: [...topic.messageIds.values()]', 'messageIds: []'], {
    name: 'message ids are forgotten by a checkpoint',
    hunts: [crashes],
  }),
  bugIn('runtime/ledger.ts', ['progress: [...state.progress]', 'progress: []'], {
    name: 'the numbers of producers are forgotten by a checkpoint',
    hunts: [crashes],
  }),
  bugIn(
    'runtime/ledger.ts',
    [
      'topic.mailboxes[partition]?.restore(mailbox))',
      'topic.mailboxes[topic.mailboxes.length - 1 - partition]?.restore(mailbox))',
    ],
    {
      name: 'wrong partition after a restart: a checkpoint comes back in another order',
      hunts: [crashes],
      showsInCalm: true,
    },
  ),
  bugIn(
    'runtime/ledger.ts',
    ['Math.max(mailbox.first, Math.min(...lows))', 'Math.max(mailbox.first, Math.max(...lows))'],
    {
      name: 'retention past a group: the fastest group decides what is kept',
      hunts: [crashes, 'props-tests/unit/runtime/upkeep.test.ts', 'props-tests/unit/runtime/ledger.test.ts'],
    },
  ),
  bugIn('runtime/lane.ts', ['    for (const offset of this.dead.keys()) low = Math.min(low, offset)\n', ''], {
    name: 'the messages of dead letters are not kept',
    hunts: ['props-tests/unit/runtime/dead-letters.test.ts'],
  }),
  bugIn('runtime/lane.ts', ['done: this.done.ranges(), open', 'done: [], open'], {
    name: 'acks out of order are forgotten by a checkpoint',
    hunts: [crashes],
  }),
  bugIn('runtime/lane.ts', ['open: [...this.open], dead', 'open: [], dead'], {
    name: 'attempts are forgotten by a checkpoint',
    hunts: [crashes],
  }),
  bugIn('runtime/lane.ts', ['dead: [...this.dead] }', 'dead: [] }'], {
    name: 'dead letters are forgotten by a checkpoint',
    hunts: ['props-tests/unit/runtime/dead-letters.test.ts'],
  }),
  bugIn('runtime/registry.ts', ['(known?.epoch ?? 0) + 1', 'known?.epoch ?? 1'], {
    name: 'the epoch of a producer is not raised: its earlier self is not fenced off',
    hunts: ['props-tests/unit/runtime/registry.test.ts', 'props-tests/unit/runtime/producer.test.ts'],
  }),
  bugIn(
    'runtime/registry.ts',
    ['progress: ledger.progress(producer.number, mailbox.mailbox)', 'progress: { epoch: 0, sequence: 0 }'],
    {
      name: 'a producer that is opened again begins to count anew',
      hunts: [crashes],
      showsInCalm: true,
    },
  ),
  bugIn(
    'runtime/binding.ts',
    [
      'sender.nextPartition() : partitionOf(key, partitions)',
      'sender.nextPartition() : (partitionOf(key, partitions) + sender.nextPartition()) % partitions',
    ],
    {
      name: 'the messages of a key go to another partition each time',
      hunts: ['props-tests/unit/runtime/producer.test.ts'],
    },
  ),
  bugIn('runtime/seek.ts', ['        for (const move of moves) draft.event(eventOf(request, move))\n', ''], {
    name: 'seek lost: a group that was moved is where it was',
    hunts: ['props-tests/unit/runtime/seek-and-lag.test.ts'],
  }),
  bugIn('runtime/batch-draft.ts', ["if (event.kind === 'seek') this.#flush()", ''], {
    name: 'an ack from before a seek counts after it',
    hunts: [
      'props-tests/unit/runtime/seek-and-lag.test.ts',
      'props-tests/unit/runtime/broker.test.ts',
      'props-tests/unit/runtime/delivery.test.ts',
    ],
  }),
  bugIn('runtime/send-unit.ts', ["this.#state === 'writing' ? 'unknown' : 'not-written'", "'not-written'"], {
    name: 'a send that is given up while it is written is told as not written',
    hunts: ['props-tests/unit/runtime/deadlines.test.ts', 'props-tests/unit/runtime/sending.test.ts'],
  }),
  bugIn('runtime/group-units.ts', ['    draft.messages(this.#sends)\n    draft.ack', '    draft.ack'], {
    name: 'what a handler handed over is not written with its ack',
    hunts: [crashes],
    showsInCalm: true,
  }),
]
