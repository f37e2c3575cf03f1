/**
 * The parts of the demonstration on which its verdict rests: each check can go red, and no evidence gets lost.
 */
import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { audit, type Evidence } from '../../examples/webhooks/audit.ts'
import { Confirmed } from '../../examples/webhooks/confirmed.ts'
import { keyOf, worthOf } from '../../examples/webhooks/input.ts'
import { planKills } from '../../examples/webhooks/kill-plan.ts'
import { Ledger, readEntries, type Delivered, type Entry } from '../../examples/webhooks/ledger.ts'
import { Progress, WEBHOOK_PHASES } from '../../examples/webhooks/progress.ts'
import { failures } from '../../examples/webhooks/report.ts'

const payloads = [
  { at: 'a', n: 1 },
  { at: 'b', n: 2 },
]
const input = { path: undefined, keyPaths: ['at'] }

/** Delivery `delivery` as it should look. */
function delivered(delivery: number): Extract<Entry, Delivered> {
  const worth = worthOf(payloads[delivery % 2] ?? {}, input.keyPaths)
  return { kind: 'delivered', counted: true, delivery, ...worth, partition: 0, offset: delivery, attempt: 1 }
}

const honest: Evidence = {
  messages: 4,
  kills: { planned: 1, made: 1 },
  isConfirmed: () => true,
  entries: [0, 1, 2, 3].map(delivered),
  totals: { a: { events: 2, bytes: 32 }, b: { events: 2, bytes: 32 } },
  payloads,
  input,
}

describe('the audit of the demonstration', () => {
  const failedNames = (evidence: Partial<Evidence>): string[] =>
    failures(audit({ ...honest, ...evidence })).map((words) => words.replace(/ is .*/, ''))
  const withEntry = (entry: Partial<Delivered> & { counted?: boolean }) => ({
    entries: [...honest.entries, { ...delivered(3), ...entry }],
  })

  it('finds nothing wrong with an honest run, redeliveries or not', () => {
    assert.deepEqual(failedNames({}), [])
    assert.deepEqual(failedNames(withEntry({ attempt: 2, counted: false })), [])
    assert.equal(audit({ ...honest, ...withEntry({ attempt: 2, counted: false }) }).redelivered, 1)
  })

  const faults: readonly (readonly [string, Partial<Evidence>, readonly string[]])[] = [
    ['a confirmation that never came', { isConfirmed: (each) => each !== 2 }, ['confirmed']],
    ['a lost message', { entries: honest.entries.slice(0, 3) }, ['handled', 'lost']],
    ['a message counted twice', withEntry({ attempt: 2 }), ['duplicates in the totals']],
    ['a send stored twice', withEntry({ offset: 4, counted: false }), ['stored twice']],
    ['a broken order', { entries: [2, 0, 1, 3].map(delivered) }, ['out of order']],
    ['a changed payload', withEntry({ fingerprint: 'x', counted: false }), ['altered']],
    ['a message of nobody', withEntry({ delivery: 9, offset: 9 }), ['handled']],
    ['a gap', { entries: [...honest.entries, { kind: 'gap', details: {} }] }, ['gaps']],
    ['a repeat', { entries: [...honest.entries, { kind: 'duplicate', details: {} }] }, ['gaps']],
    [
      'a dead letter',
      { entries: [...honest.entries, { kind: 'dead-letter', details: {} }] },
      ['dead letters'],
    ],
    [
      'a wrong total',
      { totals: { a: { events: 2, bytes: 31 }, b: { events: 2, bytes: 32 } } },
      ['totals that differ'],
    ],
    [
      'a total of nothing',
      { totals: { ...honest.totals, toString: { events: 1, bytes: 1 } } },
      ['totals that differ'],
    ],
    ['a kill that was not made', { kills: { planned: 2, made: 1 } }, ['kills']],
  ]
  for (const [fault, evidence, names] of faults) {
    it(`goes red for ${fault}`, () => assert.deepEqual(failedNames(evidence), names))
  }
})

describe('the ledger of the demonstration', () => {
  let root = ''
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'unlost-ledger-'))
  })
  after(() => rmSync(root, { recursive: true }))

  it('counts once over lives, and cuts the line that a kill tore', async () => {
    const path = join(root, 'ledger.jsonl')
    const first = new Ledger(path)
    await Promise.all([first.record(delivered(0)), first.record(delivered(1)), first.record(delivered(0))])
    first.close()
    appendFileSync(path, '{"kind":"delivered","counted":tr')
    const second = new Ledger(path)
    await second.record({ ...delivered(1), attempt: 2 })
    await second.record(delivered(2))
    assert.deepEqual(second.totals, { a: { events: 2, bytes: 32 }, b: { events: 1, bytes: 16 } })
    second.close()
    const counted = readEntries(path).map((entry) => entry.kind === 'delivered' && entry.counted)
    assert.deepEqual(counted, [true, true, false, false, true])
  })

  it('can be told to count repeats, for the sabotage', async () => {
    const ledger = new Ledger(join(root, 'careless.jsonl'), false)
    await Promise.all([ledger.record(delivered(0)), ledger.record(delivered(0))])
    assert.equal(ledger.count, 2)
    ledger.close()
  })
})

describe('the parent of the demonstration', () => {
  it('knows where confirmations are missing', () => {
    const confirmed = new Confirmed(6)
    confirmed.add([0, 1, 3, 3])
    assert.equal(confirmed.count, 3)
    assert.deepEqual(confirmed.missing(), [
      { from: 2, to: 3 },
      { from: 4, to: 6 },
    ])
    confirmed.add([2, 4, 5])
    assert.deepEqual(confirmed.missing(), [])
  })

  it('plans the same kills for a seed, others for another, and one at the worst moment of each phase', () => {
    const plan = planKills({ seed: 5, kills: 11, messages: 1000 })
    assert.deepEqual(plan, planKills({ seed: 5, kills: 11, messages: 1000 }))
    assert.notDeepEqual(plan, planKills({ seed: 6, kills: 11, messages: 1000 }))
    assert.deepEqual([plan.send.length, plan.handle.length], [5, 6])
    for (const moments of [plan.send, plan.handle]) {
      assert.equal(moments.filter(({ kind }) => kind === 'between').length, 1)
      assert.ok(moments.every(({ at }) => at >= 200 && at <= 950))
    }
  })

  it('finds a key by the first path that leads to a word or a number', () => {
    const payload = { repository: { full_name: '', id: 7 }, sender: { login: 'x' } }
    assert.equal(keyOf(payload, ['repository.full_name', 'sender.login']), 'x')
    assert.equal(keyOf(payload, ['repository.id']), '7')
    assert.equal(keyOf(payload, ['repository', 'sender.login.length', 'constructor.name']), '(none)')
  })

  it('draws a bar in a terminal, under lines that stay', () => {
    let text = ''
    const screen = { isTTY: true, columns: 80, write: (piece: string) => (text += piece) }
    const progress = new Progress(screen)
    progress.begin(WEBHOOK_PHASES.send, 200)
    progress.update(100)
    progress.killed(1, { kind: 'running', at: 100, delayMs: 1 })
    assert.ok(text.includes(`sending  [${'#'.repeat(15)}${'.'.repeat(15)}]  50 %`))
    assert.ok(text.includes('kill 1: sending, 100 of 200 done; at full speed\n\rsending'))
  })
})
