/**
 * A reducer that went back to its constant first state twice in a row took two turns after a restart, and one in a process
 * that lived: the state in memory was the constant itself, and so counted as given back unchanged.
 *
 * Found by `checkActor` on a right actor that returns one constant for an empty state.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { defineActor } from '../../actors/index.ts'
import type { LoadedState } from '../../actors/index.ts'
import { Scope } from '../../runtime/internal.ts'

const EMPTY = { list: [] as readonly number[] }
const RESET = { kind: 'event', event: { type: 'RESET' } } as const

it('AL1, RL2: a turn from memory is the turn from the same bytes, also where the state is one constant', () => {
  const { logic } = defineActor('list', {
    initial: () => EMPTY,
    reducer: (_state, _event: { type: 'RESET' }) => EMPTY,
  })
  const address = { actor: 'list', key: 'a' }
  const first = logic.begin(new Scope(address, 1, 0), undefined)
  const text = logic.save(first.state)
  const read = logic.load({ version: logic.version, hash: logic.hash, text })
  const turn = (state: LoadedState): boolean => logic.turn(new Scope(address, 2, 0), state, RESET).handled
  assert.equal(turn(first.state), turn(read))
})
