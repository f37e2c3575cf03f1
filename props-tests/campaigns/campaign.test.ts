import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { runSeed } from '../support/seed.ts'
import { CampaignOptionError, readOptions } from './campaign-options.ts'
import { closingText, isGood } from './closing.ts'
import { kindsNamed, taskAt, taskKinds } from './kinds.ts'
import { situations } from './situations.ts'
import { UnknownBugError, assertKnown } from './subjects.ts'
import { Tally } from './tally.ts'
import { TaskNameError, readTask, runTask, spellTask } from './task.ts'

interface Ended {
  readonly code: number | null
  readonly text: string
}

/** Runs the command as a user does. */
function campaign(...words: string[]): Promise<Ended> {
  const path = fileURLToPath(new URL('./campaign.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', path, ...words])
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part))
  child.stderr.setEncoding('utf8').on('data', (part: string) => (text += part))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, text })))
}

const short = ['--minutes', '0.03', '--seed', String(runSeed)]

describe('the campaign, in small', () => {
  it('CA1, CL1 and CW1: a short one finds nothing, and counts what it did', async (t) => {
    const { code, text } = await campaign(...short, '--partial')
    assert.equal(code, 0, text)
    const [, crashes = '0'] = /^crashes\s+([\d,]+)/m.exec(text) ?? []
    t.diagnostic(`${crashes} crashes`)
    assert.ok(Number(crashes.replaceAll(',', '')) > 100, text)
    assert.match(text, /^violations {2}0$/m)
    assert.match(text, /good$/m)
  })

  it('CA1 and SI1: one in which a situation never happened is not good', async () => {
    const { code, text } = await campaign(...short, '--only', 'takeover')
    assert.equal(code, 1, text)
    assert.match(text, /NEVER {2}corruption-refused/)
  })

  for (const [bug, only] of [
    ['no sync of files', 'journal'],
    ['no sync of directories', 'states'],
    ['the log is cut at the first bad frame', 'damage'],
    ['acks are not written', 'runtime'],
  ] as const) {
    it(`CA2, TK2 and CL2: a planted bug is found by ${only}, and its line finds it again: ${bug}`, async () => {
      const first = await campaign(...short, '--partial', '--only', only, '--bug', bug, '--workers', '1')
      assert.equal(first.code, 1, first.text)
      const [, word = ''] = /--replay '([^']+)' --bug '/.exec(first.text) ?? []
      assert.match(word, new RegExp(`^${only}:`), first.text)
      const second = await campaign('--replay', word, '--bug', bug)
      assert.equal(second.code, 1, second.text)
      assert.match(second.text, /replay: npm run campaign/)
      const right = await campaign('--replay', word)
      assert.equal(right.code, 0, right.text)
    })
  }

  it('CA2: a word that is mistyped is refused, and runs nothing', async () => {
    const { code, text } = await campaign('--replay', 'nothing:1')
    assert.equal(code, 2, text)
    assert.match(text, /npm run campaign/)
    assert.throws(() => readOptions(['--minuts', '1']), CampaignOptionError)
    assert.throws(() => readOptions(['--minutes', 'many']), CampaignOptionError)
    assert.throws(() => kindsNamed(['jurnal']), TaskNameError)
    assert.throws(() => readTask('journal:1:x', taskKinds), TaskNameError)
    assert.throws(() => assertKnown('none of these'), UnknownBugError)
  })
})

describe('parts of a campaign', () => {
  it('KN1 and KN2: number and seed decide a task, and each worker gets to every kind', () => {
    for (const workers of [1, 2, 3, 4]) {
      const tasks = Array.from({ length: 60 }, (_, i) => taskAt(7, i * workers, taskKinds))
      assert.equal(new Set(tasks.map(({ kind }) => kind)).size, taskKinds.length)
      assert.equal(new Set(tasks.map(({ seed }) => seed)).size, tasks.length)
    }
    assert.deepEqual(taskAt(7, 3, taskKinds), taskAt(7, 3, taskKinds))
    assert.notDeepEqual(taskAt(7, 3, taskKinds), taskAt(8, 3, taskKinds))
  })

  it('TK1: a word reads back to the task that it spells', () => {
    for (const task of [
      { kind: 'journal', seed: 12, path: undefined },
      { kind: 'damage', seed: -5, path: '3:0:11' },
    ]) {
      assert.deepEqual(readTask(spellTask(task), taskKinds), task)
    }
  })

  it('TK1 and JK2: the same task counts the same, twice', async () => {
    const count = async (): Promise<unknown> => {
      const tally = new Tally()
      const [kind] = kindsNamed(['takeover'])
      assert.ok(kind !== undefined)
      const found = await runTask(
        kind,
        { kind: 'takeover', seed: runSeed, path: undefined },
        { bug: undefined, tally },
      )
      return { found, data: tally.data }
    }
    assert.deepEqual(await count(), await count())
  })

  it('TY2: tallies add up', () => {
    const [one, other, both] = [new Tally(), new Tally(), new Tally()]
    one.add('crashes', 'a', 2)
    other.add('crashes', 'a')
    other.add('faults', 'b', 5)
    both.merge(one.data)
    both.merge(other.take())
    assert.deepEqual([both.count('crashes', 'a'), both.total('faults'), other.total('faults')], [3, 5, 0])
  })

  it('SI1 and CL1: each situation is missed, by name', () => {
    const tally = new Tally()
    const closing = { tally, found: [], seed: 1, elapsedMs: 1000, bug: undefined, isPartial: false }
    for (const name of Object.keys(situations)) {
      assert.ok(!isGood(closing))
      assert.match(closingText(closing), new RegExp(`NEVER {2}${name} `))
      tally.add('situations', name)
    }
    assert.ok(isGood(closing))
    const found = [{ invariant: 'lost-write', text: 'x', example: '[]', replay: 'journal:1:0' }]
    assert.ok(!isGood({ ...closing, found }))
    assert.match(closingText({ ...closing, found }), /lost-write: x[^]*--replay 'journal:1:0'/)
  })
})
