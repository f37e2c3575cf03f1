/**
 * What the kit holds handlers to, by name: beside what the library itself guarantees.
 *
 * Owns: the names, what each means and which guarantee it belongs to. Leaves finding to `compare.ts` and `judge.ts`.
 */
import type { Invariant } from '../history.ts'

/** An invariant that needs more than one history to be judged. */
export type KitInvariant = Pick<Invariant, 'name' | 'guarantee' | 'about'>

/** By name. */
export const kitInvariants = {
  'work-after-ack': {
    name: 'work-after-ack',
    guarantee: 'G6',
    about:
      'A message is acked after its work is done: what is left of the work when its ack is on disk dies with the process.',
  },
  'duplicated-effect': {
    name: 'duplicated-effect',
    guarantee: 'G7',
    about:
      'What a handler does to the world happens once for each message, also when the message is handled again after a crash.',
  },
  'lost-effect': {
    name: 'lost-effect',
    guarantee: 'G6',
    about: 'A message that is done has had all of its effects, or is in the dead letters.',
  },
  'state-lost': {
    name: 'state-lost',
    guarantee: 'G7',
    about:
      'What a handler knows and decides follows from what is on disk: a crash makes no difference to it.',
  },
  'order-dependent': {
    name: 'order-dependent',
    guarantee: 'G3',
    about:
      'The outcome does not hang on the order of messages of different keys, or of other work that runs at the same time.',
  },
  'handler-never-ends': {
    name: 'handler-never-ends',
    guarantee: 'G8',
    about: 'Every handler returns or throws in the end, and every message is done or in the dead letters.',
  },
  'left-behind': {
    name: 'left-behind',
    guarantee: 'G8',
    about:
      'A loop (for await) says of each message that it takes what became of it, and does not end while messages wait that nobody else takes.',
  },
  'uncaught-error': {
    name: 'uncaught-error',
    guarantee: 'G8',
    about:
      'A process does not end by an error of its own that nobody catches, while nothing goes wrong around it.',
  },
  nondeterminism: {
    name: 'nondeterminism',
    guarantee: 'G7',
    about:
      'The same messages and the same mishaps give the same history: handlers decide by nothing but message and state.',
  },
} as const satisfies Readonly<Record<string, KitInvariant>>

export type KitInvariantName = keyof typeof kitInvariants
