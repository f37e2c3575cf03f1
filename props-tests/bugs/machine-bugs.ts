/**
 * Bugs in what a turn makes of a machine and its children, planted in the code of the actors.
 *
 * Owns: the list. Leaves bugs of the host to `actor-bugs.ts`.
 */
import { bugIn } from './source-bug.ts'
import type { SourceBug } from './source-bug.ts'

const turns = 'props-tests/unit/actors/machine-turns.test.ts'
const spawning = 'props-tests/unit/actors/spawning.test.ts'

export const machineBugs: readonly SourceBug[] = [
  bugIn(
    'actors/machine-cell.ts',
    [
      'const child = this.#adopt(asked)',
      'const child = this.site.run.makeChild(this.plan, asked, this.#around())',
    ],
    { name: 'actors: a child that an assign spawns is not kept', hunts: [spawning] },
  ),
  bugIn(
    'actors/machine-cell.ts',
    ['    this.later(() => child.start())\n  }\n\n  #perform', '    child.start()\n  }\n\n  #perform'],
    {
      name: 'actors: a child that an assign spawns starts before the step is over',
      hunts: [turns],
    },
  ),
  bugIn('actors/turn-run.ts', ['return `x:${this.scope.turn}:${this.#ids}`', 'return `x:${this.#ids}`'], {
    name: 'actors: the id of a child is given again in a later turn',
    hunts: [spawning],
  }),
  bugIn('actors/live-system.ts', ["  Reflect.set(actorRef, 'logic', stubLogic)\n", ''], {
    name: 'actors: a child whose logic is written in line begins twice',
    hunts: ['props-tests/regressions/inline-child-begun-twice.test.ts'],
  }),
  bugIn('actors/turn-run.ts', ['    this.systemIds.release(ref)\n', ''], {
    name: 'actors: the system id of a child that is stopped stays taken in its turn',
    hunts: [turns],
  }),
  bugIn(
    'actors/machine-state.ts',
    [
      'src: child.src, syncSnapshot: child.sync || undefined, systemId }',
      'src: child.src, syncSnapshot: child.sync || undefined }',
    ],
    {
      name: 'actors: system ids are forgotten by a restart',
      hunts: [spawning],
    },
  ),
  bugIn('runtime/actor-mail.ts', ["  checkPlain(event, 'event')\n", ''], {
    name: 'actors: an event is stored as what JSON makes of it',
    hunts: ['props-tests/unit/runtime/actor-ref.test.ts'],
  }),
  bugIn(
    'runtime/actor-hosts.ts',
    [
      'for (const { key, event } of subscriptions) {',
      'for (const { key, event } of subscriptions.slice(0, 1)) {',
    ],
    {
      name: 'actors: of several subscriptions to one topic only the first gets its messages',
      hunts: ['props-tests/unit/runtime/actor-effects.test.ts'],
    },
  ),
  bugIn('runtime/actor-ref.ts', [".replaceAll('\\n', '\\\\n')", ''], {
    name: 'actors: an idempotency key of one actor may be that of another',
    hunts: ['props-tests/unit/runtime/actor-ref.test.ts'],
  }),
  bugIn('actors/turn-run.ts', ["if (this.#timers > TIMERS_MAX) throw endless(TIMERS_MAX, 'timers')", ''], {
    name: 'actors: a turn may arm timers without end',
    hunts: ['props-tests/regressions/endless-timers.test.ts'],
  }),
]
