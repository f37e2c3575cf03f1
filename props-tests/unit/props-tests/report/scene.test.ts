/**
 * Which events are told, and which message they are said to be about.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { castOf } from '../../../report/cast.ts'
import { sceneOf } from '../../../report/scene.ts'
import { ackedTooEarly, longAndHostile } from '../../../support/told-failures.ts'
import { ToldHistory } from '../../../support/told-history.ts'

describe('scene', () => {
  it('RSC1: told are the messages of the violation, openings and crashes, and nothing later', () => {
    const { history, violation } = ackedTooEarly()
    const { rows, messages, told, all } = sceneOf(history, violation, 100)
    const kinds = rows.flatMap((row) => (row.kind === 'told' ? [row.event.kind] : []))
    assert.deepEqual(kinds, [
      'opened', 'sending', 'confirmed', 'begun', 'settled', 'crashed', 'opened', 'drained',
    ]) // prettier-ignore
    assert.deepEqual(
      messages.map(({ letter, key }) => [letter, key]),
      [['A', 'bob']],
    )
    assert.deepEqual([told, all], [8, history.length])
    const early = sceneOf(history, { ...violation, events: [violation.events[0] ?? 0] }, 100)
    assert.equal(early.rows.at(-1)?.kind, 'told')
    assert.ok(early.rows.every((row) => row.kind === 'folded' || row.event.kind !== 'crashed'))
  })

  it('RSC1: what is read at the end, and a group that handles nothing, are told only if they show it', () => {
    const tale = new ToldHistory()
    tale.open()
    const order = tale.send('ann', 1)
    tale.confirm(order)
    const begun = tale.history.length
    tale.end(tale.begin(order))
    const audited = tale.ack(order, 1, 'audit')
    const end = tale.drain()
    const kindsOf = (events: readonly number[]): readonly string[] =>
      sceneOf(tale.history, { invariant: 'x', text: 'x', events }, 100).rows.flatMap((row) =>
        row.kind === 'told' ? [row.event.kind] : [],
      )
    assert.deepEqual(kindsOf([begun, end]), ['opened', 'sending', 'confirmed', 'begun', 'ended', 'drained'])
    assert.ok(kindsOf([begun, audited, end]).includes('settled'))
  })

  it('RSC2: a long history stays within the limit, and keeps the moment where it was noticed', () => {
    const { history, violation } = longAndHostile(5000)
    for (const rowsMax of [5, 30]) {
      const { rows } = sceneOf(history, violation, rowsMax)
      const told = rows.filter((row) => row.kind === 'told')
      assert.equal(told.length, rowsMax)
      assert.equal(told.at(-1)?.shows, 'noticed')
    }
  })

  it('RSC3: what is left out is counted', () => {
    const { history, violation } = longAndHostile(1000)
    const { rows, told } = sceneOf(history, { ...violation, events: [history.length - 1] }, 10)
    const folded = rows.reduce((sum, row) => sum + (row.kind === 'folded' ? row.count : 0), 0)
    assert.ok(folded + told > history.length - 50, `${folded} and ${told} of ${history.length}`)
    assert.ok(folded + told <= history.length)
  })
})

describe('cast', () => {
  it('CA1: a message whose confirmation a crash cut is found again by what it holds', () => {
    const tale = new ToldHistory()
    tale.open()
    const [one, two] = [tale.send('ann', 1), tale.send('ann', 2)]
    tale.crash('kill', 'sync')
    tale.open()
    const run = tale.begin({ ...two, offset: 0 })
    tale.end(run)
    const { players, about } = castOf(tale.history)
    assert.equal(players.length, 2)
    assert.deepEqual(about.slice(1), [[0], [1], [], [], [1], [1]])
    assert.equal(players[1]?.place?.offset, 0)
    assert.equal(players[0]?.value, one.value)
  })

  it('CA1: two that look alike are told apart by their places', () => {
    const tale = new ToldHistory()
    const [one, two] = [tale.send('ann', 1), tale.send('ann', 1)]
    tale.confirm(two)
    tale.confirm(one)
    tale.begin(one)
    tale.begin(two)
    assert.deepEqual(castOf(tale.history).about, [[0], [1], [1], [0], [0], [1]])
  })

  it('CA1: sends of one message id are one message', () => {
    const tale = new ToldHistory()
    const one = tale.send('ann', 1)
    const event = tale.history[0]
    assert.equal(event?.kind, 'sending')
    if (event?.kind !== 'sending') return
    const history = [
      { ...event, messageId: 'm1' },
      { ...event, messageId: 'm1', send: 9 },
      { ...event, send: one.send },
    ]
    assert.deepEqual(castOf(history).about, [[0], [0], [1]])
    assert.equal(castOf(history).players[0]?.messageId, 'm1')
  })

  it('CA2: an event of a message that nobody sent has a message all the same', () => {
    const tale = new ToldHistory()
    const run = tale.begin({ send: 0, key: 'k', value: '9', offset: 4 })
    tale.call(run, ['mail', 1])
    const sent = tale.send('ann', 1, run)
    const { about, players, actors } = castOf(tale.history)
    assert.deepEqual(about, [[0], [0], [1, 0]])
    assert.equal(players[0]?.place?.offset, 4)
    assert.equal(players[1]?.value, sent.value)
    assert.deepEqual(actors, ['billing', 'billing', 'billing'])
  })
})
