import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { drain } from '../../kit/draining.ts'

const MINUTE_MS = 60_000

/** A run in which `left` things wait, of which one ends every `everyMs`, and each millisecond has `perMs` events. */
class Run {
  nowMs = 0
  left: number
  readonly #everyMs: number
  readonly #perMs: number

  constructor(left: number, { everyMs, perMs }: { everyMs: number; perMs: number }) {
    this.left = left
    this.#everyMs = everyMs
    this.#perMs = perMs
  }

  async advance(ms: number): Promise<void> {
    this.nowMs += ms
  }

  async waiting(): Promise<number> {
    return Math.max(0, this.left - Math.floor(this.nowMs / this.#everyMs))
  }

  get eventCount(): number {
    return Math.floor(this.nowMs * this.#perMs)
  }
}

describe('draining', () => {
  it('DG1: as long as one thing after the other ends, it goes on', async () => {
    const slow = new Run(20, { everyMs: 14 * MINUTE_MS, perMs: 0 })
    assert.equal(await drain(slow), 0)
    assert.ok(slow.nowMs >= 20 * 14 * MINUTE_MS)
    const busy = new Run(50, { everyMs: 1_000, perMs: 2 })
    assert.equal(await drain(busy), 0, 'many events, and each second something ends')
  })

  it('DG1: what does not wait takes no time', async () => {
    const done = new Run(0, { everyMs: 1, perMs: 0 })
    assert.equal(await drain(done), 0)
    assert.equal(done.nowMs, 0)
  })

  it('DG2: it is given up after 15 minutes without an end, or after some thousand events', async () => {
    const idle = new Run(3, { everyMs: Number.POSITIVE_INFINITY, perMs: 0 })
    assert.equal(await drain(idle), 3)
    assert.ok(idle.nowMs >= 15 * MINUTE_MS && idle.nowMs < 16 * MINUTE_MS, `${idle.nowMs} ms`)
    const stirred = new Run(3, { everyMs: Number.POSITIVE_INFINITY, perMs: 1 })
    assert.equal(await drain(stirred), 3)
    assert.ok(stirred.eventCount >= 5_000 && stirred.eventCount < 20_000, `${stirred.eventCount} events`)
  })
})
