import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Run } from '../../../persistence/index.ts'
import {
  DueHeap,
  Fifo,
  IntervalSet,
  KeyOrder,
  MailboxState,
  RecentRuns,
  toRanges,
} from '../../../runtime/internal.ts'
import { heapBytes } from '../../support/heap.ts'

const offset = fc.nat(40)

describe('collections', () => {
  it('IS1: ranges are sorted, apart and never empty, after any adding and advancing', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), start: offset, end: offset }),
      fc.record({ kind: fc.constant('range' as const), start: offset, end: offset }),
      fc.record({ kind: fc.constant('advance' as const), start: offset, end: offset }),
    )
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const set = new IntervalSet()
        const model = new Set<number>()
        for (const { kind, start, end } of steps) {
          if (kind === 'add') {
            assert.equal(set.add(start), !model.has(start), 'IS2')
            model.add(start)
          } else if (kind === 'range') {
            set.addRange(start, end)
            for (let i = start; i < end; i += 1) model.add(i)
          } else {
            // A floor is never above what is in the set.
            const lowest = Math.min(start, ...model)
            let floor = lowest
            while (model.delete(floor)) floor += 1
            assert.equal(set.advance(lowest), floor)
          }
          assert.deepEqual(set.ranges(), toRanges([...model]))
          assert.equal(set.size, model.size)
          for (let i = 0; i <= 41; i += 1) assert.equal(set.has(i), model.has(i))
        }
        set.ranges().forEach(([start, end], index, all) => {
          assert.ok(start < end)
          assert.ok(index === 0 || start > (all[index - 1]?.[1] ?? 0))
        })
      }),
      { numRuns: 300 },
    )
  })

  it('IS1: ten million offsets in one range cost one range, and no time each', () => {
    const set = new IntervalSet()
    set.addRange(0, 1e15)
    set.addRange(2e15, 3e15)
    set.addRange(5e14, 2e15)
    assert.deepEqual(set.ranges(), [[0, 3e15]])
    assert.equal(set.rangeCount, 1)
  })

  it('IS2: adding answers whether the offset was new', () => {
    const set = new IntervalSet()
    assert.deepEqual(
      [set.add(3), set.add(3), set.add(4), set.add(2), set.add(4)],
      [true, false, true, true, false],
    )
    assert.deepEqual(toRanges([5, 1, 3, 2]), [
      [1, 4],
      [5, 6],
    ])
  })

  it('FI1: a queue keeps its order over pushing, taking, putting back, filtering and draining', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constantFrom('push', 'shift', 'drain', 'filter'), count: fc.nat(5) }),
      fc.record({ kind: fc.constantFrom('back', 'unshift'), count: fc.nat(5) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = new Fifo<number>()
        let model: number[] = []
        let next = 0
        for (const { kind, count } of steps) {
          const fresh = Array.from({ length: count }, () => next++)
          if (kind === 'push') for (const item of fresh) queue.push(item)
          if (kind === 'push') model.push(...fresh)
          if (kind === 'unshift') queue.unshift(fresh)
          if (kind === 'unshift') model.unshift(...fresh)
          if (kind === 'shift') assert.equal(queue.shift(), model.shift())
          if (kind === 'back')
            queue.unshift(fresh.map(() => queue.shift()).filter((item) => item !== undefined))
          if (kind === 'filter') queue.filter((item) => item % 3 > 0)
          if (kind === 'filter') model = model.filter((item) => item % 3 > 0)
          if (kind === 'drain' && count === 0) assert.deepEqual(queue.drain(), model.splice(0))
          assert.equal(queue.size, model.length)
          assert.equal(queue.first, model[0])
        }
        assert.deepEqual(queue.drain(), model)
      }),
      { numRuns: 300 },
    )
  })

  it('FI1: taking a few and putting them back does not copy a long queue', () => {
    const timeOf = (size: number): bigint => {
      const queue = new Fifo<number>()
      for (let i = 0; i < size; i += 1) queue.push(i)
      const startNs = process.hrtime.bigint()
      for (let i = 0; i < 2000; i += 1) queue.unshift([queue.shift(), queue.shift()].map(Number))
      return process.hrtime.bigint() - startNs
    }
    timeOf(1000)
    const small = Number(timeOf(1000))
    const large = Number(timeOf(400_000))
    // A copy each time would be some hundred times slower; a busy machine is not.
    assert.ok(large < small * 50 + 20e6, `${small} ns, then ${large} ns`)
  })

  it('FI1: what was taken out is not held', () => {
    const queue = new Fifo<number>()
    for (let i = 0; i < 5000; i += 1) queue.push(i)
    for (let i = 0; i < 5000; i += 1) assert.equal(queue.shift(), i)
    assert.equal(queue.shift(), undefined)
    queue.push(1)
    assert.equal(queue.first, 1)
  })

  it('DH1: what falls due first comes first, equal times in order of offset', () => {
    const due = fc.record({ dueMs: fc.nat(20), offset: fc.nat(1000) })
    fc.assert(
      fc.property(fc.array(due), fc.nat(20), (dues, nowMs) => {
        const heap = new DueHeap()
        for (const { dueMs, offset: at } of dues) heap.add(dueMs, at)
        const sorted = dues.toSorted((a, b) => a.dueMs - b.dueMs || a.offset - b.offset)
        assert.equal(heap.nextDueMs, sorted[0]?.dueMs)
        for (const each of sorted.filter(({ dueMs }) => dueMs <= nowMs))
          assert.equal(heap.takeDue(nowMs), each.offset)
        assert.equal(heap.takeDue(nowMs), undefined)
        assert.equal(heap.size, sorted.filter(({ dueMs }) => dueMs > nowMs).length)
        heap.clear()
        assert.deepEqual([heap.size, heap.nextDueMs], [0, undefined])
      }),
    )
  })

  it('DH2: an entry is two numbers', () => {
    const before = heapBytes()
    const heap = new DueHeap()
    for (let i = 0; i < 200_000; i += 1) heap.add(1_767_225_600_000 + ((i * 7919) % 100_000), i)
    const bytesEach = (heapBytes() - before) / heap.size
    assert.ok(bytesEach < 32, `${bytesEach} bytes each`)
  })

  it('KO1: at most one message of a key is free, and without a key all are', () => {
    const order = new KeyOrder<number>()
    assert.deepEqual(
      [order.enter('a', 1, 1), order.enter('a', 2, 2), order.enter('a', 1, 1)],
      [true, false, true],
    )
    assert.deepEqual(
      [order.enter('b', 3, 3), order.enter(undefined, 4, 4), order.enter(undefined, 5, 5)],
      [true, true, true],
    )
    assert.equal(order.waitingCount, 1)
    assert.equal(order.leave(undefined, Number), undefined)
    order.clear()
    assert.equal(order.waitingCount, 0)
    assert.equal(order.enter('a', 2, 2), true)
  })

  it('KO2: those that wait become free in the order in which they came', () => {
    const order = new KeyOrder<number>()
    for (const at of [1, 2, 3, 4]) order.enter('a', at, at)
    const freed = [1, 2, 3, 4].map(() => order.leave('a', Number))
    assert.deepEqual(freed, [2, 3, 4, undefined])
    assert.equal(order.waitingCount, 0)
    assert.equal(order.enter('a', 9, 9), true, 'the key is free again')
  })

  it('RR1: recent runs are found by offset, and the oldest go when there are too many bytes', () => {
    const recent = new RecentRuns(3000)
    const run = (mailbox: number, firstOffset: number, count: number): Run => {
      return { mailbox, firstOffset, count, timestampMs: 0, bytes: new Uint8Array(400) }
    }
    for (const [mailbox, first] of [
      [1, 0],
      [2, 0],
      [1, 5],
      [1, 10],
    ] as const)
      recent.add(run(mailbox, first, 5))
    assert.equal(recent.find(1, 4)?.firstOffset, 0)
    assert.equal(recent.find(1, 5)?.firstOffset, 5)
    assert.equal(recent.find(1, 15), undefined)
    assert.equal(recent.find(3, 0), undefined)
    recent.add(run(1, 15, 5))
    assert.equal(recent.find(1, 0), undefined, 'the oldest went')
    assert.equal(recent.find(2, 3)?.firstOffset, 0)
    assert.equal(recent.find(1, 19)?.firstOffset, 15)
    const none = new RecentRuns(0)
    none.add(run(1, 0, 1))
    assert.equal(none.find(1, 0), undefined)
  })

  it('RR1: small runs are bounded as well', () => {
    const recent = new RecentRuns(1024 * 1024)
    const before = heapBytes()
    for (let i = 0; i < 100_000; i += 1) {
      recent.add({
        mailbox: 1,
        firstOffset: i,
        count: 1,
        timestampMs: 0,
        bytes: Buffer.from('a small message'),
      })
    }
    const bytes = heapBytes() - before
    assert.ok(bytes < 3 * 1024 * 1024, `${bytes} bytes`)
    assert.notEqual(recent.find(1, 99_999), undefined)
  })

  it('MS1: the end moves as it is told, and the beginning never goes back', () => {
    const state = new MailboxState(1, 1, 0)
    state.advance(5, 100)
    state.trim(3)
    state.trim(1)
    assert.deepEqual([state.first, state.next], [3, 5])
    const copy = new MailboxState(1, 1, 0)
    copy.restore(state.image())
    assert.deepEqual(copy.image(), state.image())
  })

  it('MS2: samples stay few, are dropped below the beginning, and find an offset by bytes', () => {
    const state = new MailboxState(1, 1, 0)
    for (let next = 1; next <= 20_000; next += 1) state.advance(next, 1000)
    assert.ok(state.image().samples.length <= 257)
    const from = state.offsetWithin(5_000_000)
    assert.ok(from >= 15_000 && from < 15_200, `${from}`)
    assert.deepEqual([state.offsetWithin(0), state.offsetWithin(20_000_000)], [20_000, 0])
    state.trim(19_000)
    assert.ok(state.image().samples.length < 600)
    assert.equal(state.offsetWithin(20_000_000), 19_000)
  })
})
