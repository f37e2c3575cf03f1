/**
 * A sweep over damages of images, with what came of each.
 *
 * Owns: the counts and their table. Leaves judging to `image-judge.ts`, and which damages to the caller.
 *
 * SW1. The first image that is judged wrong ends the sweep, with image and damage by name.
 */
import type { Damage } from './damage-strike.ts'
import { foreignImage } from './image.ts'
import type { Image } from './image.ts'
import { judgeImage } from './image-judge.ts'
import type { ImageVerdict } from './image-judge.ts'
import type { Subject } from './journal-run.ts'
import { ViolationError } from './violation.ts'

export type Verdicts = Record<ImageVerdict, number>

export function noVerdicts(): Verdicts {
  return { refused: 0, 'read-refused': 0, harmless: 0, 'last-frames-lost': 0, 'another-journal': 0 }
}

/** Judges each damage alone. Throws `ViolationError`. */
export function sweep(subject: Subject, image: Image, damages: Iterable<Damage>): Verdicts {
  const verdicts = noVerdicts()
  const foreign = foreignImage(subject)
  for (const damage of damages) verdicts[judgeNamed(subject, { image, foreign, damages: [damage] })] += 1
  return verdicts
}

function judgeNamed(subject: Subject, damaged: Parameters<typeof judgeImage>[1]): ImageVerdict {
  try {
    return judgeImage(subject, damaged)
  } catch (error) {
    const where = `${damaged.image.name}, ${JSON.stringify(damaged.damages)}`
    if (error instanceof ViolationError)
      throw new ViolationError(error.invariant, `${where}: ${error.message}`, error)
    throw new ViolationError('unexpected-error', `${where}: ${String(error)}`, error)
  }
}

/** `3,012 refused, 12 harmless, …`, without those that are none. */
export function spellVerdicts(verdicts: Verdicts): string {
  const some = Object.entries(verdicts).filter(([, count]) => count > 0)
  return some.map(([name, count]) => `${count.toLocaleString('en-US')} ${name}`).join(', ')
}
