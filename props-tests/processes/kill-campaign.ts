/**
 * Lives of one child on one directory, each ended by SIGKILL at a random moment, then one that drains.
 *
 * Owns: how often, and when, the child is killed. Leaves judging to `kill-witness.ts`.
 * The default tests kill some times; `campaigns/kill.ts` as often as it is told.
 *
 * KC1. A seed decides after which line of which life the child is killed; the machine's timing decides the rest.
 */
import assert from 'node:assert/strict'
import { SimulatedRandom } from '../index.ts'
import { ChildLife } from './child-process.ts'
import { Witness } from './kill-witness.ts'
import type { Line, Orders } from './kill-words.ts'

export interface CampaignPlan {
  readonly kills: number
  readonly seed: number
  readonly directory: string
  /** Let the child confirm before it writes. Default false. */
  readonly early?: boolean
  /** The folder of a bundled copy, from which children start faster. */
  readonly scripts?: string
  /** How many messages a life sends at most. Default 80. */
  readonly sends?: number
  /** Whether to go on, asked before each life. Default: until all kills are done. */
  readonly goesOn?: () => boolean
  /** Told after each life. */
  readonly progress?: (life: number, witness: Witness) => void
}

const SENDS_A_LIFE = 80
const SPIN_MAX_MS = 3

/** Resolves with the book when all is drained; rejects at the first broken guarantee. */
export async function killCampaign(plan: CampaignPlan): Promise<Witness> {
  const { kills, seed, directory, progress, early = false, sends = SENDS_A_LIFE } = plan
  const from = plan.scripts === undefined ? {} : { scripts: plan.scripts }
  const random = new SimulatedRandom(seed)
  const witness = new Witness()
  let life = 1
  for (; life <= kills && plan.goesOn?.() !== false; life += 1) {
    const lines = random.choose(4) === 0 ? random.choose(4) : random.choose(5 * sends)
    const orders = {
      mode: 'work',
      directory,
      life,
      again: witness.unknown,
      sends,
      early,
    } as const
    await within(`life ${life}, killed after ${lines} lines`, seed, () =>
      dieAfter({ ...from, witness, orders, lines, spinMs: random.fraction() * SPIN_MAX_MS }),
    )
    progress?.(life, witness)
  }
  await within('the last life', seed, () => liveToTheEnd(witness, { ...from, directory, life }))
  return witness
}

async function within(where: string, seed: number, run: () => Promise<void>): Promise<void> {
  try {
    await run()
  } catch (error) {
    assert.fail(`seed ${seed}, ${where}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

interface Life {
  readonly witness: Witness
  readonly orders: Orders
  readonly lines: number
  readonly spinMs: number
  readonly scripts?: string
}

async function dieAfter({ witness, orders, lines, spinMs, ...from }: Life): Promise<void> {
  let seen = 0
  const child: ChildLife = new ChildLife({
    ...from,
    script: 'kill-child.ts',
    orders,
    onLine: (line) => {
      witness.note(line as Line)
      seen += 1
      if (seen !== lines + 1) return
      spin(spinMs)
      child.signal('SIGKILL')
    },
  })
  const { code, signal, stderr } = await child.over
  const isKilled = signal === 'SIGKILL'
  assert.ok(isKilled || code === 0, `it ended by itself: code ${code}, ${stderr}`)
}

async function liveToTheEnd(
  witness: Witness,
  { directory, life, ...from }: { directory: string; life: number; scripts?: string },
): Promise<void> {
  const orders: Orders = { mode: 'drain', directory, life, again: [], sends: 0 }
  const child = new ChildLife({
    ...from,
    script: 'kill-child.ts',
    orders,
    onLine: (line) => witness.note(line as Line),
  })
  const { code, stderr } = await child.over
  assert.equal(code, 0, stderr)
  witness.checkDrained()
}

/** Lets a little time pass that no event of the child decides. */
function spin(ms: number): void {
  const endMs = performance.now() + ms
  while (performance.now() < endMs);
}
