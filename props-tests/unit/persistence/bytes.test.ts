/**
 * Proves how numbers stand on disk, alignment, and the search for zeros.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { align8, getU64, isZero, putU64, usedLength } from '../../../persistence/internal.ts'

it('Y1: a number that is not a safe integer is neither written nor read', () => {
  const view = new DataView(new ArrayBuffer(8))
  for (const value of [0, 1, 2 ** 32, 2 ** 53 - 1]) {
    putU64(view, 0, value)
    assert.equal(getU64(view, 0), value)
  }
  for (const value of [-1, 0.5, 2 ** 53, Number.NaN]) assert.throws(() => putU64(view, 0, value))
  view.setUint32(4, 0xffffffff, true)
  assert.ok(Number.isNaN(getU64(view, 0)))
})

it('Y1: alignment and the search for zeros', () => {
  assert.deepEqual([0, 1, 8, 9].map(align8), [0, 8, 8, 16])
  const bytes = new Uint8Array(200_000)
  assert.ok(isZero(bytes))
  for (const at of [0, 65_535, 65_536, 131_072, 199_999]) {
    bytes[at] = 1
    assert.equal(usedLength(bytes), at + 1)
  }
})
