/**
 * Where to look when a guarantee is broken: what is typically wrong, by the invariant's name.
 *
 * Owns: the advice. Leaves to `clues.ts` what this very run shows, and to `describe-failure.ts` the telling.
 *
 * HN1. An invariant that a handler cannot break is said to be ours to explain, so that nobody searches in vain.
 */
import { allInvariants } from '../invariants/index.ts'

const handlerHints: Readonly<Record<string, string>> = {
  'work-after-ack':
    'Look at where your handler calls message.ack(), and at what it does not await. After the ack a crash no ' +
    'longer brings the message back, so all work must be done before. Returning is enough: it acknowledges.',
  'duplicated-effect':
    'Look at what your handler does outside before it is acknowledged: a crash in between runs it again. Give the ' +
    'call a key that is the same in each attempt, such as topic, partition and offset of the message; or send with ' +
    "the handler's own context.send, which is stored together with the ack or not at all.",
  'lost-effect':
    'Look for an error that is caught and not thrown again, a promise that is not awaited, and work that is skipped ' +
    'because it seems done already. A handler that returns says that everything is done; throw, and the message ' +
    'comes again.',
  'state-lost':
    'Look for state in a variable: a counter, a Map, a set of ids seen. It dies with the process, but messages that ' +
    'were acknowledged do not come again. Keep it in a database, changed in one step that tolerates a repeat.',
  nondeterminism:
    'Look for Date.now(), Math.random() and real input or output in the handler, and for variables outside of start: ' +
    'they live on from run to run. The same seed must give the same run: take time from world.clock, chance from ' +
    'world.random, and make what the handler remembers in start.',
  'order-dependent':
    'Look for state that messages of several keys share, read before an await and written after it. Only messages ' +
    'of one key come in order; the others come in any order, and at the same time. Change shared state in one step, ' +
    'or give what belongs together one key.',
  'handler-never-ends':
    'Look for a promise that never settles: a callback that is not called, a lock that is not given back, a wait for ' +
    'a message that only comes later. A handler that waits must also listen to context.signal.',
  stuck:
    'Look first for a handler that asks for the message again each time (RetryAfter), or that waits for something ' +
    'that never comes. If yours does not, unlost stands still by itself: please report it with this whole text.',
}

const libraryHint =
  'A handler should not be able to break this: it is a promise of unlost itself. Please report it with this whole ' +
  'text. It holds all that is needed to see it again.'

const unknownHint =
  'Follow the lines marked > below, from the top: the last of them is where the guarantee was found broken.'

/**
 * What is typically wrong when this invariant is broken, in two or three sentences.
 *
 * @example hintFor('state-lost') // 'Look for state in a variable: …'
 */
export function hintFor(invariant: string): string {
  const hint = handlerHints[invariant]
  if (hint !== undefined) return hint
  return allInvariants.some(({ name }) => name === invariant) ? libraryHint : unknownHint
}
