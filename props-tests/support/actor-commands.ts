/**
 * Random commands for actors, each with its own deaths.
 *
 * Owns: what a random run is made of. Leaves carrying it out to `actor-run.ts`.
 */
import fc from 'fast-check'
import { ActorRun } from './actor-run.ts'
import type { ActorCommand, ActorWork } from './actor-run.ts'
import type { Plan } from './actor-workload.ts'
import type { openRuntime } from '../../runtime/index.ts'
import { mortal } from './death-arbitrary.ts'

const key = fc.nat({ max: 2 })

const plan: fc.Arbitrary<Plan> = fc.record({
  key,
  wants: fc.oneof(
    { weight: 3, arbitrary: fc.constant('count' as const) },
    fc.constantFrom('forward', 'publish', 'timer', 'promise', 'emit', 'fail', 'poison', 'action'),
  ),
  delayMs: fc.integer({ min: 0, max: 1_500 }),
})

const work: fc.Arbitrary<ActorWork> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('send'), plans: fc.array(plan, { minLength: 1, maxLength: 8 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('ask'), key }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('feed'), key }) },
  { weight: 2, arbitrary: fc.constant({ do: 'resend' } as const) },
  { weight: 1, arbitrary: fc.constant({ do: 'redrive' } as const) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('advance'), ms: fc.integer({ min: 1, max: 500 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('jump'), ms: fc.integer({ min: -20_000, max: 86_400_000 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'restart' } as const) },
)

export const actorCommands: fc.Arbitrary<ActorCommand[]> = fc.array(mortal(work), {
  minLength: 1,
  maxLength: 14,
  size: 'max',
})

/** Runs all commands from an empty disk to the end. */
export async function carryOutActors(
  open: typeof openRuntime,
  commands: readonly ActorCommand[],
): Promise<ActorRun> {
  const run = await ActorRun.begin(open)
  for (const one of commands) await run.step(one)
  await run.finish()
  return run
}
