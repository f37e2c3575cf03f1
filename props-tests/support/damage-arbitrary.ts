/**
 * Random damage to directories.
 *
 * Owns: how it is drawn. Leaves doing it to `damage-strike.ts`.
 */
import fc from 'fast-check'
import type { Damage, Units } from './damage-strike.ts'

const file = fc.nat({ max: 11 })
const units: fc.Arbitrary<Units> = fc.record({
  file,
  unit: fc.nat({ max: 140 }),
  count: fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, fc.constant(8), fc.integer({ min: 1, max: 40 })),
})
const version = fc.nat({ max: 12 })
const seed = fc.nat()
/** Inside the first kilobytes, where the frames are, or anywhere. */
const size = fc.oneof(
  fc.nat({ max: 9_000 }),
  fc.nat({ max: 70_000 }),
  fc.nat({ max: 140 }).map((unit) => unit * 512),
)

const count = fc.oneof(fc.nat({ max: 6 }), fc.constantFrom(999_999_999_999, Number.MAX_SAFE_INTEGER))
const digits = fc
  .tuple(count, fc.constantFrom(12, 12, 12, 1))
  .map(([value, width]) => String(value).padStart(width, '0'))

/** Names of ours, names that nearly are, and any. */
const name = fc.oneof(
  fc.tuple(digits, digits).map(([id, epoch]) => `segment-${id}-${epoch}`),
  fc.tuple(digits, fc.constantFrom('', '.closed')).map(([epoch, end]) => `owner-${epoch}${end}`),
  fc.tuple(digits, digits).map(([id, epoch]) => `aside-${id}-${epoch}-1`),
  fc.constantFrom('journal', 'lock', 'lost+found', '.DS_Store', 'segment-', 'owner-', 'core'),
  fc.stringMatching(/^[a-zA-Z0-9._ -]{1,30}$/).filter((word) => word !== '.' && word !== '..'),
)

const one: fc.Arbitrary<Damage> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('flip' as const),
      file,
      at: fc.nat({ max: 600_000 }),
      bits: fc.constantFrom(1, 1, 1, 2, 8, 32),
    }),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom('zero', 'zero', 'unreadable', 'repeat'), units)
      .map(([what, where]) => ({ do: what, ...where })),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(units, seed).map(([where, of]) => ({ do: 'garbage' as const, seed: of, ...where })),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(units, version)
      .map(([where, of]) => ({ do: 'stale' as const, version: of, ...where })),
  },
  { weight: 1, arbitrary: units.map((where) => ({ do: 'foreign' as const, ...where })) },
  {
    weight: 3,
    arbitrary: fc
      .record({
        what: fc.constantFrom('swap', 'misdirect'),
        where: units,
        to: units,
        shift: fc.nat({ max: 3 }),
      })
      .map(({ what, where, to, shift }) => ({ do: what, to, shift, ...where })),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('cut', 'grow'), file, size }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('remove', 'remove', 'make-directory'), file }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('old-file', 'foreign-file'), file, version }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('double', 'rename'), file, name }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('plant' as const), name, seed, size }) },
)

/** Mostly one or two, up to six. */
export const someDamage: fc.Arbitrary<Damage[]> = fc.array(one, {
  minLength: 1,
  maxLength: 6,
  size: 'medium',
})
