/**
 * Bugs in handing messages out and taking their ends in, planted in the runtime's code.
 *
 * Owns: the list. Leaves bugs of sending and of the kept state to `state-bugs.ts`.
 */
import { bugIn } from './source-bug.ts'
import type { SourceBug } from './source-bug.ts'

const crashes = 'runtime crashes'
const desk = 'props-tests/unit/runtime/desk.test.ts'

export const deliveryBugs: readonly SourceBug[] = [
  bugIn('runtime/interval-set.ts', ['last[1] === offset) last[1]', 'last[1] >= offset - 1) last[1]'], {
    name: 'lost ack: acks around a message that still runs swallow it',
    hunts: [crashes],
  }),
  bugIn('runtime/send-unit.ts', ['    else if (this.isOvertime) this.giveUp(error)\n', ''], {
    name: 'a send whose time is over is tried again when a full disk refuses it',
    hunts: ['props-tests/regressions/deadline-in-a-try.test.ts'],
  }),
  bugIn('runtime/lane.ts', ['    else this.done.add(offset)\n', ''], {
    name: 'acks out of order are forgotten',
    hunts: [crashes],
    showsInCalm: true,
  }),
  {
    name: 'a lease is kept after its owner crashed: the message waits for ever',
    edits: [
      { file: 'runtime/lane.ts', find: '      delivery.leased = false\n', replace: '' },
      {
        file: 'runtime/lane.ts',
        find: 'if (this.open.has(offset)) return false',
        replace: 'if (this.open.has(offset)) return this.open.get(offset)?.leased === true',
      },
    ],
    hunts: [crashes],
  },
  bugIn(
    'runtime/lane.ts',
    ['      noteCrash(delivery, dueClock.startMs)\n      delivery.leased', '      delivery.leased'],
    {
      name: 'the history does not tell of attempts that a crash ended',
      hunts: [crashes],
    },
  ),
  bugIn('runtime/lane.ts', ['    known.attempt = attempt\n', ''], {
    name: 'an attempt after a crash is not counted',
    hunts: [crashes],
    showsInCalm: true,
  }),
  bugIn(
    'runtime/lane.ts',
    ['      delivery.crashed = true\n', '      delivery.crashed = true\n      delivery.attempt += 1\n'],
    {
      name: 'a crash uses up two attempts',
      hunts: [crashes],
    },
  ),
  bugIn(
    'runtime/lane.ts',
    ['    this.dead.set(offset, { reason, atMs, attempt: known?.attempt ?? 0, history })\n', ''],
    {
      name: 'dead letter lost: a message that used its attempts up is just gone',
      hunts: [crashes, 'props-tests/unit/runtime/dead-letters.test.ts'],
      showsInCalm: true,
    },
  ),
  bugIn('runtime/desk.ts', ['if (used < maxDeliveries) return delivery', 'if (used >= 0) return delivery'], {
    name: 'a message that kills its process is tried for ever',
    hunts: [crashes],
  }),
  bugIn(
    'runtime/desk.ts',
    [
      'this.parts.broker.submit(new LeaseUnit(deliveries, { done, failed }))',
      'this.parts.clock.defer(done)\n    this.parts.broker.submit(new LeaseUnit(deliveries, { done: () => undefined, failed }))',
    ],
    {
      name: 'a handler starts before its lease is durable',
      hunts: [crashes],
      showsInCalm: true,
    },
  ),
  bugIn('runtime/quarantine.ts', ['if (this.#isTaken) {', 'if (this.#isTaken && this.#waiting.size < 0) {'], {
    name: 'two suspects at once, in two groups',
    hunts: [desk, 'props-tests/unit/runtime/consumer.test.ts', 'props-tests/processes/kill-poison.test.ts'],
  }),
  bugIn('runtime/desk.ts', ['if (this.#active.size > 0 || !this', 'if (!this'], {
    name: 'a suspect is tried beside others of its group',
    hunts: [desk],
  }),
  bugIn(
    'runtime/feed.ts',
    [
      'this.#cursor = parts.lane.floor',
      'this.#cursor = parts.lane.done.ranges().at(-1)?.[1] ?? parts.lane.floor',
    ],
    {
      name: 'a group goes on behind the last message that it settled',
      hunts: [crashes],
    },
  ),
  bugIn('runtime/feed.ts', ['offset < this.#cursor)\n    for', 'offset < 0)\n    for'], {
    name: 'messages that came back are forgotten by a restart',
    hunts: [crashes],
  }),
  bugIn(
    'runtime/feed.ts',
    ['dueMs > this.#parts.dueClock.nowMs()\n', 'dueMs > this.#parts.dueClock.nowMs() + 1_000\n'],
    {
      name: 'early delivery: what is delayed comes up to a second too soon',
      hunts: [crashes],
      showsInCalm: true,
    },
  ),
  bugIn(
    'runtime/feed.ts',
    [
      'const queue = this.lane.open.has(offset) ? this.#retries : this.#returning\n      queue.push(offset)',
      'if (this.lane.open.has(offset)) this.#retries.push(offset)',
    ],
    {
      name: 'timer lost: a delayed message that falls due is forgotten',
      hunts: [crashes],
      showsInCalm: true,
    },
  ),
  bugIn(
    'runtime/due-alarm.ts',
    ['      this.#dueMs = Number.POSITIVE_INFINITY\n      this.#ring()', '      this.#ring()'],
    {
      name: 'timer lost: an alarm that rang too soon is not set again',
      hunts: [crashes, 'props-tests/unit/runtime/delay.test.ts'],
    },
  ),
  bugIn(
    'runtime/endings.ts',
    [
      '    this.#desk.forget(delivery)\n    if',
      '    this.#desk.forget(delivery)\n    delivery.feed.settled(delivery.stored)\n    if',
    ],
    {
      name: 'a message that is tried again loses its place: wrong order after a retry',
      hunts: [crashes],
    },
  ),
  {
    name: 'a stale lease is accepted: an answer after the end of the attempt counts',
    edits: [
      {
        file: 'runtime/endings.ts',
        find: "    if (delivery.state !== 'leased') throw new StaleLeaseError('the delivery ended already; nothing changed')\n",
        replace: '',
      },
      {
        file: 'runtime/delivery.ts',
        find: "    if (this.state !== 'leased') throw this.#stale(ending.kind)\n",
        replace: '',
      },
    ],
    hunts: ['props-tests/unit/runtime/delivery.test.ts'],
  },
  bugIn('runtime/endings.ts', ['isForgiven ? delivery.attempt - 1 : delivery.attempt', 'delivery.attempt'], {
    name: 'a handler that asks for time uses up an attempt',
    hunts: ['props-tests/properties/delivery-spec.property.test.ts'],
  }),
  bugIn(
    'runtime/continuity.ts',
    ['if (got === expected) return undefined', 'if (got >= expected) return undefined'],
    {
      name: 'the check of the numbers is blind to gaps',
      hunts: ['props-tests/unit/runtime/interceptor.test.ts', 'props-tests/unit/runtime/reading.test.ts'],
    },
  ),
]
