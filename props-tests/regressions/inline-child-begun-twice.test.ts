/**
 * A child whose logic is written in line begins once.
 *
 * XState makes the first state of what it refers to when it makes a reference. Of children by name our copy of a machine
 * gives it nothing to run; of logic in line it ran the real one, and our cell ran it once more. So the context of an inline
 * machine was made twice, and a child that it spawned in there would have been two. Found by counting.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createMachine, fromTransition, spawnChild } from 'xstate'
import type { AnyStateMachine } from 'xstate'
import { assertTwins, type Specimen } from '../support/actor-twins.ts'

const send = (type: string) => ({ send: { type } })

/** The trace tells whose first state was made. */
const counted = (make: (kid: unknown, sum: unknown) => object) => (): Specimen => {
  const trace: unknown[] = []
  const kid = createMachine({ context: () => ({ at: trace.push('machine') }) })
  const sum = fromTransition(
    (at: number) => at,
    () => trace.push('reducer'),
  )
  const machine = createMachine({ id: 'counted', initial: 'a', ...make(kid, sum) } as never)
  return { machine: machine as AnyStateMachine, trace }
}

const ways = {
  invoked: counted((kid, sum) => ({
    states: {
      a: { on: { GO: 'b' } },
      b: {
        invoke: [
          { id: 'k', src: kid },
          { id: 's', src: sum },
        ],
      },
    },
  })),
  spawned: counted((kid, sum) => ({
    states: {
      a: {
        on: {
          GO: {
            actions: [spawnChild(kid as never, { id: 'k' }), spawnChild(sum as never, { id: 's' })] as never,
          },
        },
      },
    },
  })),
}

for (const [how, make] of Object.entries(ways)) {
  it(`LS3: a child in line that is ${how} begins once, as in XState`, async () => {
    const { context } = (await assertTwins(make, [send('GO')])).see().children?.['k'] ?? {}
    assert.deepEqual(context, { at: 1 })
  })
}
