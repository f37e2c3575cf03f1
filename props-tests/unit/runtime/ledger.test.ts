import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { BrokenError } from '../../../persistence/index.ts'
import { defineTopic } from '../../../runtime/index.ts'
import {
  ByteWriter,
  DueClock,
  Lane,
  Ledger,
  readEvent,
  writeEvent,
  type LedgerEvent,
} from '../../../runtime/internal.ts'
import { SimulatedClock } from '../../index.ts'
import { Fate, openRig, reopen } from '../../support/sending-rig.ts'

type Choice = readonly [kind: number, where: number, what: number]

const choices = fc.array(fc.tuple(fc.nat(11), fc.nat(3), fc.nat(30)), { maxLength: 80 })
const entry = { attempt: 1, atMs: 5, reason: 'no' }

/** Two mailboxes, two groups, two producers: events that a runtime could have written, from any list of choices. */
function history(drawn: readonly Choice[]): LedgerEvent[] {
  const ledger = new Ledger()
  const events: LedgerEvent[] = []
  const add = (event: LedgerEvent): void => {
    events.push(event)
    ledger.apply(event, events.length)
  }
  add({ kind: 'topic', topic: 1, name: 't', partitions: 2, codec: 'json', mailbox: 1 })
  add({ kind: 'producer', producer: 1, topic: 1, name: 'p', epoch: 1 })
  add({ kind: 'group', group: 1, topic: 1, name: 'g', starts: [0, 0] })
  for (const choice of drawn) {
    const event = eventOf(choice, ledger)
    if (event !== undefined) add(event)
  }
  return events
}

function eventOf([kind, where, what]: Choice, ledger: Ledger): LedgerEvent | undefined {
  const mailbox = 1 + (where & 1)
  const state = ledger.mailbox(mailbox)
  const group = ledger.groups.has(2) && where > 1 ? 2 : 1
  const lane = ledger.lane(group, mailbox)
  const at = { group, mailbox }
  const offset = state.first + (what % Math.max(1, state.next - state.first))
  const isOpen = lane.open.has(offset)
  const isFree = offset < state.next && !lane.isSettled(offset) && !lane.dead.has(offset)
  const progress = ledger.progress(1, mailbox)
  switch (kind) {
    case 0:
    case 1:
      return {
        kind: 'advance',
        producer: 1,
        mailbox,
        epoch: 1,
        sequence: progress.sequence + what,
        next: state.next + what,
        timestampMs: what,
        bytes: what * 100,
      }
    case 2:
      return {
        kind: 'group',
        group: 2,
        topic: 1,
        name: 'h',
        starts: [ledger.mailbox(1).first, ledger.mailbox(2).first],
      }
    case 3:
    case 4:
      return isFree
        ? {
            kind: 'lease',
            ...at,
            attempt: (lane.open.get(offset)?.attempt ?? 0) + 1,
            ranges: [[offset, offset + 1]],
          }
        : undefined
    case 5:
    case 6:
      return isOpen ? { kind: 'ack', ...at, ranges: [[offset, offset + 1]] } : undefined
    case 7:
      return isOpen
        ? {
            kind: 'retry',
            ...at,
            offset,
            dueMs: what,
            delayMs: what,
            attempt: lane.open.get(offset)?.attempt ?? 0,
            entry: where > 1 ? entry : undefined,
          }
        : undefined
    case 8:
      return isOpen
        ? { kind: 'dead', ...at, offset, atMs: what, reason: 'r', entry: where > 1 ? entry : undefined }
        : undefined
    case 9:
      return {
        kind: where > 1 ? 'redrive' : 'purge',
        ...at,
        offsets: [...lane.dead.keys()].slice(0, 1 + (what % 3)),
      }
    case 10:
      return { kind: 'seek', ...at, offset: Math.min(state.next, state.first + what) }
    default:
      return what < 25
        ? {
            kind: 'identified',
            topic: 1,
            messageId: `${what}`,
            mailbox,
            offset: 0,
            producer: 1,
            epoch: 1,
            sequence: 1,
          }
        : { kind: 'trim', mailbox, first: Math.min(state.next, state.first + (what % 5)) }
  }
}

function fold(events: readonly LedgerEvent[], ledger = new Ledger(), from = 0): Ledger {
  events.forEach((event, index) => ledger.apply(event, from + index + 1))
  return ledger
}

const words = (ledger: Ledger): string => Buffer.from(ledger.image()).toString()

describe('ledger', () => {
  it('LG1: the events as they are stored give the state that they gave when they were committed', () => {
    fc.assert(
      fc.property(choices, (drawn) => {
        const events = history(drawn)
        const stored = events.map((event) => {
          const writer = new ByteWriter(8)
          writeEvent(writer, event)
          return readEvent(writer.take())
        })
        assert.equal(words(fold(stored)), words(fold(events)))
      }),
      { numRuns: 200 },
    )
  })

  it('LG2: a checkpoint and the events after it equal all events, wherever it was made', () => {
    fc.assert(
      fc.property(choices, fc.nat(80), (drawn, at) => {
        const events = history(drawn)
        const cut = Math.min(at, events.length)
        const restored = new Ledger()
        restored.restore(fold(events.slice(0, cut)).image())
        assert.equal(words(restored), words(fold(events.slice(0, cut))))
        assert.equal(words(fold(events.slice(cut), restored, cut)), words(fold(events)))
      }),
      { numRuns: 300 },
    )
  })

  it('LG3: a batch that is refused for good leaves the state as it was, declarations apart', async () => {
    const topic = defineTopic('t')
    const rig = await openRig()
    rig.store.beforeCommit = () => Promise.reject(new BrokenError('sync failed'))
    const lost = new Fate(rig.runtime.producer(topic, { id: 'p' }).send(1, { messageId: 'id' }))
    await rig.settle()
    assert.equal(lost.state, 'rejected')
    const next = await reopen(rig)
    const fate = new Fate(next.runtime.producer(topic, { id: 'p' }).send(1, { messageId: 'id' }))
    await next.settle()
    assert.deepEqual([fate.value?.duplicate, fate.value?.sequence, fate.value?.epoch], [false, 1, 1])
  })

  it('LG3: a declaration that is applied twice changes nothing', () => {
    const events = history([
      [0, 0, 5],
      [2, 0, 0],
      [3, 0, 1],
    ])
    const once = words(fold(events))
    const declarations = events.filter(({ kind }) => ['topic', 'producer', 'group'].includes(kind))
    assert.equal(words(fold([...events, ...declarations])), once)
  })

  it('LA1: an offset is in exactly one state, whatever happened', () => {
    fc.assert(
      fc.property(choices, (drawn) => {
        const ledger = fold(history(drawn))
        for (const { lanes } of ledger.groups.values()) {
          for (const lane of lanes) {
            for (const offset of lane.open.keys()) {
              assert.ok(!lane.dead.has(offset), `${offset} is open and dead`)
              assert.ok(!lane.done.has(offset), `${offset} is open and settled`)
              assert.ok(!lane.isSettled(offset))
            }
            for (const [start] of lane.done.ranges())
              assert.ok(start > lane.floor, 'the floor takes what touches it')
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  it('LA2: the count of attempts never goes down but by redrive or seek, also over a crash', () => {
    fc.assert(
      fc.property(choices, (drawn) => {
        const ledger = new Ledger()
        const counts = new Map<string, number>()
        history(drawn).forEach((event, index) => {
          ledger.apply(event, index)
          if (event.kind === 'seek' || event.kind === 'redrive') return counts.clear()
          for (const { group, lanes } of ledger.groups.values()) {
            for (const lane of lanes) {
              for (const [offset, { attempt }] of lane.open) {
                const key = `${group}/${lane.mailbox}/${offset}`
                assert.ok(attempt >= (counts.get(key) ?? 0), key)
                counts.set(key, attempt)
              }
            }
          }
        })
      }),
      { numRuns: 200 },
    )
    const lane = new Lane(1, 1, 0)
    lane.lease([[0, 2]], 3, 10)
    const beginAt = (startMs: number): number => lane.begin(new DueClock(new SimulatedClock({ startMs })))
    assert.equal(beginAt(20), 2)
    assert.equal(beginAt(30), 0, 'once')
    assert.deepEqual(lane.open.get(1), {
      attempt: 3,
      leased: false,
      crashed: true,
      dueMs: 0,
      delayMs: 0,
      history: [{ attempt: 3, atMs: 20, reason: 'owner-crashed' }],
    })
  })

  it('LA3: nothing that is open or dead lies below `low`, and what is kept begins there', () => {
    fc.assert(
      fc.property(choices, (drawn) => {
        const ledger = fold(history(drawn))
        for (const mailbox of ledger.mailboxes.values()) {
          const kept = ledger.firstOf(mailbox, false)
          assert.ok(kept >= mailbox.first && ledger.firstOf(mailbox, true) === mailbox.first)
          for (const { lanes } of ledger.groupsOf(mailbox.topic)) {
            const lane = lanes[mailbox.partition]
            assert.ok(lane !== undefined)
            const needed = [lane.floor, ...lane.open.keys(), ...lane.dead.keys()]
            assert.equal(lane.low, Math.min(...needed))
            assert.ok(kept <= Math.max(mailbox.first, lane.low))
          }
        }
      }),
      { numRuns: 200 },
    )
  })
})
