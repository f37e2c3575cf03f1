/**
 * Mishaps and cases drawn by fast-check, so that a failing case shrinks to few messages and one mishap.
 *
 * Owns: what is drawn, how often, and what is simplest. Leaves carrying a case out to `simulation.ts`.
 *
 * AR1. A mishap is a field of its step: dropping a step moves no other mishap.
 * AR2. The simplest crash is a kill before the first system call; the simplest step sends one message and waits for nothing.
 * AR3. A case sends at least one message: one that sends none could find nothing, and would pass for a run all the same.
 */
import fc from 'fast-check'
import type { FaultOptions } from './check-options.ts'
import type { Death, Mishap } from './mishap.ts'

/** One step of a run: messages that are sent, time that goes by, and what goes wrong meanwhile. */
export interface Step<Value> {
  readonly values: readonly Value[]
  readonly waitMs: number
  readonly mishap: Mishap | undefined
}

/** Everything that decides a run. */
export interface Case<Value> {
  readonly steps: readonly Step<Value>[]
  readonly chance: number
  readonly tape: readonly number[]
}

const CALLS_MAX = 30
const HANDLER_STEPS_MAX = 12

/** A death at a system call. Power cuts only with `tornWrites`. */
export function death(options: { readonly tornWrites?: boolean } = {}): fc.Arbitrary<Death> {
  const kinds = options.tornWrites === false ? (['kill'] as const) : (['kill', 'power'] as const)
  return fc.record({
    call: fc.integer({ min: 1, max: CALLS_MAX }),
    moment: fc.constantFrom('before', 'within', 'after'),
    kind: fc.constantFrom(...kinds),
    tape: fc.array(fc.nat({ max: 7 }), { maxLength: 6, size: 'max' }),
  })
}

/** Anything that may go wrong in a step, of the kinds that are on. */
export function mishap(faults: FaultOptions | false = {}): fc.Arbitrary<Mishap> {
  const kinds = faults === false ? [] : mishapsOf(faults)
  // Without any kind this is never drawn; fast-check wants at least one.
  return fc.oneof(...(kinds.length > 0 ? kinds : [{ weight: 1, arbitrary: fc.constant(nothing) }]))
}

const nothing: Mishap = { do: 'clock-jump', ms: 0 }

type Weighted = fc.WeightedArbitrary<Mishap>

function mishapsOf(faults: FaultOptions): Weighted[] {
  const isOn = (kind: keyof FaultOptions): boolean => faults[kind] !== false
  return [
    ...(isOn('crash') ? crashes(faults) : []),
    ...(isOn('effects') ? [{ weight: 4, arbitrary: effectFailure }] : []),
    ...(isOn('diskErrors') ? [{ weight: 1, arbitrary: diskError }] : []),
    ...(isOn('diskFull') ? [{ weight: 1, arbitrary: diskFull }] : []),
    ...(isOn('clockJumps') ? [{ weight: 1, arbitrary: clockJump }] : []),
  ]
}

function crashes(faults: FaultOptions): Weighted[] {
  const { tornWrites = true, recoveryCrash = true } = faults
  const again = recoveryCrash
    ? fc.option(death({ tornWrites }), { nil: undefined, freq: 4 })
    : fc.constant(undefined)
  const inHandler = fc.record({
    do: fc.constant('handler-crash' as const),
    nth: fc.integer({ min: 1, max: HANDLER_STEPS_MAX }),
    kind: tornWrites ? fc.constantFrom('kill' as const, 'power' as const) : fc.constant('kill' as const),
    tape: fc.array(fc.nat({ max: 7 }), { maxLength: 6, size: 'max' }),
  })
  return [
    { weight: 5, arbitrary: inHandler },
    {
      weight: 6,
      arbitrary: fc.record({ do: fc.constant('crash' as const), death: death({ tornWrites }), again }),
    },
  ]
}

const effectFailure = fc.record({
  do: fc.constant('effect' as const),
  nth: fc.integer({ min: 1, max: 6 }),
  how: fc.constantFrom('fails' as const, 'fails-after' as const, 'slow' as const),
})

const diskError = fc.record({
  do: fc.constant('disk-error' as const),
  call: fc.constantFrom('sync' as const, 'write' as const),
  nth: fc.integer({ min: 1, max: 6 }),
  effect: fc.constantFrom('dropped' as const, 'full' as const, 'half' as const),
})

const diskFull = fc.record({
  do: fc.constant('disk-full' as const),
  freeBytes: fc.constantFrom(0, 4096, 65_536),
})

const clockJump = fc.record({
  do: fc.constant('clock-jump' as const),
  ms: fc.constantFrom(1_000, -1_000, 3_600_000, -3_600_000, 86_400_000, -86_400_000),
})

const STEPS_MAX = 6
const VALUES_MAX = 4

/** A whole case over `values`. */
export function cases<Value>(
  values: fc.Arbitrary<Value>,
  faults: FaultOptions | false,
): fc.Arbitrary<Case<Value>> {
  const hasMishaps = faults !== false && mishapsOf(faults).length > 0
  const step = fc.record({
    values: fc.array(values, { maxLength: VALUES_MAX, size: 'max' }),
    waitMs: fc.constantFrom(0, 1, 20, 400, 6_000),
    mishap: hasMishaps ? fc.option(mishap(faults), { nil: undefined, freq: 3 }) : fc.constant(undefined),
  })
  const all = fc.record({
    steps: fc.array(step, { minLength: 1, maxLength: STEPS_MAX, size: 'max' }),
    chance: fc.nat({ max: 1_000_000 }),
    tape: fc.array(fc.nat({ max: 6 }), { maxLength: 6, size: 'max' }),
  })
  return all.filter(({ steps }) => steps.some((each) => each.values.length > 0))
}
