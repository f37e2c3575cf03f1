/**
 * The timers of a machine in the course of a turn.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TimerBook } from '../../../actors/internal.ts'

const timer = (id: string): { readonly id: string; readonly event: { readonly type: string } } => ({
  id,
  event: { type: 'LATE' },
})
const committed = Object.freeze({ 'b#2.1': timer('b'), 'a#3.1': timer('a'), 'a#10.2': timer('a') })

describe('TimerBook', () => {
  it('TB1: without a change it gives the timers that were committed; with one they are as they were', () => {
    const book = new TimerBook(committed)
    assert.deepEqual(
      [book.lastOf('a'), book.lastOf('none'), book.get('b#2.1')?.id],
      ['a#10.2', undefined, 'b'],
    )
    assert.equal(book.state(), committed)
    book.forget('a#3.1')
    book.arm('b#11.1', timer('b'))
    book.loosen('b')
    assert.deepEqual(Object.keys(book.state()), ['b#2.1', 'a#10.2', 'b#11.1'])
    assert.deepEqual(Object.keys(committed), ['b#2.1', 'a#3.1', 'a#10.2'])
    assert.deepEqual([book.get('b#2.1')?.loose, committed['b#2.1']], [true, timer('b')])
  })

  it('TN1: the last of an id is told by its numbers, not by its place', () => {
    const book = new TimerBook({ 'a#9.1': timer('a'), 'a#10.2': timer('a'), 'a#10.1': timer('a') })
    assert.equal(book.lastOf('a'), 'a#10.2')
    book.forget('a#10.2')
    assert.equal(book.lastOf('a'), 'a#10.1')
    book.forgetAll()
    assert.deepEqual([book.lastOf('a'), book.names()], [undefined, []])
  })
})
