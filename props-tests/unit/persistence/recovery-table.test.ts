/**
 * Proves that the tables of recovery decide every combination of facts, exactly once, and decide it rightly.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decide, fileTable, matches, tailTable } from '../../../persistence/internal.ts'
import type { FileFacts, TailFacts } from '../../../persistence/internal.ts'

const fileValues: { readonly [Name in keyof FileFacts]: readonly FileFacts[Name][] } = {
  header: ['whole', 'zero', 'bad', 'unreadable'],
  rest: ['zero', 'data'],
  epoch: ['current', 'older'],
  begun: ['rotation', 'opening'],
  opening: ['complete', 'cut', 'damaged'],
  source: ['present', 'absent', 'none'],
}

const tailValues: { readonly [Name in keyof TailFacts]: readonly TailFacts[Name][] } = {
  read: ['whole', 'failed'],
  ending: ['seal', 'zero', 'garbage', 'cut-body', 'stranger'],
  successor: ['yes', 'no'],
  later: ['yes', 'no'],
  reach: ['none', 'inside', 'beyond'],
  floor: ['below', 'clear'],
  size: ['whole', 'short'],
}

/** Every combination of one value per name. */
function combinations<Facts extends object>(values: {
  readonly [Name in keyof Facts]: readonly Facts[Name][]
}): Facts[] {
  let all: Partial<Facts>[] = [{}]
  for (const name in values) {
    all = all.flatMap((facts) => values[name].map((value) => ({ ...facts, [name]: value })))
  }
  return all.filter((facts): facts is Facts => Object.keys(facts).length === Object.keys(values).length)
}

const allFiles = combinations(fileValues)
const allTails = combinations(tailValues)

describe('recovery tables', () => {
  it('T1: each combination of facts about a file matches exactly one row', () => {
    assert.equal(allFiles.length, 4 * 2 * 2 * 2 * 3 * 3)
    for (const facts of allFiles) assert.equal(matches(fileTable, facts).length, 1, JSON.stringify(facts))
  })

  it('T1: each combination of facts about a tail matches exactly one row', () => {
    assert.equal(allTails.length, 2 * 5 * 2 * 2 * 3 * 2 * 2)
    for (const facts of allTails) assert.equal(matches(tailTable, facts).length, 1, JSON.stringify(facts))
  })

  it('T1: no row is without a case, a label of its own and a cause', () => {
    const reached = new Set([
      ...allFiles.map((facts) => decide(fileTable, facts).label),
      ...allTails.map((facts) => decide(tailTable, facts).label),
    ])
    const rows = [...fileTable, ...tailTable]
    assert.deepEqual([...reached].sort(), rows.map((row) => row.label).sort())
    for (const row of rows) {
      assert.match(row.label, /^[FT](?:-[a-z]+)+$/)
      assert.ok(row.cause.length > 10, row.label)
    }
  })

  it('T2: nothing is cut that a crash cannot leave', () => {
    for (const facts of allTails.filter((each) => decide(tailTable, each).decision === 'torn')) {
      assert.equal(facts.read, 'whole')
      assert.equal(facts.successor, 'no')
      assert.equal(facts.floor, 'clear')
      assert.equal(facts.later, 'no')
      assert.notEqual(facts.reach, 'beyond')
      assert.notEqual(facts.ending, 'stranger')
    }
  })

  it('T2: a crash in the last frame of the last segment is never refused', () => {
    const crashes = allTails.filter(
      (facts) =>
        facts.read === 'whole' &&
        facts.successor === 'no' &&
        facts.floor === 'clear' &&
        facts.later === 'no' &&
        facts.reach !== 'beyond' &&
        facts.ending !== 'stranger' &&
        facts.size === 'whole',
    )
    assert.ok(crashes.length > 0)
    for (const facts of crashes) {
      assert.ok(['sealed', 'end', 'torn'].includes(decide(tailTable, facts).decision), JSON.stringify(facts))
    }
  })

  it('T2: a file counts only with a whole header of the present line of owners, once it was completely begun', () => {
    for (const facts of allFiles) {
      const isBegun = facts.begun === 'rotation' || facts.opening === 'complete'
      const counts = facts.header === 'whole' && facts.epoch === 'current' && isBegun
      assert.equal(decide(fileTable, facts).decision === 'use', counts, JSON.stringify(facts))
    }
  })

  it('T2: a file is refused where no crash can leave it, and set aside otherwise', () => {
    for (const facts of allFiles.filter((each) => decide(fileTable, each).decision !== 'use')) {
      const lostHeader = facts.header !== 'whole' && facts.rest === 'data'
      const copied = facts.header === 'whole' && facts.epoch === 'current' && facts.source === 'absent'
      const damagedFirst =
        facts.header === 'whole' &&
        facts.epoch === 'current' &&
        facts.source === 'none' &&
        facts.opening === 'damaged'
      const refused = lostHeader || copied || damagedFirst ? 'corrupt' : 'discard'
      const expected = facts.header === 'unreadable' ? 'unreadable' : refused
      assert.equal(decide(fileTable, facts).decision, expected, JSON.stringify(facts))
    }
  })

  it('T2: the end of the frames is refused where no crash can leave it', () => {
    for (const facts of allTails) {
      const { decision } = decide(tailTable, facts)
      assert.equal(decision === 'unreadable', facts.read === 'failed', JSON.stringify(facts))
      if (facts.read === 'failed') continue
      const isSealed = facts.ending === 'seal'
      const cannotBe =
        facts.successor === 'yes' ||
        facts.size === 'short' ||
        facts.ending === 'stranger' ||
        facts.later === 'yes' ||
        facts.reach === 'beyond'
      const refused = facts.floor === 'below' || (!isSealed && cannotBe)
      assert.equal(decision === 'corrupt', refused, JSON.stringify(facts))
      assert.equal(decision === 'sealed', isSealed && !refused, JSON.stringify(facts))
      if (isSealed || refused) continue
      const nothing = facts.ending === 'zero' && facts.reach === 'none'
      assert.equal(decision, nothing ? 'end' : 'torn', JSON.stringify(facts))
    }
  })

  it('T1: two rows, or none, are our own mistake, and found', () => {
    const [facts] = allTails
    assert.ok(facts !== undefined)
    assert.throws(() => decide(tailTable.slice(0, 0), facts), /one row decides/)
    assert.throws(() => decide([...tailTable, ...tailTable], facts), /one row decides/)
  })

  it('T3: a bad frame before a valid one is damage', () => {
    for (const facts of allTails.filter((each) => each.later === 'yes' && each.ending !== 'seal')) {
      assert.ok(['corrupt', 'unreadable'].includes(decide(tailTable, facts).decision), JSON.stringify(facts))
    }
  })
})
