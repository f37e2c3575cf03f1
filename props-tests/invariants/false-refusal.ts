/**
 * false-refusal: an opening that was refused though nothing but crashes had happened.
 *
 * Owns: which refusals are right. Leaves damage, which must be refused or repaired, to `silent-corruption`.
 *
 * HF1. An injected fault excuses a refusal until the next opening; damage to what the disk holds excuses it for ever.
 * HF2. While another process has the directory open, `UNLOST_LOCKED` is right.
 */
import { invariant } from './finding.ts'

/** See `about`. */
export const falseRefusal = invariant({
  name: 'false-refusal',
  guarantee: 'G9',
  about: 'After a mere crash the directory opens by itself, without a person.',
  *find(history) {
    const open = new Set<number>()
    let isFaulty = false
    let isDamaged = false
    for (const [at, event] of history.entries()) {
      if (event.kind === 'opened') {
        open.add(event.life)
        isFaulty = false
      }
      if (event.kind === 'crashed' || event.kind === 'closed') open.delete(event.life)
      if (event.kind === 'fault') {
        isFaulty ||= !event.text.startsWith('clock')
        isDamaged ||= event.damage === true
      }
      if (event.kind !== 'refused-opening' || isFaulty || isDamaged) continue
      if (event.code === 'UNLOST_LOCKED' && [...open].some((life) => life !== event.life)) continue
      yield { text: `opening was refused after a mere crash: ${event.code}: ${event.text}`, events: [at] }
    }
  },
})
