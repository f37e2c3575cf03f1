/**
 * What comes in at the door of a mailbox, and what may stand in a state.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { InvalidEventError, UnstorableError, canonicalJson, checkEvent } from '../../../actors/index.ts'

describe('the door', () => {
  it('ED1: an event has a type, and none of XState’s own', () => {
    for (const bad of [
      undefined,
      null,
      'X',
      {},
      { type: 1 },
      { type: '' },
      { type: 'xstate.stop' },
      { type: 'xstate.done.actor.p' },
    ]) {
      assert.throws(() => checkEvent(bad, 'a/1'), InvalidEventError)
    }
    checkEvent({ type: 'X' }, 'a/1')
    checkEvent({ type: 'xstate.route', to: '#there' }, 'a/1')
  })
})

/** The same value, its keys set in the order opposite to the alphabet. */
function backwards(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(backwards)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? 1 : -1))
  return Object.fromEntries(entries.map(([key, field]) => [key, backwards(field)]))
}

describe('state as text', () => {
  it('CJ1, CJ2: the text does not depend on the order of keys, and is the value again', () => {
    const number = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(-0))
    const scalar = fc.oneof(number, fc.string({ unit: 'binary' }), fc.boolean(), fc.constant(null))
    const key = fc.oneof(fc.string(), fc.constantFrom('toJSON', '__proto__', '10', '9', 'é', ''))
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof({ maxDepth: 4 }, scalar, fc.array(tie('value')), fc.dictionary(key, tie('value'))),
    }))
    fc.assert(
      fc.property(value, (given) => {
        const text = canonicalJson(given, 's') ?? ''
        assert.equal(canonicalJson(backwards(given), 's'), text)
        assert.equal(canonicalJson(JSON.parse(text), 's'), text)
        assert.deepEqual(backwards(JSON.parse(text)), backwards(given))
      }),
    )
  })

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
    const told = (value: unknown): string => {
      try {
        return canonicalJson(value, 's') ?? ''
      } catch (error) {
        assert.ok(error instanceof UnstorableError)
        return error.message.replace(/, which JSON.*/, '')
      }
    }
    assert.equal(told(ring), 's.self is s once more')
    const inner: Record<string, unknown> = {}
    inner['list'] = [1, { inner }]
    assert.equal(told({ context: { inner } }), 's.context.inner.list[1].inner is s.context.inner once more')
    let deep: unknown = 1
    for (let depth = 0; depth < 600; depth++) deep = { deep }
    assert.match(told({ start: deep }), /^s\.start(\.deep){8} … (\.deep){10} is nested too deep$/)
    for (const value of [-0, 0.1, 1e300, 'line\n"\u2028\ud800', true, null, [[]], {}]) {
      assert.deepEqual(JSON.parse(canonicalJson(value, 's') ?? ''), value)
    }
  })

  it('CJ3: undefined counts as absent', () => {
    assert.equal(canonicalJson({ a: undefined, b: 1 }, 's'), '{"b":1}')
    assert.equal(canonicalJson(undefined, 's'), undefined)
  })
})
