/**
 * A child that has gone is nobody: not for mail that waited for it, and not for those who remember it.
 *
 * A child was known by its id alone. A delayed event for one that was stopped meanwhile went to the next child under that id.
 * A reference in the context to a child without a successor came back from disk as nothing, and XState takes nothing for the
 * actor itself: it got its own mail for the child. Found by machines of XState's own tests.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { assign, sendParent, sendTo, setup, spawnChild, stopChild } from 'xstate'
import type { AnyActorRef, AnyStateMachine } from 'xstate'
import { assertTwins, type Specimen } from '../support/actor-twins.ts'

type Event =
  | { readonly type: 'HIRE' | 'FIRE' | 'LATER' | 'CALL' | 'BELL' | 'BUSY' }
  | { readonly type: 'HERE'; readonly who: AnyActorRef }

interface Office {
  readonly who: AnyActorRef | null
  readonly heard: readonly string[]
}

const helper = setup({ types: { events: {} as Event } }).createMachine({
  id: 'helper',
  entry: sendParent(({ self }) => ({ type: 'HERE', who: self })),
  on: { BELL: { actions: sendParent({ type: 'BUSY' }) } },
})

const office = (): Specimen => {
  const machine = setup({
    types: { context: {} as Office, events: {} as Event },
    actors: { helper },
    actions: { hear: assign({ heard: ({ context, event }) => [...context.heard, event.type] }) },
  }).createMachine({
    id: 'office',
    context: { who: null, heard: [] },
    on: {
      HIRE: { actions: spawnChild('helper', { id: 'h' }) },
      FIRE: { actions: stopChild('h') },
      LATER: { actions: sendTo('h', { type: 'BELL' }, { delay: 10 }) },
      CALL: { actions: sendTo(({ context }) => context.who as AnyActorRef, { type: 'BELL' }) },
      HERE: { actions: assign({ who: ({ context, event }) => context.who ?? event.who }) },
      BELL: { actions: 'hear' },
      BUSY: { actions: 'hear' },
    },
  })
  return { machine: machine as AnyStateMachine, trace: [] }
}

const send = (type: string) => ({ send: { type } })

it('TT1: late mail for a child that was stopped does not reach the next one under its id', async () => {
  const steps = [send('HIRE'), send('LATER'), send('FIRE'), send('HIRE'), { advance: 10 }]
  const { heard } = (await assertTwins(office, steps)).see().context as Office
  assert.deepEqual(heard, [])
})

it('TT1: late mail for a child that is still the same reaches it', async () => {
  const { heard } = (await assertTwins(office, [send('HIRE'), send('LATER'), { advance: 10 }])).see()
    .context as Office
  assert.deepEqual(heard, ['BUSY'])
})

it('ST1: a remembered child that has gone gets nothing, nor does the one who remembers it', async () => {
  const steps = [send('HIRE'), send('CALL'), send('FIRE'), send('CALL'), send('HIRE'), send('CALL')]
  const { heard } = (await assertTwins(office, steps)).see().context as Office
  assert.deepEqual(heard, ['BUSY'])
})
