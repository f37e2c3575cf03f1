/**
 * The parts of the demonstration of actors on which its verdict rests: each check can go red, and the script is one.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { audit, type Evidence } from '../../examples/webhook-actors/audit.ts'
import type { Past } from '../../examples/webhook-actors/lifecycle.ts'
import type { Line } from '../../examples/webhook-actors/protocol.ts'
import { pureRun, type State } from '../../examples/webhook-actors/pure-run.ts'
import { Script } from '../../examples/webhook-actors/script.ts'
import { failures } from '../../examples/webhooks/report.ts'

const past: Past = { subject: 'a', events: 2, byType: {}, trail: 7, stale: 1, merges: 1, told: 1 }
const state = (change: Partial<Past> = {}): State => ({
  kind: 'pull-request',
  value: 'merged',
  context: { ...past, ...change },
})
const told = (id: string, isNew = true): Line => ({ kind: 'told', subject: 'a', id, isNew })

const honest: Evidence = {
  messages: 2,
  kills: { planned: 1, made: 1 },
  confirmed: 2,
  states: { a: state() },
  expected: { a: state() },
  news: [
    { subject: 'a', what: 'stale', nth: 1 },
    { subject: 'a', what: 'merged', nth: 1 },
  ],
  lines: [told('1')],
}

describe('the audit of the demonstration of actors', () => {
  const failedNames = (evidence: Partial<Evidence>): string[] =>
    failures(audit({ ...honest, ...evidence })).map((words) => words.replace(/ is .*/, ''))

  it('finds nothing wrong with an honest run, repeated effects or not', () => {
    assert.deepEqual(failedNames({}), [])
    const repeated = { lines: [told('1'), told('1', false)] }
    assert.deepEqual(failedNames(repeated), [])
    assert.equal(audit({ ...honest, ...repeated }).redelivered, 1)
  })

  const faults: readonly (readonly [string, Partial<Evidence>, readonly string[]])[] = [
    ['a confirmation that never came', { confirmed: 1 }, ['events']],
    ['a kill that was not made', { kills: { planned: 2, made: 1 } }, ['kills']],
    ['a lost event', { states: { a: state({ events: 1 }) } }, ['lost', 'turns', 'states that differ']],
    ['an event twice', { states: { a: state({ events: 3 }) } }, ['twice', 'turns', 'states that differ']],
    ['events out of order', { states: { a: state({ trail: 8 }) } }, ['states that differ']],
    ['another state', { states: { a: { ...state(), value: 'closed' } } }, ['states that differ']],
    [
      'an actor that is gone',
      { states: {} },
      ['lost', 'actors', 'turns', 'stale by timer', 'states that differ'],
    ],
    [
      'a timer that did not fire',
      { states: { a: state({ stale: 0 }) } },
      ['turns', 'stale by timer', 'states that differ'],
    ],
    ['lost news', { news: honest.news.slice(1) }, ['news lost']],
    ['news twice', { news: [...honest.news, ...honest.news.slice(1)] }, ['news twice']],
    [
      'news of nothing',
      { news: [...honest.news, { subject: 'b', what: 'stale', nth: 1 }] },
      ['news made up'],
    ],
    ['an effect that was not made', { lines: [] }, ['merges told outside']],
    ['an effect that was made again', { lines: [told('1'), told('1')] }, ['told twice']],
    ['an alarm', { lines: [told('1'), { kind: 'alarm', name: 'gap', details: '' }] }, ['alarms']],
  ]
  for (const [fault, evidence, names] of faults) {
    it(`goes red for ${fault}`, () => assert.deepEqual(failedNames(evidence), names))
  }
})

describe('the script of the demonstration of actors', () => {
  it('is the same for a seed, another for another, and has every delivery once', () => {
    const [one, same, other] = [5, 5, 6].map((seed) => new Script({ seed, forks: 2 }).days)
    assert.deepEqual(one, same)
    assert.notDeepEqual(one, other)
    const all = (one ?? []).flatMap(({ deliveries }) => deliveries)
    assert.deepEqual(
      all.toSorted((a, b) => a - b),
      Array.from({ length: 2 * 79 }, (_, delivery) => delivery),
    )
  })

  it('brings pull requests and issues into every state there is', async () => {
    const { states, days } = await pureRun(new Script({ seed: 1, forks: 30 }))
    const found = new Set(Object.values(states).map(({ kind, value }) => `${kind} ${JSON.stringify(value)}`))
    for (const wanted of ['issue "stale"', 'pull-request "stale"', 'pull-request "merged"']) {
      assert.ok(found.has(wanted), wanted)
    }
    assert.ok((days.at(-1)?.dawn.stale ?? 0) > (days.at(-2)?.dawn.stale ?? 0))
  })
})
