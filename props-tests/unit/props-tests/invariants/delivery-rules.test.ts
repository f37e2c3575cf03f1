import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { History, RunEnd } from '../../../history.ts'
import { allInvariants, compareRuns, notYet } from '../../../invariants/index.ts'
import { exampleTerms, history } from '../../../support/tell-history.ts'

/** The names of all invariants that a history breaks. */
function brokenIn(told: History, terms = exampleTerms): string[] {
  return allInvariants.flatMap(({ check }) => check(told, terms)?.invariant ?? [])
}

describe('what the invariants of deliveries allow for', () => {
  it('HD1: a handler that returned before a crash owes nothing, one that failed does', () => {
    const told = (how: RunEnd): History =>
      history((t) => t.send('a', 0).end(t.begin(0), how).crash().open().drain())
    assert.deepEqual(brokenIn(told('returned')), [])
    assert.deepEqual(brokenIn(told('threw')), ['lost-delivery'])
  })

  it('HD1, HK1: where nobody tells what handlers ask for, an untold ack may be their own', () => {
    const terms = { ...exampleTerms, asks: false }
    const cut = history((t) => {
      t.send('a', 0).begin(0)
      t.crash().open().drain()
    })
    assert.deepEqual(brokenIn(cut, terms), [])
    const early = history((t) => {
      const run = t.send('a', 0).begin(0)
      t.settle(0).end(run).drain()
    })
    assert.deepEqual(brokenIn(early, terms), [])
    assert.deepEqual(brokenIn(early), ['ack-before-work'])
  })

  it('HD2: without a list of the dead letters, what a crash cut may be one', () => {
    const told = history((t) => {
      t.send('a', 0).begin(0)
      t.crash().open().drain()
    })
    assert.deepEqual(brokenIn(told, { ...exampleTerms, lists: false }), [])
    assert.deepEqual(brokenIn(told), ['lost-delivery'])
  })

  it('HS1: of two values under one id either is right, and no third', () => {
    const told = (value: string): History =>
      history((t) =>
        t
          .reject(t.ask('a', { messageId: 'm' }))
          .send('b', 0, { messageId: 'm' })
          .handle(0, { value })
          .handle(0, { value: value === 'c' ? 'd' : value, group: 'audit' })
          .drain(),
      )
    for (const value of ['a', 'b']) assert.deepEqual(brokenIn(told(value)), [])
    assert.deepEqual(brokenIn(told('c')), ['silent-corruption'])
  })

  it('HA1: an attempt that was given back may have the same number', () => {
    const told = (how: RunEnd, text?: string): History =>
      history((t) =>
        t
          .send('a', 0)
          .tell({ kind: 'ended', run: t.begin(0), how, text })
          .handle(0)
          .drain(),
      )
    assert.deepEqual(brokenIn(told('retry-after')), [])
    assert.deepEqual(brokenIn(told('aborted')), [])
    assert.deepEqual(brokenIn(told('threw', 'ClosedError')), [])
    assert.deepEqual(brokenIn(told('threw', 'not today')), ['attempt-regress'])
  })

  it('HT1, HT2: attempts that nobody saw may be listed; after a move the count begins anew', () => {
    const told = (isMoved: boolean, attempts: readonly number[]): History =>
      history((t) => {
        t.send('a', 0)
          .end(t.begin(0, { attempt: 2 }), 'threw')
          .settle(0, 'nack', { attempt: 2 })
        if (isMoved) t.move('seek')
        const attempt = isMoved ? 1 : 3
        t.end(t.begin(0, { attempt }), 'dead-letter').settle(0, 'dead-letter', { attempt })
        t.drain().list(0, attempts)
      })
    assert.deepEqual(brokenIn(told(false, [1, 2, 3])), [])
    assert.deepEqual(brokenIn(told(false, [1, 3])), ['lost-attempt'])
    assert.deepEqual(brokenIn(told(true, [1])), [])
  })

  it('HO2: what a group had met before it was moved has lost its place', () => {
    const told = (isMoved: boolean): History =>
      history((t) => {
        t.send('a', 0).send('b', 1)
        const run = t.begin(0)
        t.end(run, 'dead-letter').settle(0, 'dead-letter').handle(1)
        if (isMoved) t.move('redrive').send('c', 2).handle(2).handle(0)
        else t.drain().list(0, [1])
        t.drain()
      })
    assert.deepEqual(brokenIn(told(true)), [])
    assert.deepEqual(brokenIn(told(false)), [])
    const early = history((t) => t.send('a', 0).send('b', 1).move('redrive').handle(1).handle(0).drain())
    assert.deepEqual(brokenIn(early), ['reordered'])
  })

  it('HL1: a handler whose end was settled no longer has its message', () => {
    const told = (isSettled: boolean): History =>
      history((t) => {
        const run = t.send('a', 0).begin(0)
        if (isSettled) t.tell({ kind: 'asked', run, how: 'nack' }).settle(0, 'nack')
        t.handle(0, { attempt: 2 }).end(run).drain()
      })
    assert.deepEqual(brokenIn(told(true)), [])
    assert.deepEqual(brokenIn(told(false)), ['double-lease'])
  })
})

describe('what the invariants of partitions allow for', () => {
  const lane = { topic: 'orders', partition: 0 } as const

  it('HX1: one short log is one violation, and damage is named first', () => {
    const told = (damage: boolean): History =>
      history((t) => {
        t.send('a', 0)
          .handle(0)
          .tell({ kind: 'extent', ...lane, first: 0, next: 1 })
          .read(0)
        if (damage) t.tell({ kind: 'fault', text: 'a bit', damage })
        t.crash()
          .open()
          .tell({ kind: 'extent', ...lane, first: 0, next: 0 })
          .drain()
      })
    assert.deepEqual(brokenIn(told(false)), ['lost-suffix'])
    assert.deepEqual(brokenIn(told(true)), ['silent-truncation'])
  })

  it('HZ1: what a group may have done is not needed', () => {
    const told = (isAgain: boolean): History =>
      history((t) => {
        t.send('a', 0).end(t.begin(0)).crash().open()
        t.tell({ kind: 'extent', ...lane, first: 1, next: 1 })
        if (isAgain) t.handle(0, { attempt: 2 })
        t.drain()
      })
    assert.deepEqual(brokenIn(told(false)), [])
    assert.deepEqual(brokenIn(told(true)), ['premature-retention'])
  })

  it('HG1: a send under way may have come in, one that a quiet run had seen may not', () => {
    const told = (isQuiet: boolean): History =>
      history((t) => {
        t.reject(t.ask('a'))
        if (isQuiet) t.drain()
        for (const waiting of [0, 1]) t.tell({ kind: 'backlog', group: 'billing', topic: 'orders', waiting })
      })
    assert.deepEqual(brokenIn(told(false)), [])
    assert.deepEqual(brokenIn(told(true)), ['cursor-regress'])
  })
})

describe('what no single history can show', () => {
  it('two runs that differ are told by their first difference', () => {
    const told = (value: string): History => history((t) => t.send('a', 0).send(value, 1))
    assert.equal(compareRuns(told('b'), told('b')), undefined)
    const found = compareRuns(told('b'), told('c'))
    assert.equal(found?.invariant, 'nondeterminism')
    assert.deepEqual(found.events, [3])
    assert.match(found.text, /"b".*"c"/)
    assert.deepEqual(compareRuns(told('b'), told('b').slice(0, 4))?.events, [4])
  })

  it('what cannot be checked yet is not among those that can, and has a reason', () => {
    const names = allInvariants.map(({ name }) => name)
    for (const [name, reason] of Object.entries(notYet)) {
      assert.ok(!names.includes(name))
      assert.match(reason, /^[A-Z].*\.$/)
    }
  })
})
