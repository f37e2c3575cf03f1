/**
 * SIGKILL at random moments, on the real disk: actors lose, repeat and reorder nothing (G7).
 *
 * `UNLOST_KILLS` sets how many; the seed of the run decides where.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openRuntime } from '../../runtime/index.ts'
import { runSeed } from '../support/seed.ts'

const kills = Number(process.env['UNLOST_KILLS'] ?? 8)
const child = fileURLToPath(new URL('actor-child.ts', import.meta.url))

interface Line {
  readonly say: 'sending' | 'confirmed' | 'broken' | 'done'
  readonly id?: string
  readonly what?: string
  readonly states?: Readonly<Record<string, { ids: string[]; late: string[]; mirrored: string[] }>>
  readonly published?: readonly string[]
}

/** Runs one life; `hear` answers whether it is to be killed now. */
async function live(words: object, hear: (line: Line) => boolean): Promise<void> {
  const args = ['--import', 'tsx', child, JSON.stringify(words)]
  const running = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise((resolve) => running.once('close', resolve))
  for await (const text of createInterface({ input: running.stdout })) {
    if (text.endsWith('}') && hear(JSON.parse(text) as Line)) running.kill('SIGKILL')
  }
  await ended
}

describe('actors in a child that is killed again and again', () => {
  let directory = ''
  before(() => {
    directory = fs.mkdtempSync(join(tmpdir(), 'unlost-actors-'))
  })
  after(() => {
    fs.rmSync(directory, { recursive: true })
  })

  it(`AH2, TU1, TI1: after each of ${kills} kills they go on, and every event is there exactly once`, async (t) => {
    assert.equal(typeof openRuntime, 'function')
    const confirmed = new Set<string>()
    const open = new Set<string>()
    const broken: string[] = []
    let last: Line | undefined
    let chance = runSeed >>> 0
    const note = (line: Line): void => {
      const { say, id = '', what = '' } = line
      if (say === 'sending') open.add(id)
      if (say === 'broken') broken.push(what)
      if (say === 'done') last = line
      if (say !== 'confirmed') return
      open.delete(id)
      confirmed.add(id)
    }
    for (let life = 1; life <= kills; life += 1) {
      chance = (Math.imul(chance, 1_664_525) + 1_013_904_223) >>> 0
      let left = 20 + (chance % 400)
      await live({ directory, life, mode: 'work', again: [...open] }, (line) => {
        note(line)
        left -= 1
        return left === 0
      })
    }
    await live({ directory, life: kills + 1, mode: 'drain', again: [...open] }, (line) => {
      note(line)
      return false
    })
    assert.deepEqual(broken, [])
    const states = Object.values(last?.states ?? {})
    const ids = states.flatMap((state) => state.ids)
    t.diagnostic(
      `${kills} kills, ${confirmed.size} confirmed, ${states.flatMap(({ late }) => late).length} timers`,
    )
    assert.ok(confirmed.size > 10 * kills, 'it was not idle')
    assert.deepEqual([...ids].toSorted(), [...confirmed].toSorted(), 'state: each once')
    assert.deepEqual([...new Set(last?.published)].toSorted(), [...confirmed].toSorted(), 'topic: each once')
    for (const { ids: own, late, mirrored } of states) {
      assert.deepEqual(
        mirrored.filter((id) => id !== 'end'),
        own,
        'another actor: each once, in order',
      )
      assert.deepEqual(
        [...late].toSorted(),
        own.filter((id) => id.endsWith('0')).toSorted(),
        'timers: each once',
      )
    }
  })
})
