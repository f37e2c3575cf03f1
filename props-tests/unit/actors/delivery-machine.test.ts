/**
 * The life of one delivery under any events, in any order.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { createRunner, deliveryMachine, ownerCrashed } from '../../../actors/index.ts'
import type { ActionOf, DeliveryContext, DeliveryEvent } from '../../../actors/index.ts'
import { deliveryEvent, deliveryEvents } from '../../support/machine-events.ts'

type Action = ActionOf<typeof deliveryMachine>

/** One event, with the life before and after it. */
interface Turn {
  readonly event: DeliveryEvent
  readonly from: string
  readonly to: string
  readonly before: DeliveryContext
  readonly after: DeliveryContext
  readonly actions: readonly Action[]
}

function live(maxDeliveries: number, events: readonly DeliveryEvent[]): Turn[] {
  const runner = createRunner(deliveryMachine, { maxDeliveries })
  return events.map((event) => {
    const { value: from, context: before } = runner.snapshot
    const actions = runner.step(event)
    return { event, from, to: runner.snapshot.value, before, after: runner.snapshot.context, actions }
  })
}

/** Holds `check` against every turn of random lives. */
function everyTurn(check: (turn: Turn) => void): void {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), deliveryEvents, (maxDeliveries, events) => {
      for (const turn of live(maxDeliveries, events)) check(turn)
    }),
    { numRuns: 300 },
  )
}

const answerTypes: ReadonlySet<string> = new Set(['ACK', 'NACK', 'RETRY_AFTER', 'DEAD_LETTER', 'EXTEND'])
const admitted: DeliveryEvent = { type: 'ADMITTED', later: false, behind: false }
const recorded: DeliveryEvent = { type: 'RECORDED' }
const lease = (leaseId: number): DeliveryEvent[] => [{ type: 'LEASE', leaseId }, recorded]
const nack = (leaseId: number): DeliveryEvent[] => [
  { type: 'NACK', leaseId, reason: 'no', delayed: true },
  recorded,
  { type: 'DUE', behind: false },
]

describe('deliveryMachine', () => {
  it('DM1: an attempt counts when its lease is recorded, and only then', () => {
    everyTurn(({ event, from, before, after, actions }) => {
      const counts = from === 'leasing' && (event.type === 'RECORDED' || event.type === 'CRASHED')
      if (after.attempt > before.attempt) assert.ok(counts && (event.type === 'RECORDED' || event.recorded))
      const handles = actions.some(({ type }) => type === 'handle')
      assert.equal(handles, from === 'leasing' && event.type === 'RECORDED')
    })
  })

  it('DM1: a handler that ends the process each time is called maxDeliveries times, then never again', () => {
    const crash: DeliveryEvent = { type: 'CRASHED', recorded: true }
    const turns = live(3, [admitted, ...[1, 2, 3, 4].flatMap((id) => [...lease(id), crash])])
    const handled = turns.flatMap(({ actions }) => actions).filter(({ type }) => type === 'handle')
    assert.deepEqual(
      handled.map(({ params }) => params),
      [1, 2, 3].map((attempt) => ({ leaseId: attempt, attempt })),
    )
    const last = turns.at(-1)
    assert.equal(last?.to, 'dead')
    assert.deepEqual(
      last?.after.history,
      [1, 2, 3].map((attempt) => ({ attempt, reason: ownerCrashed })),
    )
  })

  it('DM2: the attempt stays within maxDeliveries and falls only to 0, by a redrive', () => {
    everyTurn(({ event, from, before, after }) => {
      assert.ok(after.attempt <= after.maxDeliveries)
      assert.ok(after.attempt <= before.attempt + 1)
      if (after.attempt >= before.attempt) return
      assert.deepEqual([from, event.type, after.attempt], ['dead', 'REDRIVEN', 0])
    })
  })

  it('DM3: dead comes of a last attempt that failed, or of DEAD_LETTER, and is announced once', () => {
    everyTurn(({ from, to, before, after, actions }) => {
      const announced = actions.filter(({ type }) => type === 'announceDead').length
      assert.equal(announced, to === 'dead' && from !== 'dead' ? 1 : 0)
      if (announced === 0) return
      const lastFailed = after.attempt >= after.maxDeliveries
      assert.ok(lastFailed || before.pending?.outcome === 'dead')
      assert.equal(after.history.length, before.history.length + 1)
    })
    everyTurn(({ event, from, to, after }) => {
      if (from !== 'leased' || to !== 'settling' || after.pending?.outcome !== 'dead') return
      assert.ok(event.type === 'DEAD_LETTER' || after.attempt >= after.maxDeliveries)
      assert.ok(['NACK', 'LEASE_LOST', 'DEAD_LETTER'].includes(event.type))
    })
  })

  it('DM3: no failure beyond the last attempt goes unburied', () => {
    everyTurn(({ to, after }) => {
      if (to === 'ready' || to === 'delayed' || to === 'blocked') {
        assert.ok(after.attempt < after.maxDeliveries || after.forgiven)
      }
    })
    const turns = live(2, [admitted, ...lease(1), ...nack(1), ...lease(2), ...nack(2)])
    assert.deepEqual(turns.at(-1)?.after.history, [
      { attempt: 1, reason: 'no' },
      { attempt: 2, reason: 'no' },
    ])
    assert.equal(turns.at(-1)?.to, 'dead')
  })

  it('DM4: after RETRY_AFTER the next lease has the same attempt, however often', () => {
    const again = (leaseId: number): DeliveryEvent[] => [
      ...lease(leaseId),
      { type: 'RETRY_AFTER', leaseId, delayed: false },
      recorded,
    ]
    const ids = Array.from({ length: 20 }, (_, index) => index + 1)
    const turns = live(1, [
      admitted,
      ...ids.flatMap(again),
      ...lease(21),
      { type: 'ACK', leaseId: 21 },
      recorded,
    ])
    const attempts = turns
      .flatMap(({ actions }) => actions)
      .flatMap((action) => (action.type === 'handle' ? [action.params.attempt] : []))
    assert.deepEqual(
      attempts,
      attempts.map(() => 1),
    )
    assert.deepEqual([attempts.length, turns.at(-1)?.to, turns.at(-1)?.after.history], [21, 'done', []])
  })

  it('DM5: an answer that names no present lease is refused and changes nothing', () => {
    everyTurn(({ event, from, to, before, after, actions }) => {
      if (!answerTypes.has(event.type) || !('leaseId' in event)) return
      const isPresent = from === 'leased' && event.leaseId === before.leaseId
      assert.equal(
        actions.some(({ type }) => type === 'refuseStale'),
        !isPresent,
      )
      if (isPresent) return
      assert.deepEqual([to, after, actions.length], [from, before, 1])
    })
  })

  it('DM5: a lease ends with its first answer', () => {
    const turns = live(5, [admitted, ...lease(1), ...nack(1), ...lease(2), { type: 'ACK', leaseId: 1 }])
    assert.deepEqual(turns.at(-1)?.actions, [{ type: 'refuseStale', params: { event: 'ACK' } }])
    assert.equal(turns.at(-1)?.to, 'leased')
  })

  it('DM5: under another lease nothing is extended', () => {
    const [present, stale] = [1, 2].map((leaseId) =>
      live(5, [admitted, ...lease(1), { type: 'EXTEND', leaseId }]).at(-1),
    )
    assert.deepEqual(present?.actions, [{ type: 'extendLease', params: undefined }])
    assert.deepEqual(stale?.actions, [{ type: 'refuseStale', params: { event: 'EXTEND' } }])
  })

  it('DM6: done and removed absorb everything', () => {
    everyTurn(({ from, to, before, after, actions }) => {
      if (from !== 'done' && from !== 'removed') return
      assert.deepEqual([to, after], [from, before])
      assert.ok(actions.every(({ type }) => type === 'refuseStale'))
    })
    fc.assert(
      fc.property(fc.array(deliveryEvent), (events) => {
        const way = [admitted, ...lease(1), { type: 'ACK', leaseId: 1 } as const, recorded]
        assert.equal(live(3, [...way, ...events]).at(-1)?.to, 'done')
      }),
    )
  })

  it('DM6: done and removed bear the mark of an end, and no other state does', () => {
    const runner = createRunner(deliveryMachine, { maxDeliveries: 3 })
    for (const event of [admitted, ...lease(1), { type: 'ACK', leaseId: 1 } as const]) {
      assert.ok(!runner.snapshot.hasTag('final'))
      runner.step(event)
    }
    const removed = createRunner(deliveryMachine, { maxDeliveries: 3 })
    for (const [one, event] of [
      [runner, recorded],
      [removed, { type: 'REMOVED' }],
    ] as const) {
      one.step(event)
      assert.ok(one.snapshot.hasTag('final'), event.type)
    }
  })

  it('DM2, DM4: only RETRY_AFTER is forgiven; a lost lease counts, and after a redrive the first attempt is 1', () => {
    const handled = (maxDeliveries: number, events: readonly DeliveryEvent[]) =>
      live(maxDeliveries, events)
        .flatMap(({ actions }) => actions)
        .flatMap((action) => (action.type === 'handle' ? [action.params.attempt] : []))
    const lost: DeliveryEvent = { type: 'LEASE_LOST', leaseId: 1, reason: 'late' }
    assert.deepEqual(handled(3, [admitted, ...lease(1), lost, recorded, ...lease(2)]), [1, 2])
    const buried: DeliveryEvent = { type: 'DEAD_LETTER', leaseId: 1, reason: 'bad' }
    const redriven: DeliveryEvent = { type: 'REDRIVEN', behind: false }
    const again = [admitted, ...lease(1), buried, recorded, redriven, ...lease(2)]
    assert.deepEqual(handled(3, again), [1, 1])
  })

  it('DM4, DM7: a forgiven last attempt whose answer was recorded before the crash is ready again, not dead', () => {
    const forgiven: DeliveryEvent = { type: 'RETRY_AFTER', leaseId: 1, delayed: false }
    const turns = live(1, [admitted, ...lease(1), forgiven, { type: 'CRASHED', recorded: true }])
    assert.deepEqual([turns.at(-1)?.to, turns.at(-1)?.after.history], ['ready', []])
    const undone = live(1, [admitted, ...lease(1), forgiven, { type: 'CRASHED', recorded: false }]).at(-1)
    assert.deepEqual([undone?.to, undone?.after.history], ['dead', [{ attempt: 1, reason: ownerCrashed }]])
  })

  it('DM7: a crash before the record is durable undoes the step, one after it completes the step', () => {
    everyTurn(({ event, from, to, before, after }) => {
      if (event.type !== 'CRASHED') return
      if (from === 'leasing' && !event.recorded) {
        assert.deepEqual([to, after], ['ready', { ...before, leaseId: undefined }])
      }
      if (from !== 'settling') return
      const isLast = before.attempt >= before.maxDeliveries
      const undone = isLast ? 'dead' : 'ready'
      assert.equal(to, event.recorded ? before.pending?.outcome : undone)
      const gained = after.history.slice(before.history.length)
      assert.equal(gained.at(-1)?.reason === ownerCrashed, !event.recorded)
    })
  })

  it('history names every failed attempt, in order', () => {
    everyTurn(({ event, before, after }) => {
      assert.deepEqual(after.history.slice(0, before.history.length), before.history)
      const gained = after.history.slice(before.history.length)
      assert.ok(gained.length <= 1)
      for (const entry of gained) {
        assert.equal(entry.attempt, after.attempt)
        assert.ok(['RECORDED', 'CRASHED'].includes(event.type))
      }
    })
  })
})
