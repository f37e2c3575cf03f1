/**
 * A machine that listens to the snapshots of an observable gets them, whatever the observable's subscription is.
 *
 * The snapshot of a running observable holds its subscription, often an object that leads back to itself. It went into the
 * mail as it was, the mail could not be written, and the machine heard of nothing. Found by machines of XState's own tests.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { assign, fromObservable, setup } from 'xstate'
import { defineActor } from '../../actors/index.ts'
import { listenTo, openRig } from '../support/sending-rig.ts'

interface Ring {
  own?: Ring
  unsubscribe(): void
}

/** Gives 1, 2, 3 to whoever subscribes. */
const numbers = {
  subscribe: (observer: { next?: (value: number) => void }): Ring => {
    const ring: Ring = { unsubscribe: () => {} }
    ring.own = ring
    queueMicrotask(() => [1, 2, 3].forEach((value) => observer.next?.(value)))
    return ring
  },
}

it('OD1: each snapshot of an observable is mail, without what is of this run only', async () => {
  const machine = setup({
    types: { context: {} as { got: unknown[] } },
    actors: { numbers: fromObservable<number, undefined>(() => numbers as never) },
  }).createMachine({
    context: { got: [] },
    invoke: {
      id: 'numbers',
      src: 'numbers',
      onSnapshot: {
        guard: ({ event }) => event.snapshot.context !== undefined,
        actions: assign({ got: ({ context, event }) => [...context.got, event.snapshot.context] }),
      },
    },
  })
  const listener = defineActor('listener', { machine })
  const rig = await openRig({ actors: [listener] })
  const failed = listenTo(rig.runtime, 'actor-failed')
  const ref = rig.runtime.actor(listener, 'k')
  ref.send({ type: 'BEGIN' }).catch(assert.ifError)
  await rig.settle()
  await rig.settle()
  assert.deepEqual(failed, [])
  assert.deepEqual((await ref.snapshot())?.context.got, [1, 2, 3])
  await rig.runtime.close()
})
