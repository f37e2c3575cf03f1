/**
 * Histories that keep and break `producer-gap`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

export const producerGap: Example = {
  name: 'producer-gap',
  holds: {
    'one after the other': history((t) => t.send('a', 0).send('b', 1).handle(0).handle(1).drain()),
    'two producers take turns': history((t) =>
      t
        .send('a', 0, { sequence: 1 })
        .send('b', 1, { producer: 'till', sequence: 1 })
        .send('c', 2, { sequence: 2 })
        .handle(0)
        .handle(1)
        .handle(2)
        .drain(),
    ),
    'the missing number may lie where nobody looked': history((t) =>
      t.send('a', 0, { topic: 'notes' }).send('c', 2, { topic: 'notes' }).drain(),
    ),
  },
  breaks: {
    'the first number is missing': history((t) => t.send('a', 0, { sequence: 2 }).handle(0).drain()),
    'a number left out': history((t) =>
      t.send('a', 0).send('b', 1, { sequence: 3 }).handle(0).handle(1).drain(),
    ),
  },
}
