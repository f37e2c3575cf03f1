/**
 * Events that are kept as objects until they are taken, and the copies they are.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { ByteWriter, plainCopy, readLetters, writeRecord, writeRunHead } from '../../../runtime/internal.ts'
import type { DraftedRun } from '../../../runtime/internal.ts'
import { note, notebook, notesOf, openActors } from '../../support/actor-rig.ts'

const retry = { maxAttempts: 3, minDelayMs: 100, maxDelayMs: 100 }

/** Every object in a value, itself among them. */
function objectsIn(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return []
  return [value, ...Object.values(value).flatMap(objectsIn)]
}

/** A run of mail for one actor. */
function runOf(texts: readonly string[]): DraftedRun {
  const writer = new ByteWriter(256)
  writeRunHead(writer, { producer: 1, epoch: 1, sequence: 1 })
  const fields = { key: 'k', headers: undefined, dueMs: undefined, messageId: undefined }
  for (const text of texts) writeRecord(writer, fields, text)
  return { mailbox: 1, firstOffset: 5, count: texts.length, timestampMs: 7, bytes: writer.take() }
}

describe('plainCopy', () => {
  it('PC1: is what JSON gives back, key for key, and shares nothing with the value', () => {
    const value = fc.oneof(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.object({ withDate: true, withMap: true }),
    )
    fc.assert(
      fc.property(value, (event) => {
        const copy = plainCopy(event)
        if (copy === undefined) return
        const text = JSON.stringify(event)
        assert.deepEqual(copy, JSON.parse(text))
        assert.equal(JSON.stringify(copy), text)
        const own = new Set(objectsIn(event))
        assert.ok(objectsIn(copy).every((part) => !own.has(part)))
      }),
    )
  })

  it('PC1: is made of ordinary events, and of nothing that JSON changes', () => {
    const ordinary = { type: 'A', list: [1, { b: null }], on: true, deep: { text: 'ä\ud800' } }
    assert.deepEqual(plainCopy(ordinary), ordinary)
    const cyclic: Record<string, unknown> = {}
    cyclic['self'] = cyclic
    const changed = [
      { at: new Date(0) },
      { map: new Map() },
      { gone: undefined },
      { list: [undefined] },
      { list: Array(2) },
      { nan: NaN },
      { zero: -0 },
      { big: 1n },
      { [Symbol('s')]: 1 },
      { run: () => 1 },
      { pattern: /a/u },
      { toJSON: 1 },
      JSON.parse('{"__proto__": 1}') as object,
      Object.create(null) as object,
      cyclic,
    ]
    for (const value of changed) assert.equal(plainCopy(value), undefined)
  })

  it('PC2: reads each part once', () => {
    let reads = 0
    const event = {
      type: 'A',
      get amount() {
        return (reads += 1)
      },
    }
    assert.deepEqual(plainCopy(event), { type: 'A', amount: 1 })
    assert.equal(reads, 1)
  })
})

describe('fresh letters', () => {
  it('FL2: are given once, and the bytes say the same', () => {
    const texts = ['{"type":"A"}', '{"type":"B"}', '{"type":"C"}']
    const run: DraftedRun = { ...runOf(texts), letters: [undefined, { key: 'k', event: { type: 'B' } }] }
    const seen = (): string[] =>
      readLetters(run, run.firstOffset).map(({ event, text }) => event?.type ?? text)
    assert.deepEqual(seen(), [texts[0], 'B', texts[2]])
    assert.deepEqual(seen(), texts)
  })

  it('FL1: nobody outside can change an event after it was sent', async () => {
    const book = notebook('book')
    const rig = await openActors([book])
    const alice = rig.runtime.actor(book, 'alice')
    const event = { ...note('a'), more: { id: 'inner' } }
    alice.send(event).catch(assert.ifError)
    Object.assign(event, { id: 'b' })
    await rig.settle()
    assert.deepEqual(await notesOf(alice), ['a'])
  })

  it('FL2: what a turn that failed did to its event is gone when it is tried again', async () => {
    let tries = 0
    const book = notebook(
      'book',
      (event) => {
        Object.assign(event, { id: `${String(event['id'])}!` })
        tries += 1
        if (tries < 3) throw new RangeError('not now')
      },
      { supervision: retry },
    )
    const rig = await openActors([book])
    const alice = rig.runtime.actor(book, 'alice')
    alice.send(note('a')).catch(assert.ifError)
    await rig.clock.advance(1_000)
    assert.equal(tries, 3)
    assert.deepEqual(await notesOf(alice), ['a!'])
  })

  it('FL1: are not kept where an interceptor sees the bytes before they are written', async () => {
    const book = notebook('book')
    const shout = {
      name: 'shout',
      onSend: (message: { value: Uint8Array }) =>
        void message.value.set([0x62], message.value.indexOf(0x61, 20)),
    }
    const rig = await openActors([book], { interceptors: [shout as never] })
    const alice = rig.runtime.actor(book, 'alice')
    alice.send(note('a')).catch(assert.ifError)
    await rig.settle()
    assert.deepEqual(await notesOf(alice), ['b'])
  })
})
