/**
 * An owner that is stopped, replaced and continued confirms nothing afterwards; what it confirmed is kept (G10).
 */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { SimulatedRandom } from '../index.ts'
import { runSeed } from '../support/seed.ts'
import { ChildLife } from './child-process.ts'
import type { TakeoverLine } from './takeover-child.ts'

const TRIALS = 5
const CONFIRMED_MAX = 200

describe('a stopped owner that is replaced', { skip: process.platform === 'win32' }, () => {
  const random = new SimulatedRandom(runSeed)
  let root = ''
  before(() => {
    root = fs.mkdtempSync(join(tmpdir(), 'unlost-takeover-'))
  })
  after(() => {
    fs.rmSync(root, { recursive: true })
  })

  async function readAll(directory: string): Promise<readonly string[]> {
    const lines: TakeoverLine[] = []
    const orders = { directory, name: 'reader', takeover: true, read: true }
    const child = new ChildLife({
      script: 'takeover-child.ts',
      orders,
      onLine: (line) => void lines.push(line as TakeoverLine),
    })
    const { code, stderr } = await child.over
    assert.equal(code, 0, stderr)
    const found = lines.find((line) => line.say === 'found')
    assert.ok(found !== undefined)
    return found.ids
  }

  for (let trial = 1; trial <= TRIALS; trial += 1) {
    const stopAfter = 1 + random.choose(CONFIRMED_MAX)
    it(`RT1: trial ${trial}: stopped after ${stopAfter} confirmations, it confirms nothing more`, async () => {
      const directory = join(root, `trial-${trial}`)
      const confirmed: string[] = []
      const late: TakeoverLine[] = []
      let isStopped = (): void => {}
      const stopped = new Promise<void>((resolve) => (isStopped = resolve))
      const owner: ChildLife = new ChildLife({
        script: 'takeover-child.ts',
        orders: { directory, name: 'owner', takeover: false, read: false },
        onLine: (line) => {
          const said = line as TakeoverLine
          if (said.say === 'confirmed') confirmed.push(said.id)
          if ('after' in said && said.after) late.push(said)
          if (said.say !== 'confirmed' || confirmed.length !== stopAfter) return
          owner.signal('SIGSTOP')
          isStopped()
        },
      })
      await stopped
      const found = await readAll(directory)
      owner.signal('SIGCONT')
      const { code, stderr } = await owner.over
      assert.equal(code, 0, stderr)
      assert.ok(
        late.some(({ say }) => say === 'refused'),
        'it tried to send after it was continued',
      )
      for (const line of late) {
        assert.ok(line.say === 'refused' && line.code === 'UNLOST_FENCED', JSON.stringify(line))
      }
      const kept = new Set(found)
      assert.deepEqual(
        confirmed.filter((id) => !kept.has(id)),
        [],
        'all that it ever confirmed is there',
      )
      assert.equal(kept.size, found.length, 'and nothing of it twice')
      assert.deepEqual(await readAll(directory), found, 'and what it wrote afterwards counts for nothing')
    })
  }
})
