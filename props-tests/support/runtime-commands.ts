/**
 * Random commands for the whole runtime, each with its own deaths.
 *
 * Owns: what a random run is made of, and the property over it. Leaves carrying it out to `runtime-run.ts`.
 */
import fc from 'fast-check'
import { mortal } from './death-arbitrary.ts'
import type { RuntimeBook } from './runtime-book.ts'
import { RuntimeRun } from './runtime-run.ts'
import type { Bug, Plan, RuntimeCommand, RuntimeWork } from './runtime-run.ts'

const plan: fc.Arbitrary<Plan> = fc.record({
  key: fc.nat({ max: 3 }),
  padBytes: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 60 }) },
    fc.integer({ min: 1, max: 3_000 }),
  ),
  delayMs: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 3_000 })),
})

const producer = fc.nat({ max: 2 })
const group = fc.nat({ max: 2 })

/** Back by no more than a drain waits for; forward by as much as a day. */
const jump = fc.oneof(fc.integer({ min: -60_000, max: -1 }), fc.integer({ min: 1, max: 86_400_000 }))

const work: fc.Arbitrary<RuntimeWork> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('send'),
      producer,
      plans: fc.array(plan, { minLength: 1, maxLength: 8 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('batch'),
      producer,
      plans: fc.array(plan, { minLength: 2, maxLength: 4 }),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ do: 'resend' } as const) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('advance'), ms: fc.integer({ min: 1, max: 500 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('jump'), ms: jump }) },
  { weight: 1, arbitrary: fc.constant({ do: 'seek' } as const) },
  { weight: 1, arbitrary: fc.constant({ do: 'redrive' } as const) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pause'), group }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('resume'), group }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('renew'), producer }) },
  { weight: 1, arbitrary: fc.constant({ do: 'restart' } as const) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('takeover'),
      call: fc.integer({ min: 1, max: 8 }),
      plans: fc.array(plan, { minLength: 1, maxLength: 4 }),
      late: fc.array(plan, { minLength: 1, maxLength: 3 }),
    }),
  },
)

/** Commands of one run. */
export const runtimeCommands: fc.Arbitrary<RuntimeCommand[]> = fc.array(mortal(work), {
  minLength: 1,
  maxLength: 16,
  size: 'max',
})

/** Whatever the commands and crashes: the guarantees hold, and in the end everything is done. */
export function runtimeProperty(
  bug: Bug,
  seen: (book: RuntimeBook) => void = () => undefined,
): fc.IAsyncProperty<[RuntimeCommand[]]> {
  return fc.asyncProperty(runtimeCommands, async (all) => {
    seen((await carryOut(bug, all)).book)
  })
}

/** Runs all commands from an empty disk to the end. */
export async function carryOut(bug: Bug, commands: readonly RuntimeCommand[]): Promise<RuntimeRun> {
  const run = await RuntimeRun.begin(bug)
  for (const one of commands) await run.step(one)
  await run.finish()
  return run
}
