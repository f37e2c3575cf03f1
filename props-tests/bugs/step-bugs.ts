/**
 * Bugs in the short ways of busy actors, planted in the code of plain steps, of light turns and of events at hand.
 *
 * Owns: the list. Leaves bugs of turns as such to `machine-bugs.ts`.
 */
import { bugIn } from './source-bug.ts'
import type { SourceBug } from './source-bug.ts'

const beside = 'props-tests/properties/plain-steps.property.test.ts'
const steps = 'props-tests/unit/actors/plain-steps.test.ts'
const light = 'props-tests/unit/actors/light-turn.test.ts'
const fresh = 'props-tests/unit/runtime/fresh-letters.test.ts'

export const stepBugs: readonly SourceBug[] = [
  bugIn('actors/skeleton.ts', ["exit: mark({ at: 'exit', node }),", ''], {
    name: 'actors: a plain step does nothing where it leaves a state',
    hunts: [beside],
  }),
  bugIn(
    'actors/skeleton.ts',
    ["type === 'compound' ? node.initial.target : []", 'Object.values(states) as AnyStateNode[]'],
    {
      name: 'actors: a plain step enters the first state that is written, not the initial one',
      hunts: [steps],
    },
  ),
  bugIn('actors/skeleton.ts', ['      reenter,\n', ''], {
    name: 'actors: a plain step does not leave the state that is entered anew',
    hunts: [beside],
  }),
  bugIn('actors/plain-move.ts', ["mark.node.type !== 'final' && ", ''], {
    name: 'actors: a plain step goes into a final state and does not end there',
    hunts: [steps],
  }),
  bugIn('actors/microstep.ts', ['to.historyValue as', 'this.#snapshot.historyValue as'], {
    name: 'actors: a plain step forgets the history of the state it leaves',
    hunts: [beside],
  }),

  bugIn('actors/plain-choice.ts', ['chosen.length > length ? undefined', 'chosen.length > 0 ? undefined'], {
    name: 'actors: only the first region that takes an event does',
    hunts: [steps],
  }),
  bugIn('actors/plain-choice.ts', ['lineFrom(leaf).flatMap(', '[leaf].flatMap('], {
    name: 'actors: only a leaf moves on by itself, not the states around it',
    hunts: [beside],
  }),
  bugIn('actors/plain-choice.ts', ['other.length - one.length', 'one.length - other.length'], {
    name: 'actors: the shorter of two patterns is asked first',
    hunts: [steps],
  }),
  bugIn('actors/plain-steps.ts', ['const chosen = at.isFresh ?', 'const chosen = at.queue.length === 0 ?'], {
    name: 'actors: what is raised comes before what states do by themselves',
    hunts: [beside],
  }),
  bugIn('actors/plain-steps.ts', ['at.isFresh = at.snapshot !== before', 'at.isFresh = true'], {
    name: 'actors: a state that moves on to itself and changes nothing does so for ever',
    hunts: [beside],
  }),
  bugIn('actors/hand-over.ts', ['rest.chosen ?? machine', 'machine'], {
    name: 'actors: the event of a step is taken again when XState goes on in the middle',
    hunts: [steps],
  }),
  bugIn('actors/hand-over.ts', ['extra.internalQueue.unshift(...queue)', ''], {
    name: 'actors: what was raised is lost when XState goes on in the middle',
    hunts: [steps],
  }),
  bugIn(
    'actors/plain-guard.ts',
    ["typeof params === 'function' ? (params as Params)(args) : params", 'params'],
    {
      name: 'actors: the parameters of a guard are not worked out',
      hunts: [steps],
    },
  ),
  bugIn(
    'actors/plain-action.ts',
    ['step.context = Object.assign({}, context,', 'step.context = Object.assign(context as object,'],
    {
      name: 'actors: a plain assign writes into the context that was committed',
      hunts: [beside],
    },
  ),
  bugIn('actors/light-turn.ts', ['said: listener.said ?? SILENCE', 'said: SILENCE'], {
    name: 'actors: what a light turn said is forgotten',
    hunts: [light],
  }),
  bugIn('actors/light-turn.ts', ['return listener.needsCell ? undefined : first', 'return first'], {
    name: 'actors: a child that a light turn could not make is left out when the user swallows the refusal',
    hunts: [light],
  }),
  bugIn('runtime/fresh-letters.ts', ['letters[index] = undefined', 'letters[index] = letter'], {
    name: 'actors: an event that a failed turn has changed is given again',
    hunts: [fresh],
  }),
  bugIn('runtime/actor-door.ts', ['{ key, event: copy }', '{ key, event }'], {
    name: 'actors: the sender can change an event that is on its way',
    hunts: [fresh],
  }),
  bugIn('runtime/plain-copy.ts', ["key === 'toJSON' || key === '__proto__'", "key === '__proto__'"], {
    name: 'actors: an event with a toJSON of its own is kept as it is',
    hunts: [fresh],
  }),
]
