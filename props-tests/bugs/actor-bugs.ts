/**
 * Bugs in the host of actors, planted in the code of the runtime and of the actors.
 *
 * Owns: the list. Leaves bugs of topics to the lists beside it.
 */
import { bugIn } from './source-bug.ts'
import type { SourceBug } from './source-bug.ts'

const checks = 'actor checks'

export const actorBugs: readonly SourceBug[] = [
  {
    name: 'actors: a sender is told that its mail was processed when it is only stored',
    edits: [
      {
        file: 'runtime/actor-waiters.ts',
        find: '    if (offset >= cursor || offset >= (lags.get(wish.key)?.at ?? cursor)) return\n',
        replace:
          '    if (offset < 0 || (wish.ask !== undefined && offset >= Math.min(cursor, lags.get(wish.key)?.at ?? cursor))) return\n',
      },
    ],
    hunts: [checks],
  },
  bugIn(
    'runtime/actor-host.ts',
    [
      'this.submit({ sends: batch.sends, events }, done, (error) => this.#refused(pass, error))',
      'this.#after.committed(batch)\n      this.submit({ sends: batch.sends, events }, done, (error) => this.#refused(pass, error))',
    ],
    { name: 'actors: answers, events and effects leave before their turn is on disk', hunts: [checks] },
  ),
  bugIn('runtime/actor-states.ts', ['      cursor: this.cursor,\n', '      cursor: 0,\n'], {
    name: 'actors: a checkpoint forgets how far the mailbox was taken',
    hunts: [checks],
  }),
  bugIn('persistence/appender.ts', ['    this.#guarded(() => this.#writer.sync())\n', ''], {
    name: 'actors: commits are not synced',
    hunts: [checks],
    showsInCalm: true,
  }),
  {
    name: 'actors: what a turn sends goes into another unit of the same tick',
    edits: [
      {
        file: 'runtime/actor-host.ts',
        find: '      ...what,\n',
        replace: '      events: what.events,\n      sends: [],\n',
      },
      {
        file: 'runtime/actor-host.ts',
        find: '    this.parts.broker.submit(unit)\n',
        replace:
          '    this.parts.broker.submit(unit)\n    if (what.sends.length > 0)\n      this.parts.broker.submit(new TurnUnit({ sends: what.sends, events: [], done: () => {}, failed: () => {} }))\n',
      },
    ],
    hunts: [checks, 'props-tests/unit/runtime/actor-host.test.ts'],
  },
  {
    name: 'actors: what a turn sends goes into the next batch',
    edits: [
      {
        file: 'runtime/actor-host.ts',
        find: '      ...what,\n',
        replace: '      events: what.events,\n      sends: [],\n',
      },
      {
        file: 'runtime/actor-host.ts',
        find: '        this.#free()\n        done()\n',
        replace:
          '        this.#free()\n        if (what.sends.length > 0)\n          this.parts.broker.submit(new TurnUnit({ sends: what.sends, events: [], done: () => {}, failed: () => {} }))\n        done()\n',
      },
    ],
    hunts: [checks],
  },
  bugIn(
    'runtime/actor-host.ts',
    ['takeDue(dueClock.nowMs(), TIMERS', 'takeDue(dueClock.nowMs() + 40, TIMERS'],
    {
      name: 'actors: timers fire 40 ms early when something else wakes the host',
      hunts: [checks],
    },
  ),
  bugIn(
    'runtime/actor-taking.ts',
    ['this.#world.nowMs + Math.max(0, delayMs)', 'this.#world.nowMs + Math.max(0, delayMs - 40)'],
    { name: 'actors: timers are armed 40 ms early', hunts: [checks] },
  ),
  bugIn(
    'runtime/actor-host.ts',
    [
      "{ sends, events: [{ kind: 'fired', actors: kind.number, timers }] }",
      "{ sends, events: timers.length < 0 ? [{ kind: 'fired', actors: kind.number, timers }] : [] }",
    ],
    { name: 'actors: that a timer fired is not noted', hunts: [checks] },
  ),
  bugIn(
    'runtime/actor-timers.ts',
    ['for (const [key, { timers }] of kind.records) for (const timer of timers) this.add(key, timer)', ''],
    { name: 'actors: timers of the last run are forgotten', hunts: [checks] },
  ),
  bugIn('actors/timer-target.ts', ['ref !== undefined && isSame(ref, to.born) ? ref : undefined', 'ref'], {
    name: 'actors: late mail for a child that has gone comes to the next one under its id',
    hunts: ['props-tests/regressions/late-mail-for-a-replaced-child.test.ts'],
  }),
  bugIn('runtime/state-cache.ts', ['      held.state = state\n', ''], {
    name: 'actors: the cache gives an older state',
    hunts: [checks],
  }),
  bugIn(
    'runtime/actor-taking.ts',
    ['if (messageId !== undefined) replies', 'if (messageId === undefined) replies'],
    {
      name: 'actors: answers are not kept for those who ask again',
      hunts: [checks],
    },
  ),
  bugIn('runtime/actor-states.ts', ['replies: [...this.replies],', 'replies: [],'], {
    name: 'actors: a checkpoint forgets the answers',
    hunts: [checks],
  }),
  bugIn('runtime/actor-after.ts', ['if (record.running.length > 0 ||', 'if (record.running.length > 99 ||'], {
    name: 'actors: promises do not begin again after a crash',
    hunts: [checks],
  }),
  bugIn(
    'runtime/actor-after.ts',
    ['for (const action of record.actions) this.#effects.act(key, action)', ''],
    {
      name: 'actors: custom actions do not run again after a crash',
      hunts: [checks],
    },
  ),
  bugIn('runtime/actor-after.ts', ['          known?.id ?? `', '          `'], {
    name: 'actors: a promise that begins again has another id',
    hunts: [checks],
  }),
  bugIn(
    'runtime/actor-turns.ts',
    [
      "if (one.effect.kind === 'action' && one.effect.unconfirmed) this.#world",
      "if (one.effect.kind === 'action') this.#world",
    ],
    { name: 'actors: custom actions run before their turn is on disk', hunts: [checks] },
  ),
  bugIn(
    'runtime/actor-turns.ts',
    [
      "if (next === 'dead-letter') return this.giveUp(message, entry.reason, past)",
      "if (next === 'dead-letter') return",
    ],
    { name: 'actors: mail that always fails vanishes', hunts: [checks] },
  ),
  bugIn(
    'runtime/actor-intake.ts',
    ["if (lags.size > 0 && lags.has(message.key ?? '')) batch.skip()", 'if (lags.size < 0) batch.skip()'],
    { name: 'actors: mail overtakes one that is tried again', hunts: [checks] },
  ),
  bugIn(
    'runtime/actor-turns.ts',
    ['    this.#workOf(key).isHeld = true\n    const parked', '    const parked'],
    { name: 'actors: mail behind a failed one is taken in the same batch', hunts: [checks] },
  ),
  bugIn('runtime/actor-turns.ts', ['    work.turn = turns.turn\n', ''], {
    name: 'actors: turns of one batch share a number',
    hunts: [checks],
  }),
  bugIn(
    'runtime/actor-intake.ts',
    ['      marks: () => [this.#consumed(next)],', '      marks: () => [this.#consumed(next + 1)],'],
    { name: 'actors: one mail too many counts as taken', hunts: [checks] },
  ),
  bugIn('actors/reducer-logic.ts', ['timers: timers === NONE ? undefined : timers', 'timers: undefined'], {
    name: 'actors: the timers of a reducer are not stored with its state',
    hunts: [checks],
  }),
  bugIn('runtime/actor-work.ts', ['    this.#replies.push(...yielded.replies)\n', ''], {
    name: 'actors: of the answers of a batch none is kept',
    hunts: [checks],
  }),
  bugIn(
    'runtime/turn-unit.ts',
    [
      'if (this.hasMessages) draft.messages(sends)',
      'if (this.hasMessages && sends.length < 2) draft.messages(sends)',
    ],
    { name: 'actors: of several messages of one batch none is sent', hunts: [checks] },
  ),
]
