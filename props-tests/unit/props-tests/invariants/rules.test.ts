import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { History } from '../../../history.ts'
import { allInvariants } from '../../../invariants/index.ts'
import { readHistory } from '../../../invariants/reading.ts'
import { exampleTerms, history, Teller } from '../../../support/tell-history.ts'

/** The names of all invariants that a history breaks. */
function brokenIn(told: History): string[] {
  return allInvariants.flatMap(({ check }) => check(told, exampleTerms)?.invariant ?? [])
}

describe('what the invariants hold in common', () => {
  it('HR1: a history is read once, and again when it has grown', () => {
    const teller = new Teller().open().send('a', 0)
    const first = readHistory(teller.events)
    assert.equal(readHistory(teller.events), first)
    teller.drain()
    assert.equal(readHistory(teller.events).drained?.event.waiting, 0)
  })

  it('HR2: nothing is compared across a move of the group', () => {
    assert.deepEqual(
      brokenIn(
        history((t) => t.send('a', 0).send('b', 1).handle(0).handle(1).move('seek').handle(0).drain()),
      ),
      [],
    )
  })

  it('HR3: what a replaced process begins says nothing of what the owner does', () => {
    const told = history((t) => {
      t.send('a', 0).open().handle(0)
      t.life = 1
      t.end(t.begin(0))
      t.life = 2
      t.drain()
    })
    const { runs, late } = readHistory(told)
    assert.deepEqual([runs.size, late.size], [1, 1])
    assert.deepEqual(brokenIn(told), [])
  })

  it('HC1: what a crash cut may be there or not, each part of it by itself', () => {
    for (const seen of [[], [0], [0, 1]]) {
      const told = history((t) => {
        t.ask('a')
        t.ask('b')
        t.crash().open()
        for (const offset of seen) t.handle(offset, { value: ['a', 'b'][offset] ?? '' })
        t.drain()
      })
      assert.deepEqual(brokenIn(told), [])
    }
  })

  it('HC2: two runs of one delivery hand over once', () => {
    const told = (times: number): History =>
      history((t) => {
        t.send('a', 0)
        t.ask('i', { topic: 'invoices', from: t.begin(0) })
        const again = t.crash().open().begin(0, { attempt: 2 })
        t.ask('i', { topic: 'invoices', from: again })
        t.end(again).settle(0, 'ack', { attempt: 2 })
        const spec = { topic: 'invoices', group: 'books', value: 'i', producer: 'outbox' }
        for (let i = 0; i < times; i += 1) t.handle(i, spec)
        t.drain()
      })
    assert.deepEqual(brokenIn(told(1)), [])
    assert.notDeepEqual(brokenIn(told(2)), [])
    assert.notDeepEqual(brokenIn(told(0)), [])
  })

  it('HQ1: nothing is missing before all is quiet', () => {
    assert.deepEqual(brokenIn(history((t) => t.send('a', 0))), [])
    assert.deepEqual(brokenIn(history((t) => t.send('a', 0).drain())), ['lost-write'])
  })

  it('HO1: messages without a key have no order', () => {
    const told = (key: string): History =>
      history((t) => t.send('a', 0, { key }).send('b', 1, { key }).handle(1).handle(0).drain())
    assert.deepEqual(brokenIn(told('')), [])
    assert.deepEqual(brokenIn(told('k')), ['reordered'])
  })

  it('HE2: a clock that was set back brings what was asked for before earlier by as much, and no more', () => {
    const told = (waitedMs: number): History =>
      history((t) => {
        t.send('a', 0, { dueMs: t.nowMs + 1_000 })
        t.tell({ kind: 'fault', text: 'clock -500 ms' })
        t.later(waitedMs - 500)
        t.handle(0).drain()
      })
    assert.deepEqual(brokenIn(told(1_000)), [])
    assert.deepEqual(brokenIn(told(999)), ['early-timer'])
  })

  it('HE1: a clock that was set back after the due time excuses the delivery, another clock does not', () => {
    const told = (aheadMs: number): History =>
      history((t) => {
        t.send('a', 0, { dueMs: t.nowMs + 100 }).later(aheadMs)
        t.tell({ kind: 'fault', text: `clock +${aheadMs} ms` })
        t.later(-aheadMs).handle(0).drain()
      })
    assert.deepEqual(brokenIn(told(100)), [])
    assert.deepEqual(brokenIn(told(99)), ['early-timer'])
  })

  it('HF1, HF2: a fault excuses a refusal once, damage for ever, a living owner as locked', () => {
    const refusal = { kind: 'refused-opening', code: 'UNLOST_DIRECTORY', text: 'EIO' } as const
    const told = (damage: boolean): History =>
      history((t) =>
        t.crash().tell({ kind: 'fault', text: 'EIO', damage }).tell(refusal).open().crash().tell(refusal),
      )
    assert.deepEqual(brokenIn(told(false)), ['false-refusal'])
    assert.deepEqual(brokenIn(told(true)), [])
  })

  it('HB1: a part that another send can explain tears no batch', () => {
    const told = (isSentAlone: boolean): History =>
      history((t) => {
        if (isSentAlone) t.ask('a')
        t.ask('a', { batch: 1 })
        t.ask('b', { batch: 1 })
        t.crash().open().handle(0, { value: 'a' }).drain()
      })
    assert.deepEqual(brokenIn(told(true)), [])
    assert.deepEqual(brokenIn(told(false)), ['torn-batch'])
  })
})
