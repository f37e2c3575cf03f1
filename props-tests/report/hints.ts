/**
 * Where to look when a guarantee is broken: what is typically wrong, by the invariant's name.
 *
 * Owns: the advice. Leaves to `clues.ts` what this very run shows, and to `describe-failure.ts` the telling.
 *
 * HN1. An invariant that a handler cannot break is said to be ours to explain, so that nobody searches in vain.
 */
import { hostInvariants } from '../actor-invariants.ts'
import { allInvariants } from '../invariants/index.ts'

const handlerHints: Readonly<Record<string, string>> = {
  'work-after-ack':
    'Look at where your handler calls message.ack(), and at what it does not await. After the ack a crash no ' +
    'longer brings the message back, so all work must be done before. A handler that returns acknowledges by itself; ' +
    'in a loop (for await) the ack comes last.',
  'duplicated-effect':
    'Look at what your handler does outside before it is acknowledged: a crash in between runs it again. Give the ' +
    'call a key that is the same in each attempt, such as topic, partition and offset of the message. Send with the ' +
    "handler's own context.send, which is stored together with the ack or not at all; in a loop, under a messageId.",
  'lost-effect':
    'Look for an error that is caught and not thrown again, a promise that is not awaited, and work that is skipped ' +
    'because it seems done already. A handler that returns says that everything is done; throw, and the message ' +
    'comes again. A loop that acks says so too: let it nack what failed.',
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
  'left-behind':
    'In a loop nothing is acknowledged by itself: call message.ack() after the work, or message.nack(), and extend(ms) where ' +
    'the work takes longer than the lease. A break, a return or an error ends the loop: catch the error inside the loop and ' +
    'nack the message, or let it end the process, which a new one takes the place of.',
  'uncaught-error':
    'Look for a promise that is not awaited, and for an async function or a loop (for await) that is called without a ' +
    'catch. In Node.js such an error ends the process, and takes everything with it that was under way. A loop that it ' +
    'leaves gives its message back without an attempt being counted, so that it comes for ever: catch it inside the loop, ' +
    'and nack the message, or call deadLetter() for it.',
  stuck:
    'Look first for a handler that asks for the message again each time (RetryAfter), or that waits for something ' +
    'that never comes. If yours does not, unlost stands still by itself: please report it with this whole text.',
}

const actorHints: Readonly<Record<string, string>> = {
  'changed-state':
    'Make a new value instead: { ...context, count: context.count + 1 }, [...list, item], list.filter(…). In an assign ' +
    'give the new value back; push, sort, splice, delete and += on what you were given change what is committed.',
  'ambient-input':
    'A turn may be taken again, after a crash or a failure, and must give the same. Take the time, chance and ids from ' +
    'the turn (turn.nowMs, turn.random(), turn.id() of a reducer), or have the sender put them into the event; a ' +
    'machine can let a promise that it invokes ask for them.',
  'effect-in-turn':
    'A turn that fails or dies is taken again, and a turn that is not yet on disk may never be. Invoke a promise ' +
    '(fromPromise) and give the call effectId(self) as its key, or use a custom action, which runs after the commit.',
  'impure-turn':
    'Look for variables outside of the state: a counter, a Map, a set of ids seen, in the module or in a closure. They ' +
    'begin anew with each process, and the stored states do not. Keep them in the state, or ask another actor.',
  'not-durable':
    'Keep plain data in state and events: numbers, texts, booleans, null, arrays and plain objects; a Date as its time in ' +
    'ms, a Map as an object or as its entries, a Set as an array. A reducer is synchronous.',
  'failing-turn':
    'The event is one that you said may be sent. Look at what the turn takes for granted: a property that another state ' +
    'does not have, an item that is not there. A guard, or a transition only in the states that know the event, keeps it out; ' +
    'an error that is meant is thrown by your own code. In a subscription, event() gives an object with a type of your own, at ' +
    'once and not as a promise, or undefined for a message that is for no actor; key() gives a text that is not empty.',
  'dead-actor':
    'Give the invoke an onError, or the machine a transition for xstate.error.actor.<id>: services fail now and then, and an ' +
    'actor whose status is error takes no event any more. Go to a state that tries again after a delay.',
  'second-reply':
    'Look for a reply in an entry or exit action beside the one of the transition, and for a reducer that replies and goes on.',
  'never-rests':
    'Look for an event that an actor sends to itself, or that two actors answer each other with, without an end. Count, and stop; ' +
    'or wait in between: after in a machine, turn.after in a reducer.',
  'failed-migration':
    'The state in the sentence is one that the older version had on disk. Raise version, and have migrate give for it a state ' +
    'that the new machine has: value, context, and the timers and children that go with them.',
  'actor-invariant':
    'The line marked > shows the event whose turn led there. If a guard should have kept it out, look at what it asks ' +
    'and at events that come twice or in another order.',
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
  const hint = handlerHints[invariant] ?? actorHints[invariant]
  if (hint !== undefined) return hint
  if (Object.hasOwn(hostInvariants, invariant)) return libraryHint
  return allInvariants.some(({ name }) => name === invariant) ? libraryHint : unknownHint
}
