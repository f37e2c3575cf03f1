/**
 * Histories that keep and break `unbounded`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

export const unbounded: Example = {
  name: 'unbounded',
  holds: {
    'below its limit': history((t) =>
      t.tell({ kind: 'held', what: 'bytes in memory', count: 10, limit: 10 }),
    ),
    'as many handlers as are allowed': history((t) => {
      const runs = [0, 1].map((offset) => t.send('a', offset, { key: `k${offset}` }).begin(offset))
      for (const run of runs) t.end(run)
      t.settle(0).settle(1).drain()
    }),
    'a crash ends all handlers': history((t) => {
      for (const offset of [0, 1]) t.send('a', offset, { key: `k${offset}` }).begin(offset)
      t.crash().open()
      const runs = [0, 1].map((offset) => t.begin(offset, { attempt: 2 }))
      for (const [i, run] of runs.entries()) t.end(run).settle(i, 'ack', { attempt: 2 })
      t.drain()
    }),
  },
  breaks: {
    'above its limit': history((t) =>
      t.tell({ kind: 'held', what: 'bytes in memory', count: 11, limit: 10 }),
    ),
    'more handlers than are allowed': history((t) => {
      const runs = [0, 1, 2].map((offset) => t.send('a', offset, { key: `k${offset}` }).begin(offset))
      for (const [i, run] of runs.entries()) t.end(run).settle(i)
      t.drain()
    }),
  },
}
