/**
 * What an event, an input or a result may hold.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { UnstorableError, checkPlain } from '../../../actors/index.ts'

const pathOf = (value: unknown): string | undefined => {
  try {
    checkPlain(value, 'event')
    return undefined
  } catch (error) {
    assert.ok(error instanceof UnstorableError)
    return error.path
  }
}

describe('plain JSON', () => {
  it('PJ1: what would come back as something else is refused by its path', () => {
    const odd = [
      new Date(0),
      new Map(),
      new Set(),
      /x/,
      new URL('file:///x'),
      new RangeError('x'),
      () => 1,
      1n,
      Symbol('s'),
      { [Symbol('s')]: 1 },
      Number.NaN,
      Infinity,
    ]
    for (const value of odd) assert.equal(pathOf({ type: 'A', list: [1, { value }] }), 'event.list[1].value')
    assert.equal(pathOf({ list: [undefined] }), 'event.list[0]')
    assert.equal(pathOf({ list: Array(2) }), 'event.list[0]')
    assert.equal(pathOf({ at: { toJSON: () => 1 } }), 'event.at.toJSON')
    const circle: Record<string, unknown> = {}
    assert.match(pathOf(Object.assign(circle, { circle })) ?? '', /^event\.circle/)
  })

  it('PJ1 and PJ2: of what is let through nothing is lost but what is undefined, and the sign of 0', () => {
    assert.equal(pathOf({ type: 'A', gone: undefined, zero: -0 }), undefined)
    assert.equal(pathOf(Object.assign(Object.create(null) as object, { a: 1 })), undefined)
    fc.assert(
      fc.property(
        fc.anything({ withDate: true, withMap: true, withNullPrototype: true, withSparseArray: true }),
        (value) => {
          if (value === undefined || pathOf(value) !== undefined) return
          const back: unknown = JSON.parse(JSON.stringify(value))
          assert.deepEqual(plain(back), plain(value))
        },
      ),
    )
  })
})

/** Without what counts as absent. */
function plain(value: unknown): unknown {
  if (typeof value === 'number') return value === 0 ? 0 : value
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item: unknown) => plain(item))
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  return fields.map(([key, field]) => [key, plain(field)])
}
