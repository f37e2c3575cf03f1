/**
 * Random combinations of damage to directories of known content, random files and names among them.
 *
 * Owns: which images there are, and counting. Leaves damage to `support/damage-arbitrary.ts`, judging to
 * `support/image-judge.ts`. `npm run fuzz` runs this kind alone.
 */
import fc from 'fast-check'
import { someDamage } from '../support/damage-arbitrary.ts'
import type { Damage } from '../support/damage-strike.ts'
import { foreignImage, standardImages } from '../support/image.ts'
import type { Image } from '../support/image.ts'
import { judgeImage, judgeLive } from '../support/image-judge.ts'
import type { ImageVerdict } from '../support/image-judge.ts'
import type { Situation } from './situations.ts'
import { subjectWith } from './subjects.ts'
import { taskKind } from './task.ts'

interface DamageCase {
  readonly image: number
  readonly damages: readonly Damage[]
  /** Whether it comes while the journal is open. */
  readonly isLive: boolean
}

const met: Readonly<Record<ImageVerdict, Situation>> = {
  refused: 'corruption-refused',
  'read-refused': 'read-refused',
  harmless: 'padding-damaged',
  'last-frames-lost': 'last-frame-lost',
  'another-journal': 'last-frame-lost',
}

export const damageKind = taskKind<DamageCase>({
  name: 'damage',
  share: 2,
  runs: 300,
  cases: fc.record({
    image: fc.nat({ max: 11 }),
    damages: someDamage,
    isLive: fc.integer({ min: 0, max: 3 }).map((one) => one === 3),
  }),
  run: ({ image, damages, isLive }, { bug, tally }) => {
    const subject = subjectWith(bug)
    const all = standardImages(subject)
    const chosen = all[image % all.length] as Image
    const judge = isLive ? judgeLive : judgeImage
    const verdict = judge(subject, { image: chosen, foreign: foreignImage(subject), damages })
    tally.add('images', verdict)
    tally.add('situations', met[verdict])
    for (const damage of damages) {
      tally.add('faults', `rot, ${damage.do}`)
      if (damage.do === 'stale') tally.add('situations', 'stale-block')
      if (damage.do === 'misdirect' || damage.do === 'swap') tally.add('situations', 'misdirected-block')
    }
  },
})
