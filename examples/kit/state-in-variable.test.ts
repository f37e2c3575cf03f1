/**
 * The kit finds state that dies with the process.
 */
import { describe, it } from 'node:test'
import { checkTopic } from '../../props-tests/index.ts'
import { expectBroken } from './expect-broken.ts'
import { anyOrder, customerOf } from './orders.ts'
import { SumsInMemory, sumsInDatabase } from './state-in-variable.ts'
import type { Sum } from './state-in-variable.ts'

describe('what a customer owes', () => {
  it('is forgotten in a variable', () =>
    expectBroken(
      'state-lost',
      checkTopic({
        title: 'sums in memory',
        values: anyOrder,
        key: customerOf,
        // Called in each life of the process: a crash takes what the handler keeps in memory.
        start: () => {
          const sums = new SumsInMemory()
          return { handler: sums.handle, view: () => sums.sums() }
        },
      }),
    ))

  it('is kept in a database', async () => {
    await checkTopic({
      title: 'sums in a database',
      values: anyOrder,
      key: customerOf,
      start: (world) => ({ handler: sumsInDatabase(world.table<Sum>('sums')) }),
    })
  })
})
