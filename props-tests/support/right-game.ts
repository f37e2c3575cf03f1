/**
 * A game that spawns its players in its context, and jobs of a promise beside them: all of it is right.
 *
 * Owns: its code and its events. Leaves checking it to `right-actors.ts`.
 */
import fc from 'fast-check'
import { assign, createMachine, fromPromise, sendParent, sendTo, setup, stopChild } from 'xstate'
import type { AnyActorRef } from 'xstate'
import { defineActor } from '../../actors/index.ts'

type GameEvent =
  | { readonly type: 'JOIN' | 'LEAVE' | 'WHISTLE' | 'JOB' | 'BELL' }
  | { readonly type: 'SCORE'; readonly player: number }
  | { readonly type: `xstate.done.actor.${string}` }

interface Game {
  readonly players: readonly AnyActorRef[]
  readonly jobs: number
  readonly done: number
  readonly bells: number
}

const player = createMachine({
  id: 'player',
  context: { points: 0 },
  on: { SCORE: { actions: assign({ points: ({ context }) => context.points + 1 }) } },
  after: { 20: { actions: sendParent({ type: 'BELL' }) } },
})

const work = fromPromise<number, number>(({ input }) => Promise.resolve(input + 1))

const gameMachine = setup({
  types: { context: {} as Game, events: {} as GameEvent },
  actors: { player, work },
  guards: { hasRoom: ({ context }) => context.players.length < 4 },
  actions: {
    join: assign({ players: ({ context, spawn }) => [...context.players, spawn(player)] }),
    work: assign({
      jobs: ({ context, spawn }) => {
        spawn('work', { input: context.jobs })
        return context.jobs + 1
      },
    }),
    ring: assign({ bells: ({ context }) => context.bells + 1 }),
    finish: assign({ done: ({ context }) => context.done + 1 }),
    leave: assign({ players: ({ context }) => context.players.slice(0, -1) }),
  },
}).createMachine({
  id: 'game',
  context: ({ spawn }) => ({
    players: [spawn('player', { systemId: 'captain' })],
    jobs: 0,
    done: 0,
    bells: 0,
  }),
  on: {
    JOIN: { guard: 'hasRoom', actions: 'join' },
    LEAVE: {
      guard: ({ context }) => context.players.length > 1,
      actions: [stopChild(({ context }) => context.players.at(-1) as AnyActorRef), 'leave'],
    },
    SCORE: {
      guard: ({ context, event }) => event.player < context.players.length,
      actions: sendTo(({ context, event }) => context.players[event.player] as AnyActorRef, {
        type: 'SCORE',
      }),
    },
    WHISTLE: { actions: sendTo(({ system }) => system.get('captain') as AnyActorRef, { type: 'SCORE' }) },
    JOB: { actions: 'work' },
    BELL: { actions: 'ring' },
    'xstate.done.actor.*': { actions: 'finish' },
  },
})

export const game = defineActor('game', { machine: gameMachine })

export const gameEvents: fc.Arbitrary<GameEvent> = fc.oneof(
  fc.constantFrom('JOIN', 'LEAVE', 'WHISTLE', 'JOB').map((type) => ({ type }) as const),
  fc.nat(3).map((index) => ({ type: 'SCORE', player: index }) as const),
)

/** Nobody is paid for work that was not given out. */
export function isFair({ context }: { readonly context: unknown }): boolean {
  const { done, jobs, players } = context as Game
  return done <= jobs && players.length >= 1 && players.length <= 4
}
