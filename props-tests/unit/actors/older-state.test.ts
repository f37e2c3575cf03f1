/**
 * States as earlier versions of the library wrote them.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { assign, createMachine, sendTo, setup } from 'xstate'
import { defineActor } from '../../../actors/index.ts'
import type { TurnScope } from '../../../actors/index.ts'

const scope = (turn: number): TurnScope => ({
  address: { actor: 'nest', key: 'k' },
  nowMs: turn,
  turn,
  random: () => 0.25,
  id: () => `id-${turn}`,
})

it('ST1: a state loads and goes on that does not say yet when its children were made', () => {
  const child = createMachine({ id: 'c', context: { n: 0 }, on: { INC: { actions: assign({ n: 1 }) } } })
  const machine = setup({ actors: { child } }).createMachine({
    invoke: { src: 'child', id: 'egg' },
    on: { PASS: { actions: sendTo('egg', { type: 'INC' }) } },
  })
  const { logic } = defineActor('nest', { machine })
  const text = logic.save(logic.begin(scope(1), undefined).state)
  const older = text.replaceAll(/"born":\d+,/g, '')
  assert.notEqual(older, text)
  const loaded = logic.load({ version: logic.version, hash: logic.hash, text: older })
  assert.equal(logic.save(loaded), older)
  const { state } = logic.turn(scope(2), loaded, { kind: 'event', event: { type: 'PASS' } })
  assert.deepEqual(logic.view(state).children?.['egg']?.context, { n: 1 })
})
