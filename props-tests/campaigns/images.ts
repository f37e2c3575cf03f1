/**
 * Every single damage of every standard image: `npm run images`, on all cores.
 *
 * Owns: which of them a worker does, adding up and printing. Leaves the damages to `support/every-damage.ts`.
 *
 * EI1. Of the small images every bit is turned over; of the larger ones, whose bytes are mostly payload, every 61st.
 * EI2. The exit code is 1 at the first that is judged wrong.
 */
import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Damage } from '../support/damage-strike.ts'
import { everyBit, everyCut, everyFile, everyUnit } from '../support/every-damage.ts'
import { standardImages } from '../support/image.ts'
import type { Image } from '../support/image.ts'
import { noVerdicts, spellVerdicts, sweep } from '../support/image-sweep.ts'
import type { Verdicts } from '../support/image-sweep.ts'
import { rightSubject } from '../support/journal-subject.ts'

interface Shard {
  readonly index: number
  readonly of: number
}

/** Verdicts by image and kind of damage. */
interface Word {
  readonly name: string
  readonly verdicts: Verdicts
}

const LARGE_EVERY_BIT = 61

const kinds: readonly { readonly name: string; readonly of: (image: Image) => Iterable<Damage> }[] = [
  { name: 'bits', of: (image) => everyBit(image, { every: strideOf(image), from: 0 }) },
  { name: 'units', of: everyUnit },
  { name: 'sizes', of: everyCut },
  { name: 'files', of: everyFile },
]

function strideOf({ name }: Image): number {
  return name.startsWith('small') ? 1 : LARGE_EVERY_BIT
}

function* ofShard(damages: Iterable<Damage>, { index, of }: Shard): Generator<Damage> {
  let number = 0
  for (const damage of damages) {
    if (number % of === index) yield damage
    number += 1
  }
}

function work(shard: Shard): void {
  for (const image of standardImages(rightSubject)) {
    for (const kind of kinds) {
      const verdicts = sweep(rightSubject, image, ofShard(kind.of(image), shard))
      process.send?.({ name: `${image.name}: ${kind.name}`, verdicts } satisfies Word)
    }
  }
  process.disconnect()
}

async function lead(): Promise<void> {
  const of = availableParallelism()
  const all = new Map<string, { verdicts: Verdicts; parts: number }>()
  const take = ({ name, verdicts }: Word): void => {
    const sum = all.get(name) ?? { verdicts: noVerdicts(), parts: 0 }
    add(sum.verdicts, verdicts)
    sum.parts += 1
    all.set(name, sum)
    if (sum.parts === of) console.log(`${name}: ${spellVerdicts(sum.verdicts)}`)
  }
  const codes = await Promise.all(
    Array.from({ length: of }, (_, index) => {
      const child = fork(fileURLToPath(import.meta.url), [JSON.stringify({ index, of })], {
        execArgv: ['--import', 'tsx'],
      })
      child.on('message', take)
      return new Promise<number | null>((resolve) => child.on('close', resolve))
    }),
  )
  const total = noVerdicts()
  for (const { verdicts } of all.values()) add(total, verdicts)
  console.log(`all: ${spellVerdicts(total)}`)
  if (codes.some((code) => code !== 0)) process.exitCode = 1
}

function add(sum: Verdicts, more: Verdicts): void {
  for (const name of Object.keys(sum) as (keyof Verdicts)[]) sum[name] += more[name]
}

const [shard] = process.argv.slice(2)
if (shard === undefined) await lead()
else work(JSON.parse(shard) as Shard)
