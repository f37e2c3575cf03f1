/**
 * What comes in at the door of a mailbox, and what may stand in a state.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { InvalidEventError, UnstorableError, canonicalJson, checkEvent } from '../../../actors/index.ts'

describe('the door', () => {
  it('ED1: an event has a type, and none of XState’s own', () => {
    for (const bad of [
      undefined,
      null,
      'X',
      {},
      { type: 1 },
      { type: 'xstate.stop' },
      { type: 'xstate.done.actor.p' },
    ]) {
      assert.throws(() => checkEvent(bad, 'a/1'), InvalidEventError)
    }
    checkEvent({ type: 'X' }, 'a/1')
    checkEvent({ type: 'xstate.route', to: '#there' }, 'a/1')
  })
})

describe('state as text', () => {
  it('CJ1: equal values give equal text', () => {
    assert.equal(
      canonicalJson({ b: 1, a: [{ d: 1, c: 2 }] }, 's'),
      canonicalJson({ a: [{ c: 2, d: 1 }], b: 1 }, 's'),
    )
  })

  it('CJ2: what JSON would lose is refused by path', () => {
    const bad: readonly (readonly [unknown, string])[] = [
      [{ a: { when: new Date(0) } }, 's.a.when'],
      [{ a: [1, new Map()] }, 's.a[1]'],
      [{ n: Number.NaN }, 's.n'],
      [{ n: 1n }, 's.n'],
      [{ f: () => 1 }, 's.f'],
      [{ list: [undefined] }, 's.list[0]'],
      [{ e: new Error('x') }, 's.e'],
    ]
    for (const [value, path] of bad) {
      assert.throws(
        () => canonicalJson(value, 's'),
        (error) => error instanceof UnstorableError && error.path === path,
      )
    }
    const ring: Record<string, unknown> = {}
    ring['self'] = ring
    assert.throws(() => canonicalJson(ring, 's'), UnstorableError)
    for (const value of [-0, 0.1, 1e300, 'line\n"\u2028\ud800', true, null, [[]], {}]) {
      assert.deepEqual(JSON.parse(canonicalJson(value, 's') ?? ''), value)
    }
  })

  it('CJ3: undefined counts as absent', () => {
    assert.equal(canonicalJson({ a: undefined, b: 1 }, 's'), '{"b":1}')
    assert.equal(canonicalJson(undefined, 's'), undefined)
  })
})
