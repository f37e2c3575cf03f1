import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { crash, note, notebook, notesOf, openActors } from '../../support/actor-rig.ts'
import { events, Fate, listenTo } from '../../support/sending-rig.ts'

const retry = { maxAttempts: 3, minDelayMs: 100, maxDelayMs: 100 }

/** Fails the events whose id is in `bad`, as long as it is. */
function moody(bad: Set<string>, supervision: Record<string, unknown> = retry) {
  return notebook(
    'book',
    (event) => {
      if (bad.has(String(event['id']))) throw new RangeError('not now')
    },
    { supervision },
  )
}

describe('actors that lag', () => {
  it('AG1, AH3, TB2: one that fails takes its mail in order when it can, and holds up nobody', async () => {
    const bad = new Set(['b'])
    const book = moody(bad)
    const rig = await openActors([book])
    const [alice, bob] = [rig.runtime.actor(book, 'alice'), rig.runtime.actor(book, 'bob')]
    for (const id of ['a', 'b', 'c'])
      for (const ref of [alice, bob])
        ref.send(note(ref === bob && id === 'b' ? 'x' : id)).catch(assert.ifError)
    await rig.settle()
    assert.deepEqual([await notesOf(alice), await notesOf(bob)], [['a'], ['a', 'x', 'c']])
    assert.equal(alice.lag?.attempt, 1)
    alice.send(note('d')).catch(assert.ifError)
    bad.clear()
    await rig.clock.advance(200)
    assert.deepEqual(await notesOf(alice), ['a', 'b', 'c', 'd'])
    assert.equal(alice.lag, undefined)
  })

  it('AG2, TB1: after so many tries the mail is in the dead letters with its history, and its waiter knows', async () => {
    const book = moody(new Set(['b']))
    const rig = await openActors([book])
    const failed = listenTo(rig.runtime, 'actor-failed')
    const alice = rig.runtime.actor(book, 'alice')
    const fate = new Fate(alice.send(note('b'), { until: 'processed' }))
    alice.send(note('c')).catch(assert.ifError)
    await rig.clock.advance(1_000)
    assert.equal(fate.words, 'UNLOST_TURN_FAILED undefined')
    assert.deepEqual(await notesOf(alice), ['c'])
    const [letter] = await rig.runtime.actorLetters(book).list()
    assert.deepEqual(letter?.event, note('b'))
    assert.deepEqual(
      letter?.history.map(({ attempt }) => attempt),
      [1, 2, 3],
    )
    assert.deepEqual(
      failed.map(({ next, attempt }) => `${next} ${attempt}`),
      ['retry 1', 'retry 2', 'dead-letter 3'],
    )
    // Each further try is counted before it is made.
    const counted = events(rig.disk).flatMap((event) => (event.kind === 'lagged' ? [event.attempt] : []))
    assert.deepEqual(counted, [1, 2, 2, 3, 0])
  })

  it('AG2: the count of tries outlives a restart', async () => {
    const book = moody(new Set(['b']))
    const rig = await openActors([book])
    rig.runtime.actor(book, 'alice').send(note('b')).catch(assert.ifError)
    await rig.clock.advance(150)
    const again = await crash(rig, [book])
    await again.clock.advance(1_000)
    const [letter] = await again.runtime.actorLetters(book).list()
    assert.ok((letter?.history.length ?? 9) <= 3, JSON.stringify(letter))
    assert.equal(again.runtime.actor(book, 'alice').lag, undefined)
  })

  it('AG3: a parked actor waits for a person: resume, skip, restart', async () => {
    const bad = new Set(['b', 'c', 'd'])
    const book = moody(bad, { ...retry, maxAttempts: 1, whenExhausted: 'park' })
    const rig = await openActors([book])
    const alice = rig.runtime.actor(book, 'alice')
    for (const id of ['a', 'b', 'c', 'd', 'e']) alice.send(note(id)).catch(assert.ifError)
    await rig.clock.advance(100_000)
    assert.equal(alice.lag?.parked, 'failed')
    bad.delete('b')
    await settled(rig, alice.resume())
    assert.deepEqual(await notesOf(alice), ['a', 'b'])
    await settled(rig, alice.skip())
    assert.deepEqual([alice.lag?.at, (await rig.runtime.actorLetters(book).list()).length], [3, 1])
    bad.clear()
    await settled(rig, alice.restart())
    assert.deepEqual(await notesOf(alice), ['d', 'e'])
  })

  it('AG3: a state that does not fit holds its actor alone, and the next opening tries it again', async () => {
    const old = notebook('book')
    const rig = await openActors([old])
    rig.runtime.actor(old, 'alice').send(note('a')).catch(assert.ifError)
    await rig.settle()
    const newer = notebook('book', () => true, { version: 2 })
    const second = await crash(rig, [newer])
    const failed = listenTo(second.runtime, 'actor-failed')
    const [alice, bob] = [second.runtime.actor(newer, 'alice'), second.runtime.actor(newer, 'bob')]
    alice.send(note('b')).catch(assert.ifError)
    bob.send(note('b')).catch(assert.ifError)
    await second.settle()
    assert.deepEqual(
      failed.map(({ key, next }) => [key, next]),
      [['alice', 'unfit']],
    )
    assert.deepEqual(await notesOf(bob), ['b'])
    assert.equal(alice.lag?.parked, 'unfit')
    const fixed = notebook('book', () => true, { version: 3, migrate: (state) => state as never })
    const third = await crash(second, [fixed])
    assert.deepEqual(await notesOf(third.runtime.actor(fixed, 'alice')), ['a', 'b'])
  })

  it('AT1: dead letters are listed, sent again as new mail in one batch, and given up', async () => {
    const bad = new Set(['b', 'c'])
    const book = moody(bad, { maxAttempts: 1 })
    const rig = await openActors([book])
    const alice = rig.runtime.actor(book, 'alice')
    for (const id of ['a', 'b', 'c']) alice.send(note(id)).catch(assert.ifError)
    await rig.settle()
    const letters = rig.runtime.actorLetters(book)
    bad.clear()
    const redriven = new Fate(letters.redrive({ offset: 1 }))
    await rig.settle()
    assert.equal(redriven.value, 1)
    const batch = rig.disk.batches.find(({ events: written }) =>
      written.some((bytes) => Buffer.from(bytes).includes('letters-gone')),
    )
    assert.equal(batch?.runs.length, 1, 'gone and sent again in one batch')
    assert.deepEqual(await notesOf(alice), ['a', 'b'])
    const purged = new Fate(letters.purge())
    await rig.settle()
    assert.deepEqual([purged.value, (await letters.list()).length], [1, 0])
  })
})

async function settled(rig: Awaited<ReturnType<typeof openActors>>, promise: Promise<void>): Promise<void> {
  await rig.settle()
  await promise
  await rig.settle()
}
