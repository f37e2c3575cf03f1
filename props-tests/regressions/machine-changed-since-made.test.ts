/**
 * A machine is taken as it is, with what was put into it after it had been made.
 *
 * The definition made a machine of its own from the config. Tools that trace entries and exits put actions into the nodes of
 * a machine, converters from other formats widen its transitions: of both nothing was left. Found by XState's own tests,
 * which do so to its machines.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { assign, createMachine } from 'xstate'
import type { AnyStateMachine } from 'xstate'
import { assertTwins, type Specimen } from '../support/actor-twins.ts'

const send = (type: string) => ({ send: { type } })

function made(): { machine: AnyStateMachine; trace: unknown[] } {
  const machine = createMachine({
    id: 'm',
    context: { n: 0 },
    initial: 'a',
    states: { a: { on: { GO: 'b' } }, b: { on: { GO: 'a' } } },
  }) as AnyStateMachine
  return { machine, trace: [] }
}

it('MP1: actions that were put into its states are carried out', async () => {
  const make = (): Specimen => {
    const { machine, trace } = made()
    machine.states['b']?.entry.push(
      () => trace.push('b in'),
      assign({ n: ({ context }: { context: { n: number } }) => context.n + 1 }) as never,
    )
    machine.states['b']?.exit.push(() => trace.push('b out'))
    return { machine, trace }
  }
  const twin = await assertTwins(make, [send('GO'), send('GO'), send('GO')])
  assert.deepEqual(twin.see().context, { n: 2 })
})

it('MP1: a transition under another event than the config says is taken', async () => {
  const make = (): Specimen => {
    const { machine, trace } = made()
    const a = machine.states['a']
    a?.transitions.set('GO.*', a.transitions.get('GO') ?? [])
    return { machine, trace }
  }
  const twin = await assertTwins(make, [send('GO.FAST')])
  assert.equal(twin.see().value, 'b')
})
