/**
 * The demonstration of durable actors in small: green as it is, red with any safeguard taken out.
 *
 * Each sabotage meets a kill at the moment at which its safeguard is needed, so that it is red for every seed.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { runSeed } from '../support/seed.ts'
import { DemoRun } from './demo-run.ts'

const seed = String(runSeed)
const zeroes = ['lost', 'twice', 'states that differ', 'news lost', 'news twice', 'told twice', 'alarms']

const run = (...words: string[]): Promise<DemoRun> => DemoRun.ofActors('--seed', seed, ...words)

describe('the demonstration of actors', { skip: process.platform === 'win32', concurrency: 4 }, () => {
  let root = ''
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'unlost-actors-demo-test-'))
  })
  after(() => rmSync(root, { recursive: true }))

  const sabotaged = (what: string): Promise<DemoRun> =>
    run('--forks', '20', '--kills', '2', '--directory', join(root, what), '--sabotage', what)

  it('brings every actor where a run without kills brings it, over ten kills and sixty days', async () => {
    const { exitCode, text, verdict, row } = await summary(run('--forks', '16', '--kills', '10'))
    assert.equal(exitCode, 0, text)
    assert.equal(row('events'), 16 * 79, text)
    assert.equal(row('actors'), 16 * 4, text)
    assert.equal(row('kills'), 10, text)
    for (const name of zeroes) assert.equal(row(name), 0, `${name}: ${text}`)
    // What has left no trace has proved less than it says.
    assert.ok(row('stale by timer') >= 1, text)
    assert.ok(row('merges told outside') >= 1, text)
    assert.ok(row('redelivered') >= 1, text)
    assert.ok(row('recoveries') >= 1, text)
    assert.match(verdict, /^All checks hold/)
  })

  it('goes red when a turn is said to be durable before it is', async () => {
    const { exitCode, text, row, verdict } = await summary(sabotaged('no-fsync'))
    assert.equal(exitCode, 1, text)
    assert.ok(row('lost') >= 1, text)
    assert.ok(row('states that differ') >= 1, text)
    assert.match(verdict, /^FAILED: lost is/)
  })

  it('goes red when an event and its ack are two commits', async () => {
    const { exitCode, text, row, verdict } = await summary(sabotaged('by-hand'))
    assert.equal(exitCode, 1, text)
    assert.equal(row('lost'), 0, text)
    assert.ok(row('twice') >= 1, text)
    assert.ok(row('states that differ') >= 1, text)
    assert.match(verdict, /^FAILED: twice is/)
  })

  it('goes red when an effect does not look at its id', async () => {
    const { exitCode, text, row, verdict } = await summary(sabotaged('no-effect-id'))
    assert.equal(exitCode, 1, text)
    assert.equal(row('states that differ'), 0, text)
    assert.ok(row('told twice') >= 1, text)
    assert.match(verdict, /^FAILED: told twice is/)
  })

  it('refuses what it does not know, and explains itself', async () => {
    const wrong = [
      ['--fork', '5'],
      ['--sabotage', 'all'],
      ['--sabotage', 'by-hand', '--kills', '1'],
    ]
    const runs = await Promise.all(wrong.map((words) => DemoRun.ofActors(...words)))
    for (const each of runs) assert.equal(each.exitCode, 2, each.text)
    const help = await DemoRun.ofActors('--help')
    assert.equal(help.exitCode, 0)
    for (const option of ['forks', 'kills', 'seed', 'directory', 'sabotage']) {
      assert.ok(help.stdout.includes(`--${option} `), option)
    }
  })
})

async function summary(running: Promise<DemoRun>) {
  const ended = await running
  const { exitCode, text, verdict } = ended
  return { exitCode, text, verdict, row: (name: string): number => ended.row(name) }
}
