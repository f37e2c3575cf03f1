import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ByteWriter, readEvent, writeEvent } from '../../../runtime/internal.ts'
import type { ActorLedgerEvent, LedgerEvent } from '../../../runtime/internal.ts'

const entry = { attempt: 1, atMs: 2, reason: 'x' }

function bytesOf(event: LedgerEvent): Buffer {
  const writer = new ByteWriter(1)
  writeEvent(writer, event)
  return writer.take()
}

function hexOf(event: LedgerEvent): string {
  return bytesOf(event).toString('hex')
}

describe('events of actors, as bytes', () => {
  it('AV3: turns and how far mail was taken in are these bytes', () => {
    const turn = { kind: 'turn', actors: 1, key: 'k', turn: 2, status: 'active', shape: 3 } as const
    const state = '{}'
    const alone = [
      '04',
      '01000000',
      '0000000000000040',
      '00',
      '03000000',
      '01000000',
      '6b',
      '02000000',
      '7b7d',
    ].join('')
    assert.equal(hexOf({ ...turn, state, changes: undefined }), alone)
    const changes = { cancelled: ['t'] }
    const more = Buffer.from(JSON.stringify(changes)).toString('hex')
    assert.equal(hexOf({ ...turn, state, changes }), alone + more)
    assert.equal(
      hexOf({ kind: 'consumed', actors: 1, next: 5 }),
      ['05', '01000000', '0000000000001440'].join(''),
    )
  })

  it('AV1, AV2: every kind of event comes back complete', () => {
    const all: {
      readonly [Kind in ActorLedgerEvent['kind']]: Extract<ActorLedgerEvent, { readonly kind: Kind }>
    } = {
      actors: { kind: 'actors', actors: 1, name: 'account', topic: 1 },
      shape: { kind: 'shape', actors: 1, shape: 0, version: 2, hash: 'abc' },
      turn: {
        kind: 'turn',
        actors: 1,
        key: 'ü',
        turn: 2 ** 53 - 1,
        status: 'done',
        shape: 3,
        state: '{}',
        changes: {
          cancelled: ['a'],
          armed: [{ timer: 'b', generation: 1, dueMs: 2.5 }],
          stopped: ['c'],
          started: [{ effect: 'd', generation: 1, id: 'account/ü/1:0' }],
          actions: [
            { id: 'account/ü/1:1', name: 'mail', params: { to: 1 }, context: {}, event: { type: 'E' } },
          ],
          replies: [[7, '"yes"']],
        },
      },
      consumed: { kind: 'consumed', actors: 1, next: 2 ** 53 - 1 },
      tried: { kind: 'tried', actors: 1, offset: 3, attempt: 2 },
      lagged: {
        kind: 'lagged',
        actors: 1,
        key: 'k',
        at: 3,
        attempt: 1,
        dueMs: 9,
        parked: 'failed',
        history: [entry],
      },
      'caught-up': { kind: 'caught-up', actors: 1, key: 'k' },
      undelivered: {
        kind: 'undelivered',
        actors: 1,
        key: 'k',
        offset: 3,
        atMs: 1,
        reason: 'r',
        history: [entry],
      },
      'letters-gone': { kind: 'letters-gone', actors: 1, offsets: [3] },
      fired: { kind: 'fired', actors: 1, timers: [['k', 'b', 1]] },
      acted: { kind: 'acted', actors: 1, key: 'k', ids: ['account/k/1:1'] },
      restarted: { kind: 'restarted', actors: 1, key: 'k' },
    }
    for (const event of Object.values(all)) assert.deepEqual(readEvent(bytesOf(event)), event)
  })
})
