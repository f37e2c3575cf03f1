/**
 * A message whose handler kills the process: it is counted, put aside with its history, and the rest flows (G6).
 */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { ChildLife } from './child-process.ts'
import type { End } from './child-process.ts'
import { Witness } from './kill-witness.ts'
import { hashOf } from './kill-words.ts'
import type { Line, Orders } from './kill-words.ts'

const MAX_DELIVERIES = 3
const SENDS = 90

describe('a handler that kills its process', () => {
  let root = ''
  before(() => {
    root = fs.mkdtempSync(join(tmpdir(), 'unlost-poison-'))
  })
  after(() => {
    fs.rmSync(root, { recursive: true })
  })

  async function live(witness: Witness, orders: Orders, dieOn?: Line['say']): Promise<End> {
    const child: ChildLife = new ChildLife({
      script: 'kill-child.ts',
      orders,
      onLine: (line) => {
        const said = line as Line
        witness.note(said)
        if (said.say === dieOn) child.signal('SIGKILL')
      },
    })
    return child.over
  }

  it('DE2, DE3: counted, dead-lettered after maxDeliveries with full history; innocents are handled', async () => {
    // One of the first, so that up to 15 others are out beside it when it strikes.
    const number = Array.from({ length: SENDS }, (_, i) => i).find(
      (i) => i > 5 && hashOf(`who 1 ${i}`) % 3 !== 2,
    )
    const poison = `1-${number}`
    const witness = new Witness()
    const common = { directory: join(root, 'data'), life: 1, again: [], poison }
    const first = await live(witness, { ...common, mode: 'send', sends: SENDS })
    assert.equal(first.code, 0, first.stderr)
    const drain = { ...common, mode: 'drain', sends: 0 } as const
    for (let attempt = 1; attempt <= MAX_DELIVERIES; attempt += 1) {
      const { signal, stderr } = await live(witness, drain)
      assert.equal(signal, 'SIGKILL', `attempt ${attempt} dies: ${stderr}`)
    }
    // Dies once more just after the death of the message is durable: its history must outlive that too.
    assert.equal((await live(witness, drain, 'died')).signal, 'SIGKILL')
    const last = await live(witness, drain)
    assert.equal(last.code, 0, last.stderr)
    assert.deepEqual(witness.dead, [
      {
        id: poison,
        group: 'billing',
        reason: 'owner-crashed',
        attempts: MAX_DELIVERIES,
        history: [1, 2, 3].map((attempt) => ({ attempt, reason: 'owner-crashed' })),
      },
    ])
    const innocent = witness.confirmedIds.filter((id) => id !== poison)
    assert.equal(innocent.length, SENDS - 1)
    for (const id of innocent) witness.checkHandled(id)
  })
})
