/**
 * Histories that keep and break `split-owner`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

export const splitOwner: Example = {
  name: 'split-owner',
  holds: {
    'what was sent before the take-over is told later': history((t) => {
      const send = t.send('a', 0).handle(0).ask('b')
      t.open()
      t.life = 1
      t.confirm(send, 1)
      t.life = 2
      t.handle(1).drain()
    }),
    'a handler of the old owner goes on, and the new one handles its message again': history((t) => {
      t.send('a', 0).open().handle(0)
      t.life = 1
      t.end(t.begin(0))
      t.life = 2
      t.drain()
    }),
    'an ack that was durable before the take-over is told later': history((t) => {
      const run = t.send('a', 0).begin(0)
      t.end(run).open()
      t.life = 1
      t.settle(0)
      t.life = 2
      t.drain()
    }),
    'the old owner is refused': history((t) => {
      t.open()
      t.life = 1
      t.reject(t.ask('a'), 'not-written', 'UNLOST_FENCED')
      t.life = 2
      t.drain()
    }),
  },
  breaks: {
    'sent and confirmed behind the take-over': history((t) => {
      t.open()
      t.life = 1
      t.send('a', 0)
      t.life = 2
      t.handle(0).drain()
    }),
    'handled and acknowledged behind the take-over': history((t) => {
      t.send('a', 0).open()
      t.life = 1
      t.handle(0)
      t.life = 2
      t.drain()
    }),
  },
}
