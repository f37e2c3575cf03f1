/**
 * Right actors that look wrong: nobody may accuse them.
 *
 * Owns: the actors. Leaves checking them to the tests.
 */
import { fromPromise } from 'xstate'
import { defineActor, effectId } from '../../actors/index.ts'
import { acting, sink, working } from './strange-actors.ts'
import type { Counted, Go, Making } from './strange-actors.ts'

/** What looks wrong and is not. */
export const rightLooks: readonly (readonly [what: string, make: Making])[] = [
  ['an unconfirmed action that does no harm', () => acting(() => undefined, { unconfirmed: true })],
  [
    'an unconfirmed call that may be repeated',
    ({ outside }) =>
      acting(
        (_, n) =>
          outside('lamp', { repeatable: true })
            .call(n)
            .catch(() => {}),
        { unconfirmed: true },
      ),
  ],
  [
    'a custom action that rejects where its call fails, and so counts as done',
    ({ outside }) => acting((self, n) => outside('mail').call(n, { key: effectId(self) })),
  ],
  [
    'a pure function that is remembered',
    () => {
      const known = new Map<number, number>()
      return defineActor('strange', {
        initial: { n: 0 },
        reducer: (_state: Counted, event: Go): Counted => {
          known.set(event.n, known.get(event.n) ?? event.n * event.n)
          return { n: known.get(event.n) ?? 0 }
        },
      })
    },
  ],
  [
    'a refusal by an error',
    () =>
      defineActor('strange', {
        initial: { n: 0 },
        supervision: { maxAttempts: 2, minDelayMs: 1, maxDelayMs: 2 },
        reducer: (state: Counted, event: Go): Counted => {
          if (event.n === 2) throw new TypeError('no twos')
          return { n: state.n + 1 }
        },
      }),
  ],
  [
    'a row that an effect adds to once',
    ({ table }) =>
      working(
        fromPromise(({ self }) =>
          table<number>('sums').transaction((rows) => {
            const id = effectId(self)
            if (!rows.has(id)) rows.set('all', (rows.get('all') ?? 0) + 1)
            rows.set(id, 1)
          }),
        ),
      ),
  ],
  [
    'a send by hand under the key of its effect',
    (world) => {
      const other = sink()
      const send = fromPromise<unknown, number>(({ self }) =>
        world.runtime.actor(other, 's').send({ type: 'HI' }, { idempotencyKey: effectId(self) }),
      )
      return [working(send), other]
    },
  ],
  [
    'one constant as its empty state',
    () =>
      defineActor('strange', {
        initial: () => EMPTY,
        reducer: (state, event: Go) => (event.n === 2 ? EMPTY : { list: [...state.list, event.n] }),
      }),
  ],
  [
    'a promise that asks the clock',
    () => working(fromPromise(async () => ({ at: Date.now(), id: performance.now() }))),
  ],
  [
    'a time-out beside a call',
    (world) =>
      working(
        fromPromise(() =>
          Promise.race([world.outside('quotes', { repeatable: true }).call(1), world.sleep(1_000)]),
        ),
      ),
  ],
]

const EMPTY: { readonly list: readonly number[] } = { list: [] }
