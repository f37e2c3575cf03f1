/**
 * Damaged directories in small: a sample of bits, every unit, every size, every file of some images, and random
 * combinations. `npm run images` does all of them, `npm run fuzz` goes on with random ones.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { bytesOf, filesOf } from '../disk-damage.ts'
import { someDamage } from '../support/damage-arbitrary.ts'
import { strike } from '../support/damage-strike.ts'
import { everyBit, everyCut, everyFile, everyUnit } from '../support/every-damage.ts'
import { foreignImage, makeImage, standardImages, standardPlans } from '../support/image.ts'
import type { Image } from '../support/image.ts'
import { judgeImage, judgeLive } from '../support/image-judge.ts'
import { spellVerdicts, sweep } from '../support/image-sweep.ts'
import { rightSubject } from '../support/journal-subject.ts'
import { runSeed } from '../support/seed.ts'
import { seededBugs } from '../support/seeded-bugs.ts'
import { ViolationError } from '../support/violation.ts'

/** A prime, so that the sample has bits of every place in a byte; the seed moves it. */
const EVERY_BIT = 149
const FUZZ_RUNS = 400

const images = standardImages(rightSubject)

function imageNamed(name: string): Image {
  const image = images.find((one) => one.name === name)
  assert.ok(image !== undefined, name)
  return image
}

describe('damage to images', () => {
  for (const name of ['small, killed', 'small, idle', 'lives, release'] as const) {
    const image = imageNamed(name)
    const isClosed = name.endsWith('release')

    it(`G9, IJ1 and IJ4: a bit that turned over is refused or means nothing: ${name}`, (t) => {
      const every = isClosed ? 10 * EVERY_BIT + 2 : EVERY_BIT
      const verdicts = sweep(rightSubject, image, everyBit(image, { every, from: runSeed % every }))
      t.diagnostic(spellVerdicts(verdicts))
      assert.ok(verdicts.refused > 20 && verdicts.harmless > 0)
      if (!name.endsWith('killed')) assert.equal(verdicts['last-frames-lost'], 0, 'its end is marked')
    })
  }

  for (const name of ['small, idle', 'small, release', 'freed, killed'] as const) {
    const image = imageNamed(name)

    it(`G9 and IJ2: units zeroed, repeated, swapped, stale, foreign or unreadable: ${name}`, (t) => {
      const some = [...everyUnit(image)].filter(
        (_, i) => image.name.startsWith('small') || i % 7 === runSeed % 7,
      )
      const verdicts = sweep(rightSubject, image, some)
      t.diagnostic(spellVerdicts(verdicts))
      assert.ok(verdicts.refused > 20 && verdicts.harmless > 0)
      if (name.endsWith('release')) assert.equal(verdicts['last-frames-lost'], 0, 'its end is noted')
    })
  }

  for (const name of ['small, idle', 'lives, release'] as const) {
    const image = imageNamed(name)

    it(`G9 and IJ3: files cut, grown, gone, doubled, renamed, old or foreign: ${name}`, (t) => {
      const cuts = [...everyCut(image)].filter((_, i) => i % 3 === runSeed % 3)
      const verdicts = sweep(rightSubject, image, [...cuts, ...everyFile(image)])
      t.diagnostic(spellVerdicts(verdicts))
      assert.ok(verdicts.refused > 20 && verdicts.harmless > 0)
    })
  }

  it('G9 and IJ6: damage that comes while the journal is open is refused by the read that meets it', (t) => {
    const seen = new Map<string, number>()
    const image = imageNamed('large, idle')
    for (const damage of everyUnit(image)) {
      const verdict = judgeLive(rightSubject, { image, foreign: image, damages: [damage] })
      seen.set(verdict, (seen.get(verdict) ?? 0) + 1)
      if ((seen.get('read-refused') ?? 0) > 40) break
    }
    t.diagnostic(JSON.stringify([...seen]))
    assert.ok((seen.get('read-refused') ?? 0) > 40)
  })

  it('G9 and IJ5: any combination, with random files among ours', (t) => {
    const seen = new Map<string, number>()
    const foreign = foreignImage(rightSubject)
    const cases = fc.record({ image: fc.constantFrom(...images.keys()), damages: someDamage })
    const property = fc.property(cases, ({ image, damages }) => {
      const verdict = judgeImage(rightSubject, { image: images[image] as Image, foreign, damages })
      seen.set(verdict, (seen.get(verdict) ?? 0) + 1)
    })
    fc.assert(property, { numRuns: FUZZ_RUNS, includeErrorInReport: true })
    t.diagnostic(JSON.stringify([...seen]))
    assert.ok((seen.get('refused') ?? 0) > 50 && (seen.get('harmless') ?? 0) > 50)
  })
})

describe('the judge of images is judged', () => {
  for (const bug of seededBugs.filter(({ trigger }) => trigger === 'damage')) {
    it(`IJ2: it finds the bug: ${bug.name}`, () => {
      const subject = bug.plant(rightSubject)
      const [image] = standardImages(subject)
      assert.ok(image !== undefined)
      assert.throws(() => sweep(subject, image, everyUnit(image)), ViolationError)
    })
  }

  it('IJ4: a reader that asks for too much, or never ends, is found', () => {
    const image = imageNamed('small, killed')
    for (const [reads, bytes] of [
      [1, 64 * 1024 * 1024],
      [30_000, 16],
    ] as const) {
      const greedy = {
        name: `reads ${reads}`,
        open: (...[disk, life]: Parameters<typeof rightSubject.open>) => {
          const file = disk.open('/data/journal', 'read')
          for (let i = 0; i < reads; i += 1) disk.read(file, new Uint8Array(bytes), 0)
          disk.close(file)
          return rightSubject.open(disk, life)
        },
      }
      const damaged = { image, foreign: image, damages: [] }
      assert.throws(() => judgeImage(greedy, damaged), /unbounded|hang/)
    }
  })

  it('IM2 and DS2: the same plan and the same damage give the same bytes', () => {
    const [plan] = standardPlans()
    assert.ok(plan !== undefined)
    const damages = fc.sample(someDamage, { seed: runSeed, numRuns: 30 }).flat()
    const bytes = [1, 2].map(() => {
      const image = makeImage(rightSubject, plan)
      for (const damage of damages) {
        strike(image.disk, damage, { earlier: image.earlier, foreign: foreignImage(rightSubject).disk })
      }
      return filesOf(image.disk).map((path) => [
        path,
        Buffer.from(bytesOf(image.disk, path)).toString('base64'),
      ])
    })
    assert.deepEqual(bytes[0], bytes[1])
  })
})
