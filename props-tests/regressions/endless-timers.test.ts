/**
 * A turn whose machine sent itself events without end, each arming a timer, took hours to be stopped after its 10,000
 * events: each timer was put into a copy of all the timers before it. Random machines of the twins property met it.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { enqueueActions, setup } from 'xstate'
import { NotDurableError, defineActor } from '../../actors/index.ts'
import type { TurnScope } from '../../actors/index.ts'

const scope: TurnScope = {
  address: { actor: 'a', key: 'k' },
  nowMs: 0,
  turn: 1,
  random: () => 0.5,
  id: () => 'id',
}

it('TU2, TB2: a machine that arms timers without end is stopped, and is as it was', () => {
  const machine = setup({ types: { events: {} as { type: 'GO' | 'LATER' } } }).createMachine({
    on: {
      GO: {
        actions: enqueueActions(({ enqueue, self }) => {
          for (let nth = 1; nth <= 40; nth += 1)
            enqueue.raise({ type: 'LATER' }, { delay: 1000, id: `late ${nth}` })
          enqueue.sendTo(self, { type: 'GO' })
        }),
      },
    },
  })
  const { logic } = defineActor('a', { machine })
  const { state } = logic.begin(scope, undefined)
  const before = logic.save(state)
  assert.throws(
    () => logic.turn(scope, state, { kind: 'event', event: { type: 'GO' } }),
    (error: unknown) => error instanceof NotDurableError && /10000 timers/.test(error.reason),
  )
  assert.equal(logic.save(state), before)
})
