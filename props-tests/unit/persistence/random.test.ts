/**
 * Proves that both sources of random bytes keep to the port.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { systemRandom } from '../../../persistence/internal.ts'
import { SimulatedRandom } from '../../simulated-random.ts'

it('N1: random bytes are as many as asked for, and the caller may keep them', () => {
  for (const random of [systemRandom, new SimulatedRandom(5)]) {
    const [first, second] = [random.bytes(16), random.bytes(16)]
    assert.equal(first.length, 16)
    const kept = Uint8Array.from(first)
    second.fill(0)
    assert.deepEqual(first, kept)
    assert.notDeepEqual(random.bytes(16), first)
  }
})
