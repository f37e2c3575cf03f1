/**
 * duplicated-effect: what a handler handed over with its ack, committed more than once.
 *
 * Owns: sends that share the record of an ack. Leaves effects on the world outside to the comparison with a run
 * without faults, for only the user knows which of them may happen twice.
 */
import { invariant } from './finding.ts'
import { excessesOf } from './phantom.ts'
import { describe } from './reading.ts'

/** See `about`. */
export const duplicatedEffect = invariant({
  name: 'duplicated-effect',
  guarantee: 'G7',
  about: 'What a handler sends with its ack is committed once, however often the handler runs.',
  *find(history) {
    for (const { content, spot, at } of excessesOf(history, 'duplicated-effect')) {
      const runs = content.handOvers.map(({ run }) => run.at)
      const source = content.handOvers[0]?.run.delivery.spot
      const from = source === undefined ? '' : `, handed over for ${describe(source)},`
      yield { text: `${describe(spot)}${from} is there more than once`, events: [...runs, at] }
    }
  },
})
