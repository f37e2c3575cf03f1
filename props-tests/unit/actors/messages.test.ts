/**
 * Actions that reach beyond a machine: what they become, and what they refuse.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createMachine, setup } from 'xstate'
import {
  InvalidOptionError,
  NotDurableError,
  defineActor,
  deliver,
  publish,
  reply,
} from '../../../actors/index.ts'
import type { ActorLogic, TurnResult, TurnScope } from '../../../actors/index.ts'
import { defineTopic } from '../../../runtime/index.ts'

const scope = (turn: number): TurnScope => ({
  address: { actor: 'a', key: 'k' },
  nowMs: 1000,
  turn,
  random: () => 0.25,
  id: () => `id-${turn}`,
})

/** The turn of the event GO, behind the first one. */
function go(logic: ActorLogic): TurnResult {
  const { state } = logic.begin(scope(1), undefined)
  return logic.turn(scope(2), state, { kind: 'event', event: { type: 'GO' } })
}

describe('messages of a machine', () => {
  const invoices = defineTopic<{ n: number }>('invoices')
  const other = defineActor('other', {
    initial: 0,
    reducer: (state: number, event: { type: 'HEY'; n: number }) => state + event.n,
  })
  const machine = setup({
    types: { context: {} as { n: number }, events: {} as { type: 'GO' } },
  }).createMachine({
    context: { n: 5 },
    on: {
      GO: {
        actions: [
          deliver(other.at('1'), ({ context }) => ({ type: 'HEY', n: context.n })),
          deliver(({ context }) => other.at(String(context.n)), { type: 'HEY', n: 1 }, { delay: 10 }),
          publish(invoices, ({ context }) => ({ n: context.n }), { key: 'k' }),
          reply(({ context, event }) => [event.type, context.n]),
        ],
      },
    },
  })

  it('ME1, AL1 and AL3: they become effects of the turn, in order, and the same turn gives the same ones', () => {
    const { logic } = defineActor('a', { machine })
    const { state } = logic.begin(scope(1), undefined)
    const run = (): TurnResult => logic.turn(scope(2), state, { kind: 'event', event: { type: 'GO' } })
    assert.deepEqual(run().effects, [
      { kind: 'deliver', to: { actor: 'other', key: '1' }, event: { type: 'HEY', n: 5 } },
      { kind: 'arm', timer: 'send#2.1', event: { type: 'HEY', n: 1 }, delayMs: 10 },
      { kind: 'publish', topic: invoices, value: { n: 5 }, options: { key: 'k' } },
      { kind: 'reply', value: ['GO', 5] },
    ])
    assert.deepEqual(run().effects, run().effects)
    assert.deepEqual(logic.save(run().state), logic.save(run().state))
  })
})

describe('messages that are none', () => {
  const to = defineActor('other', { initial: 0, reducer: (state: number) => state }).at('k')
  const loose = { deliver, publish, reply } as unknown as Record<string, (...each: unknown[]) => unknown>
  const call = (name: string, ...each: unknown[]): unknown => loose[name]?.(...each)

  it('ME2: a value that no function makes, and an option that is not known, are refused where they stand', () => {
    const refused = (name: string, each: unknown[], words: RegExp): void =>
      assert.throws(
        () => call(name, ...each),
        (error) => error instanceof InvalidOptionError && words.test(error.message),
      )
    refused('reply', [1], /^reply: the value must come from a function: reply\(/)
    refused('reply', [], /^reply: the value must/)
    refused('publish', ['out', { a: 1 }], /^publish: the value must come from a function: publish\(topic/)
    refused('deliver', [to, { type: 'X' }, { delayMs: 5 }], /unknown option 'delayMs'; did you mean 'delay'/)
    refused('deliver', [to, { type: 'X' }, 5], /options must be an object/)
    call('deliver', to, { type: 'X' }, { delay: 5, id: 'x' })
  })

  it('ME2: a target that is no address is refused: at once, or in the turn that makes it', () => {
    for (const none of [undefined, null, 'k', { key: 'k' }]) {
      const isRefused = (error: unknown): boolean =>
        error instanceof NotDurableError && error.rule === 'unknown-target'
      assert.throws(() => call('deliver', none, { type: 'X' }), isRefused)
      const action = call('deliver', () => none, { type: 'X' })
      const machine = createMachine({ on: { GO: { actions: action as never } } })
      assert.throws(() => go(defineActor('a', { machine }).logic), isRefused)
      const { logic } = defineActor('a', {
        initial: 0,
        reducer: (state: number, _: { type: 'GO' }, turn) => (
          turn.deliver(none as never, { type: 'X' }),
          state
        ),
      })
      assert.throws(() => go(logic), isRefused)
    }
  })

  it('ME2: a misspelt option of a reducer’s deliver fails its turn', () => {
    const { logic } = defineActor('a', {
      initial: 0,
      reducer: (state: number, _: { type: 'GO' }, turn) => (
        turn.deliver(to, { type: 'X' }, { delay: 5 } as never),
        state
      ),
    })
    assert.throws(
      () => go(logic),
      (error) => error instanceof InvalidOptionError && /did you mean 'delayMs'/.test(error.message),
    )
  })
})
