/**
 * The demonstration in small: green as it is, red with any safeguard taken out.
 *
 * Each phase has one kill at the moment at which its safeguard is needed, so that a sabotaged run is red for every
 * seed, not for lucky ones.
 */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { runSeed } from '../support/seed.ts'
import { DemoRun } from './demo-run.ts'

const seed = String(runSeed)
const zeroes = [
  'lost',
  'duplicates in the totals',
  'stored twice',
  'out of order',
  'gaps',
  'dead letters',
  'altered',
  'totals that differ',
]

const order = (id: number | string, text: string) => ({ customer: { id }, text })

describe('the demonstration', { skip: process.platform === 'win32' }, () => {
  let root = ''
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'unlost-demo-test-'))
  })
  after(() => rmSync(root, { recursive: true }))

  const sabotaged = (what: string): Promise<DemoRun> => {
    const directory = join(root, what)
    const words = ['--messages', '500', '--kills', '2', '--seed', seed, '--directory', directory]
    return DemoRun.of(...words, '--sabotage', what)
  }

  it('loses nothing, repeats nothing and breaks no order over four kills', async () => {
    const run = await DemoRun.of('--messages', '1500', '--kills', '4', '--seed', seed)
    assert.equal(run.exitCode, 0, run.text)
    assert.equal(run.row('confirmed'), 1500, run.text)
    assert.equal(run.row('handled'), 1500, run.text)
    for (const name of zeroes) assert.equal(run.row(name), 0, `${name}: ${run.text}`)
    assert.equal(run.row('kills'), 4, run.text)
    assert.ok(run.row('recoveries') >= 1, run.text)
    // The two worst moments leave their traces, or the run has proved less than it says.
    assert.ok(run.row('redelivered') >= 1, run.text)
    assert.ok(run.row('sends answered as repeats') >= 1, run.text)
    assert.match(run.verdict, /^All checks hold/)
  })

  it('goes red when a send is confirmed before its message is durable', async () => {
    const run = await sabotaged('no-fsync')
    assert.equal(run.exitCode, 1, run.text)
    assert.ok(run.row('lost') >= 1, run.text)
    assert.match(run.verdict, /^FAILED: .*lost is/)
  })

  it('goes red when the handler counts a message again', async () => {
    const run = await sabotaged('no-dedupe')
    assert.equal(run.exitCode, 1, run.text)
    assert.ok(run.row('duplicates in the totals') >= 1, run.text)
    assert.ok(run.row('totals that differ') >= 1, run.text)
    assert.equal(run.row('lost'), 0, run.text)
    assert.match(run.verdict, /^FAILED: duplicates in the totals is/)
  })

  it('goes red when a send that is tried again bears no id', async () => {
    const run = await sabotaged('no-message-id')
    assert.equal(run.exitCode, 1, run.text)
    assert.ok(run.row('stored twice') >= 1, run.text)
    assert.equal(run.row('lost'), 0, run.text)
    assert.match(run.verdict, /^FAILED: stored twice is/)
  })

  it('takes a folder of other input, by a key of its own', async () => {
    const input = join(root, 'input')
    mkdirSync(input)
    writeFileSync(join(input, 'a.json'), JSON.stringify([order(7, 'first'), order(7, 'second')]))
    writeFileSync(join(input, 'b.jsonl'), `${JSON.stringify(order('eight', 'third'))}\n{"note":"no key"}\n`)
    writeFileSync(join(input, 'c.txt'), 'not for us')
    const words = ['--messages', '300', '--kills', '2', '--seed', seed, '--key', 'customer.id']
    const run = await DemoRun.of(...words, '--input', input)
    assert.equal(run.exitCode, 0, run.text)
    assert.match(run.stdout, /^4 payloads of /)
    assert.equal(run.row('7'), 150, run.text)
    assert.equal(run.row('(none)'), 75, run.text)
  })

  it('says which kills it made, in plain lines where there is no terminal', async () => {
    const run = await DemoRun.of('--messages', '50', '--kills', '0', '--seed', seed)
    assert.equal(run.exitCode, 0, run.text)
    assert.ok(!run.stdout.includes('\r'))
    assert.match(run.stdout, new RegExp(`0 kills, seed ${seed} `))
  })

  it('refuses what it does not know, and a folder that is in use', async () => {
    writeFileSync(join(root, 'something'), '')
    const wrong = [
      ['--mesages', '5'],
      ['--messages', 'many'],
      ['--sabotage', 'all'],
      ['--input', join(root, 'absent.json')],
      ['--directory', root],
    ]
    const runs = await Promise.all(wrong.map((words) => DemoRun.of(...words)))
    for (const [index, run] of runs.entries()) {
      assert.equal(run.exitCode, 2, run.text)
      assert.ok(run.stderr.includes(wrong[index]?.[0] ?? ''), run.text)
      assert.equal(run.stdout, '')
    }
  })

  it('explains itself', async () => {
    const run = await DemoRun.of('--help')
    assert.equal(run.exitCode, 0)
    for (const option of ['messages', 'kills', 'seed', 'directory', 'input', 'key', 'sabotage']) {
      assert.ok(run.stdout.includes(`--${option} `), option)
    }
  })
})
