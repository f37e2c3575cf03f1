import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { History } from '../history.ts'
import { allInvariants, compareRuns } from '../invariants/index.ts'
import { backlogRun, backlogTerms } from '../support/backlog-run.ts'
import { dieEverywhere } from '../support/every-death.ts'
import type { Crash } from '../support/journal-run.ts'
import { carryOut, runtimeProperty } from '../support/runtime-commands.ts'
import { RuntimeRun } from '../support/runtime-run.ts'
import type { Plan, RuntimeCommand, RuntimeWork } from '../support/runtime-run.ts'

const right = { name: 'none' }
/** How many random runs; more for a longer campaign. */
const NUM_RUNS = Number(process.env['UNLOST_RUNS'] ?? 120)

function plans(...keys: number[]): Plan[] {
  return keys.map((key) => ({ key, padBytes: 20 + key, delayMs: 0 }))
}

describe('the whole runtime under crashes, at random', () => {
  it('RT1, BR1, GU1, GU2: nothing confirmed is lost, repeated, reordered, early or half done', async (t) => {
    const total: Record<string, number> = {}
    const property = runtimeProperty(right, ({ counts }) => {
      for (const [name, count] of Object.entries(counts)) total[name] = (total[name] ?? 0) + count
    })
    await fc.assert(property, { numRuns: NUM_RUNS, includeErrorInReport: true })
    t.diagnostic(JSON.stringify(total))
    for (const [name, count] of Object.entries(total)) assert.ok(count > 0, `${name} happened`)
  })
})

describe('the whole runtime under crashes, every one of a small workload', () => {
  const workload: readonly RuntimeWork[] = [
    { do: 'send', producer: 0, plans: plans(0, 0, 1, 2, 0, 1) },
    { do: 'advance', ms: 120 },
    { do: 'batch', producer: 1, plans: plans(0, 1, 2) },
    { do: 'restart' },
  ]

  it('RT1, BR1, GU2: at each changing call, before it and after it, by kill and by power cut', async (t) => {
    const runs = {
      begin: () => RuntimeRun.begin(right),
      carryOut: (commands: readonly RuntimeCommand[]) => carryOut(right, commands),
    }
    const points = await dieEverywhere(runs, workload)
    t.diagnostic(`${points} deaths`)
    assert.ok(points >= 100, `${points} deaths`)
  })
})

describe('the whole runtime, replaced in the middle of its work', () => {
  it('RT1, BR1: wherever its owner stands still, what it sends later is refused by name', async () => {
    for (let call = 1; call <= 9; call += 1) {
      const takeover: RuntimeWork = { do: 'takeover', call, plans: plans(0, 1, 2), late: plans(0, 1) }
      const commands = [{ do: 'send', producer: 0, plans: plans(0, 1, 2, 0) } as const, takeover]
      const { history } = (
        await carryOut(
          right,
          commands.map((work) => ({ work })),
        )
      ).book
      const opened = history.findIndex(({ kind, life }) => kind === 'opened' && life === 2)
      const late = history.slice(opened).filter(({ life }) => life === 1)
      assert.ok(
        late.filter((event) => event.kind === 'sending' && !event.joined).length === 2,
        `stopped ahead of change ${call}`,
      )
      const refused = late.flatMap((event) => (event.kind === 'rejected' ? [event.code] : []))
      assert.ok(refused.length >= 2 && refused.every((code) => code === 'UNLOST_FENCED'), refused.join())
    }
  })

  it('RB2: each run says how far the platter has what is confirmed and delivered, and what can be read', async () => {
    const commands = [{ work: { do: 'send', producer: 0, plans: plans(0, 1, 2, 0) } } as const]
    const kinds = new Set((await carryOut(right, commands)).book.history.map(({ kind }) => kind))
    for (const kind of ['durable', 'extent', 'read', 'backlog'] as const) assert.ok(kinds.has(kind), kind)
  })
})

describe('the whole runtime with more than it may hold', () => {
  it('BL1, BL2, G11: what waits in memory and what lies on the disk stays below its limit', async (t) => {
    const history = await backlogRun()
    for (const { check } of allInvariants) assert.equal(check(history, backlogTerms), undefined)
    const held = history.flatMap((event) => (event.kind === 'held' ? [event] : []))
    assert.equal(held.length, 3)
    for (const { what, count, limit } of held) {
      assert.ok(count > 0, what)
      t.diagnostic(`${what}: ${count} of ${limit}`)
    }
  })
})

describe('the whole runtime, in a deterministic world', () => {
  it('BR2, HI1: the same commands make the same calls, and the same history byte for byte', async () => {
    const commands: RuntimeCommand[] = [
      { work: { do: 'send', producer: 0, plans: plans(0, 1, 2) } },
      {
        work: { do: 'advance', ms: 200 },
        crashes: [{ call: 5, moment: 'within', kind: 'power', tape: [1, 0, 2] }],
      },
      { work: { do: 'resend' } },
    ]
    const [first, second] = [await carryOut(right, commands), await carryOut(right, commands)]
    assert.equal(first.disk.calls, second.disk.calls)
    assert.equal(compareRuns(first.book.history, second.book.history), undefined)
    assert.ok(first.book.history.length > 20)
  })
})

describe('the history of a run', () => {
  it('HI2, HI3, RB1: a process tells nothing after its death, and no end before its beginning', async () => {
    const deaths: Crash[] = [1, 2, 3].map((call) => ({ call, moment: 'within', kind: 'power', tape: [] }))
    const commands = deaths.map((crash): RuntimeCommand => ({
      work: { do: 'send', producer: 0, plans: plans(0, 1) },
      crashes: [crash],
    }))
    const { book } = await carryOut(right, commands)
    const history: History = book.history
    const begun = new Set<string>()
    const dead = new Set<number>()
    for (const event of history) {
      assert.ok(!dead.has(event.life), JSON.stringify(event))
      if (event.kind === 'crashed') dead.add(event.life)
      if (event.kind === 'sending') begun.add(`send ${event.send}`)
      if (event.kind === 'begun') begun.add(`run ${event.run}`)
      if (event.kind === 'confirmed') assert.ok(begun.has(`send ${event.send}`))
      if (event.kind === 'ended') assert.ok(begun.has(`run ${event.run}`))
    }
    assert.equal(dead.size, deaths.length)
  })
})
