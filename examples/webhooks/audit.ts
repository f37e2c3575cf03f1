/**
 * The judgement: what was confirmed, against what the ledger says, against the input itself.
 *
 * Owns: each check and the number it gives. Leaves gathering the evidence to the phases, and printing to `report.ts`.
 *
 * The evidence does not come from the runtime's own mouth: confirmations are the parent's, the ledger is the handler's
 * file, and the totals to compare with are computed here, straight from the input.
 */
import assert from 'node:assert/strict'
import { worthOf, type InputChoice, type Payload, type Worth } from './input.ts'
import type { Delivered, Entry, Total, Totals } from './ledger.ts'

export interface Evidence {
  readonly messages: number
  readonly kills: { readonly planned: number; readonly made: number }
  readonly isConfirmed: (delivery: number) => boolean
  readonly entries: readonly Entry[]
  /** What the handler held as totals when it ended. */
  readonly totals: Totals
  readonly payloads: readonly Payload[]
  readonly input: InputChoice
}

/** A number that must be as expected. */
export interface Check {
  readonly name: string
  readonly found: number
  readonly expected: number
  /** What the number means, in a few words. */
  readonly meaning: string
}

export interface Verdict {
  readonly checks: readonly Check[]
  readonly redelivered: number
  readonly expectedTotals: Totals
}

export function audit(evidence: Evidence): Verdict {
  const worths = evidence.payloads.map((payload) => worthOf(payload, evidence.input.keyPaths))
  const delivered = evidence.entries.filter((entry) => entry.kind === 'delivered')
  const expectedTotals = totalsOf(evidence, worths)
  return {
    checks: [
      ...flowChecks(evidence, delivered),
      ...runtimeChecks(evidence.entries),
      ...contentChecks(delivered, worths),
      totalsCheck(evidence.totals, expectedTotals),
      {
        name: 'kills',
        found: evidence.kills.made,
        expected: evidence.kills.planned,
        meaning: 'with SIGKILL',
      },
    ],
    redelivered: delivered.filter(({ attempt }) => attempt > 1).length,
    expectedTotals,
  }
}

type DeliveredEntry = Extract<Entry, Delivered>

/** Must be none. */
export const none = (name: string, found: number, meaning: string): Check => ({
  name,
  found,
  expected: 0,
  meaning,
})

function flowChecks({ messages, isConfirmed }: Evidence, delivered: readonly DeliveredEntry[]): Check[] {
  const counted = delivered.filter((entry) => entry.counted).map(({ delivery }) => delivery)
  const handled = new Set(counted)
  const confirmed = Array.from({ length: messages }, (_, delivery) => delivery).filter(isConfirmed)
  const lost = confirmed.filter((delivery) => !handled.has(delivery))
  return [
    {
      name: 'confirmed',
      found: confirmed.length,
      expected: messages,
      meaning: 'sends whose promise has resolved',
    },
    { name: 'handled', found: handled.size, expected: messages, meaning: 'different messages in the ledger' },
    none('lost', lost.length, 'confirmed, but never handled'),
    none('duplicates in the totals', counted.length - handled.size, 'counted more than once'),
    none('stored twice', storedTwice(delivered), 'one send at two places'),
    none('out of order', outOfOrder(delivered), 'handled before an earlier one of its key'),
  ]
}

/** Places that hold a message which another place holds too. */
function storedTwice(delivered: readonly DeliveredEntry[]): number {
  const places = new Set(
    delivered.map(({ delivery, partition, offset }) => `${delivery} ${partition} ${offset}`),
  )
  return places.size - new Set(delivered.map(({ delivery }) => delivery)).size
}

/** By the first time each was handled; a redelivery comes later by its nature. */
function outOfOrder(delivered: readonly DeliveredEntry[]): number {
  const lastOf = new Map<string, number>()
  const seen = new Set<number>()
  return delivered.filter(({ delivery, key }) => {
    if (seen.has(delivery)) return false
    seen.add(delivery)
    const last = lastOf.get(key) ?? -1
    lastOf.set(key, Math.max(last, delivery))
    return delivery < last
  }).length
}

function runtimeChecks(entries: readonly Entry[]): Check[] {
  const count = (...kinds: Entry['kind'][]): number =>
    entries.filter(({ kind }) => kinds.includes(kind)).length
  return [
    none('gaps', count('gap', 'duplicate', 'step-back'), "breaks in a producer's numbers"),
    none('dead letters', count('dead-letter'), 'given up'),
  ]
}

function contentChecks(delivered: readonly DeliveredEntry[], worths: readonly Worth[]): Check[] {
  const altered = delivered.filter((entry) => {
    const worth = worths[entry.delivery % worths.length]
    return worth?.fingerprint !== entry.fingerprint || worth.key !== entry.key || worth.bytes !== entry.bytes
  })
  return [none('altered', altered.length, 'not what was sent')]
}

function totalsCheck(totals: Totals, expected: Totals): Check {
  const mine = new Map(Object.entries(totals))
  const theirs = new Map(Object.entries(expected))
  const keys = [...new Set([...mine.keys(), ...theirs.keys()])]
  const differing = keys.filter((key) => {
    const [a, b] = [mine.get(key), theirs.get(key)]
    return a?.events !== b?.events || a?.bytes !== b?.bytes
  })
  return none('totals that differ', differing.length, `of ${theirs.size} keys, from those of the input`)
}

/** What the totals must be, without a runtime in between. */
function totalsOf({ messages }: Evidence, worths: readonly Worth[]): Totals {
  const totals = new Map<string, Total>()
  for (let delivery = 0; delivery < messages; delivery += 1) {
    const worth = worths[delivery % worths.length]
    assert(worth !== undefined, 'there is a payload')
    const { events, bytes } = totals.get(worth.key) ?? { events: 0, bytes: 0 }
    totals.set(worth.key, { events: events + 1, bytes: bytes + worth.bytes })
  }
  return Object.fromEntries(totals)
}
