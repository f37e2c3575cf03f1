/**
 * What actors do in a simulated run: count, forward, publish, wait, fail.
 *
 * Owns: the behaviour, and the notes that it leaves in its state. Leaves carrying it out and judging to others.
 */
import type { ActorDefinition } from '../../actors/index.ts'
import { defineTopic } from '../../runtime/index.ts'
import { double, promised, type DoubleTypes } from './actor-double.ts'

/** What a mail asks of its actor. */
export interface Plan {
  readonly key: number
  readonly wants:
    'count' | 'forward' | 'publish' | 'timer' | 'promise' | 'emit' | 'fail' | 'poison' | 'action'
  readonly delayMs: number
}

export interface Entry {
  readonly id: string
  /** Which life took it. */
  readonly life: number
}

export interface State {
  readonly seen: readonly Entry[]
  readonly fired: readonly { readonly id: string; readonly early: number }[]
  readonly due: Readonly<Record<string, number>>
  readonly done: readonly string[]
  readonly asked: number
}

export const EMPTY: State = { seen: [], fired: [], due: {}, done: [], asked: 0 }
export const MAX_ATTEMPTS = 3

export interface Told {
  readonly what: string
  readonly key: string
  readonly id: string
  readonly life: number
}

export const out = defineTopic<{ id: string; life: number }>('out')
export const feed = defineTopic<{ id: string; key: string }>('feed')

/** What a behaviour sees of its process. */
export interface ActorWorld {
  readonly life: () => number
  /** Outside code. */
  readonly work: (input: string, id: string) => Promise<unknown>
  readonly tell: (what: string, told: Told) => void
}

/** The two definitions of a run: one that does things, one that is sent to. */
export function definitionsOf(world: ActorWorld): {
  readonly first: ActorDefinition<DoubleTypes>
  readonly second: ActorDefinition<DoubleTypes>
} {
  const eased = new Set<string>()
  const first = double<State>('first', {
    initial: () => EMPTY,
    supervision: { maxAttempts: MAX_ATTEMPTS, minDelayMs: 10, maxDelayMs: 40 },
    subscriptions: [
      {
        topic: feed,
        key: (message: { value: { key: string } }) => message.value.key,
        event: (message: { value: { id: string } }) => ({
          type: 'NOTE',
          ...{ id: message.value.id, wants: 'count' },
        }),
      },
    ],
    runnables: { work: promised((input, id) => world.work(String(input), id)) },
    actions: { tell: (params) => world.tell('action', params as Told) },
    reduce: (state, event, asks) => {
      const life = world.life()
      if (event.type === 'timer') {
        const id = String(event['timer'])
        const early = (state.due[id] ?? 0) - asks.scope.nowMs
        return { ...state, fired: [...state.fired, { id, early }] }
      }
      if (event.type === 'done') return { ...state, done: [...state.done, String(event['effect'])] }
      if (event.type === 'ASK') {
        asks.ask({ kind: 'reply', value: { asked: state.asked + 1, life } })
        return { ...state, asked: state.asked + 1 }
      }
      if (event.type !== 'NOTE') return undefined
      const id = String(event['id'])
      const told = { key: asks.scope.address.key, id, life }
      const wants = event['wants'] as Plan['wants']
      if (wants === 'poison') throw new RangeError('never')
      if (wants === 'fail' && !eased.has(`${life} ${id}`)) {
        eased.add(`${life} ${id}`)
        throw new RangeError('not yet')
      }
      if (wants === 'forward')
        asks.ask({
          kind: 'deliver',
          to: { actor: 'second', key: told.key },
          event: { type: 'NOTE', ...told },
        })
      if (wants === 'publish') asks.ask({ kind: 'publish', topic: out, value: { id, life } })
      if (wants === 'emit') asks.ask({ kind: 'emit', event: { type: 'NOTED', ...told } })
      if (wants === 'action')
        asks.ask({ kind: 'action', name: 'tell', params: told, context: {}, event, unconfirmed: false })
      if (wants === 'promise') asks.start(id, 'work', id)
      const seen = [...state.seen, { id, life }]
      if (wants !== 'timer') return { ...state, seen }
      const delayMs = Number(event['delayMs'])
      asks.arm(id, delayMs)
      return { ...state, seen, due: { ...state.due, [id]: asks.scope.nowMs + delayMs } }
    },
  })
  const second = double<State>('second', {
    initial: () => EMPTY,
    reduce: (state, event) => ({
      ...state,
      seen: [...state.seen, { id: String(event['id']), life: Number(event['life']) }],
    }),
  })
  return { first, second }
}
