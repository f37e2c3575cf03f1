/**
 * Machines as people write them, durable and live side by side; and what holds of every turn.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assertTwins } from '../../support/actor-twins.ts'
import { cases } from '../../support/actor-cases.ts'
import { corners } from '../../support/actor-corners.ts'
import { features } from '../../support/actor-features.ts'
import { receptions } from '../../support/actor-receptions.ts'
import { spawns } from '../../support/actor-spawns.ts'

describe('a durable actor does what a live one does', () => {
  for (const { name, make, steps, input, ends } of [
    ...cases,
    ...features,
    ...corners,
    ...spawns,
    ...receptions,
  ]) {
    it(`ML1, MC1-MC3, IC1-IC3, OU1, OU2, OD1, TU3, SI1, PC1, MB1, MB2, NO1 and ST1: ${name}`, async () => {
      const { value, status } = (await assertTwins(make, steps, input)).see()
      assert.deepEqual({ value: status === 'error' ? ends.value : value, status }, ends)
    })
  }
})
