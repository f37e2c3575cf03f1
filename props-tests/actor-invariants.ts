/**
 * What `checkActor` holds actors and their host to, by name: beside what the library guarantees of messages.
 *
 * Owns: the names, what each means and which guarantee it belongs to. Leaves finding to `kit/actor-checkers.ts` and
 * `kit/turn-lint.ts`.
 */
import type { Invariant } from './history.ts'

/** An invariant that needs more than one history to be judged. */
type Named = Pick<Invariant, 'name' | 'guarantee' | 'about'>

/** What the code of an actor can break. */
export const behaviourInvariants = {
  'changed-state': {
    name: 'changed-state',
    guarantee: 'G7',
    about: 'A turn makes a new state, and leaves the old one and the event as they were.',
  },
  'ambient-input': {
    name: 'ambient-input',
    guarantee: 'G7',
    about: 'A turn decides by its state and its event alone: not by the clock, and not by chance.',
  },
  'effect-in-turn': {
    name: 'effect-in-turn',
    guarantee: 'G7',
    about: 'A turn does nothing to the world: what it wants done runs after its commit.',
  },
  'impure-turn': {
    name: 'impure-turn',
    guarantee: 'G7',
    about: 'The same event, taken from the same stored state, gives the same result each time.',
  },
  'not-durable': {
    name: 'not-durable',
    guarantee: 'G7',
    about: 'What a turn makes comes back from its bytes as it was: state, events, answers.',
  },
  'failing-turn': {
    name: 'failing-turn',
    guarantee: 'G7',
    about:
      'A turn, or a function of a subscription, does not fail by a mistake of its code, such as reading a property of undefined: its event would end in the dead letters.',
  },
  'dead-actor': {
    name: 'dead-actor',
    guarantee: 'G8',
    about:
      'An actor does not end by the failure of a promise or a child that nothing handles: it would take no event any more.',
  },
  'second-reply': {
    name: 'second-reply',
    guarantee: 'G7',
    about: 'A question is answered once: of two replies to one event the second reaches nobody.',
  },
  'never-rests': {
    name: 'never-rests',
    guarantee: 'G8',
    about:
      'What an event leads to comes to an end: actors do not send each other events without a pause for ever.',
  },
  'failed-migration': {
    name: 'failed-migration',
    guarantee: 'G9',
    about:
      'A new version takes every state that the one before it left, with the timers that it waits for, by `migrate` where it has changed.',
  },
  'actor-invariant': {
    name: 'actor-invariant',
    guarantee: 'G7',
    about: 'What `invariant` says holds in every committed state.',
  },
} as const satisfies Readonly<Record<string, Named>>

/** What only the host of actors can break. */
export const hostInvariants = {
  'lost-mail': {
    name: 'lost-mail',
    guarantee: 'G2',
    about: 'What was sent to an actor, from outside or by a committed turn, is in its mailbox, and is taken.',
  },
  'repeated-mail': {
    name: 'repeated-mail',
    guarantee: 'G4',
    about: 'What was sent to an actor once is in its mailbox once, over retries, restarts and crashes.',
  },
  'torn-turn': {
    name: 'torn-turn',
    guarantee: 'G7',
    about:
      'The state of a turn and everything that it sends are in one batch: all of it is there, or nothing.',
  },
  'wrong-state': {
    name: 'wrong-state',
    guarantee: 'G7',
    about: 'The state of an actor is what its code makes of its mail, each mail once and in order.',
  },
  'ungated-output': {
    name: 'ungated-output',
    guarantee: 'G7',
    about: 'Nothing of a turn is seen outside before a power cut could no longer take it.',
  },
  'wrong-reply': {
    name: 'wrong-reply',
    guarantee: 'G7',
    about: 'Who asks gets the answer that the turn gave, and gets it again under the same key.',
  },
  'unstable-id': {
    name: 'unstable-id',
    guarantee: 'G7',
    about: 'An effect has one id, whatever life it runs in, and every id belongs to a turn that is on disk.',
  },
  'lost-start': {
    name: 'lost-start',
    guarantee: 'G7',
    about: 'What a committed turn wants done outside is begun at least once, and again after a crash.',
  },
} as const satisfies Readonly<Record<string, Named>>

/** All of them. */
export const actorInvariants = { ...behaviourInvariants, ...hostInvariants } as const

export type ActorInvariantName = keyof typeof actorInvariants
