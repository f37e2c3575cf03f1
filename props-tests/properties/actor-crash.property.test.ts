import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { actorCommands, carryOutActors } from '../support/actor-commands.ts'
import { ActorRun } from '../support/actor-run.ts'
import type { ActorCommand, ActorWork } from '../support/actor-run.ts'
import type { Plan } from '../support/actor-workload.ts'
import { openRuntime } from '../../runtime/index.ts'
import { dieEverywhere } from '../support/every-death.ts'

const NUM_RUNS = Number(process.env['UNLOST_RUNS'] ?? 60)

describe('actors under crashes, at random', () => {
  it('AH1, AH2, AH3, OG1, TI1, HS2, WA3: state, sends, timers and answers are exactly once', async (t) => {
    const total: Record<string, number> = {}
    const property = fc.asyncProperty(actorCommands, async (commands) => {
      const { book } = await carryOutActors(openRuntime, commands)
      for (const [name, count] of Object.entries(book.counts)) total[name] = (total[name] ?? 0) + count
    })
    await fc.assert(property, { numRuns: NUM_RUNS, includeErrorInReport: true })
    t.diagnostic(JSON.stringify(total))
    for (const [name, count] of Object.entries(total)) assert.ok(count > 0, `${name} happened`)
  })
})

describe('actors under crashes, every one of a small workload', () => {
  const plans = (...wants: Plan['wants'][]): Plan[] =>
    wants.map((want, key) => ({ key: key % 3, wants: want, delayMs: 90 }))
  const workload: readonly ActorWork[] = [
    { do: 'send', plans: plans('count', 'forward', 'publish', 'timer', 'promise', 'action') },
    { do: 'ask', key: 0 },
    { do: 'advance', ms: 120 },
    { do: 'send', plans: plans('fail', 'poison', 'count') },
    { do: 'advance', ms: 60 },
  ]

  it('AH1, AH2, OG2, EF1, EF4: at each changing call, before it and after it, by kill and by power cut', async (t) => {
    const runs = {
      begin: () => ActorRun.begin(openRuntime),
      carryOut: (commands: readonly ActorCommand[]) => carryOutActors(openRuntime, commands),
    }
    const points = await dieEverywhere(runs, workload)
    t.diagnostic(`${points} deaths`)
    assert.ok(points >= 100, `${points} deaths`)
  })
})
