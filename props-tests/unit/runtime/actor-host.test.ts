import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { defineTopic } from '../../../runtime/index.ts'
import { double } from '../../support/actor-double.ts'
import { Fate, listenTo, openRig, reopen } from '../../support/sending-rig.ts'

interface Sum {
  readonly sum: number
  readonly seen: number
}

const counter = double<Sum>('counter', {
  initial: () => ({ sum: 0, seen: 0 }),
  reduce: (state, event, asks) => {
    if (event.type === 'ADD') return { sum: state.sum + Number(event['by']), seen: state.seen + 1 }
    if (event.type === 'GET') {
      asks.ask({ kind: 'reply', value: state.sum })
      return state
    }
    if (event.type === 'BAD') throw new RangeError('bad')
    return undefined
  },
})

const add = (by: number) => ({ type: 'ADD', by })

describe('an actor', () => {
  it('AH2: takes its mail in order, and the state is there after a restart', async () => {
    const rig = await openRig({ actors: [counter] })
    const alice = rig.runtime.actor(counter, 'alice')
    const fates = [1, 2, 3].map((by) => new Fate(alice.send(add(by))))
    await rig.settle()
    assert.deepEqual(
      fates.map(({ words }) => words),
      ['fulfilled', 'fulfilled', 'fulfilled'],
    )
    assert.deepEqual(await alice.snapshot(), {
      status: 'active',
      context: { sum: 6, seen: 3 },
      output: undefined,
    })
    const again = await reopen(rig, { actors: [counter] })
    await again.settle()
    assert.deepEqual((await again.runtime.actor(counter, 'alice').snapshot())?.context, { sum: 6, seen: 3 })
  })

  it('AR2: answers a question once the answer is on disk', async () => {
    const rig = await openRig({ actors: [counter] })
    const alice = rig.runtime.actor(counter, 'alice')
    const fate = new Fate(alice.send(add(5), { until: 'processed' }))
    const asked = new Fate(alice.ask({ type: 'GET' }))
    await rig.settle()
    assert.equal(fate.state, 'fulfilled')
    assert.equal(asked.value, 5)
  })
})

void defineTopic
void listenTo
