/**
 * Mail that waits may bear its sender, as the context may: after a restart that is an actor again, to which one can send.
 *
 * References were brought back in the context only. In the event of a timer, and in an output, they came back as the data that
 * stood for them: the answer to a late letter had no target, and its turn failed. Found by a machine of XState's own tests.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createMachine, sendTo, setup } from 'xstate'
import type { AnyActorRef, AnyStateMachine } from 'xstate'
import { assertTwins, type Specimen } from '../support/actor-twins.ts'

type Letter = { readonly type: 'LETTER'; readonly from: AnyActorRef }

const clerk = setup({ types: { events: {} as Letter } }).createMachine({
  id: 'clerk',
  on: { LETTER: { actions: sendTo(({ event }) => event.from, { type: 'ANSWER' }) } },
})

const citizen = (): Specimen => {
  const machine = setup({ actors: { clerk } }).createMachine({
    id: 'citizen',
    invoke: { id: 'office', src: 'clerk' },
    initial: 'writing',
    states: {
      writing: {
        entry: sendTo('office', ({ self }) => ({ type: 'LETTER', from: self }), { delay: 20 }),
        on: { ANSWER: 'content' },
      },
      content: {},
    },
  })
  return { machine: machine as AnyStateMachine, trace: [] }
}

it('ST1: a letter that waited is answered to the one who sent it', async () => {
  const twin = await assertTwins(citizen, [{ advance: 10 }, { advance: 10 }])
  assert.equal(twin.see().value, 'content')
})

it('ST1, LS1: a reference in an output is one after the way through its bytes, and can be looked at', async () => {
  const make = (): Specimen => ({
    machine: createMachine({
      initial: 'over',
      states: { over: { type: 'final' } },
      output: ({ self }) => ({ by: self }),
    }) as AnyStateMachine,
    trace: [],
  })
  assert.deepEqual((await assertTwins(make, [])).see().output, { by: 'ref' })
})
