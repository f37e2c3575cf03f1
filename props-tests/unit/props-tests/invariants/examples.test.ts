import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { History } from '../../../history.ts'
import { allInvariants } from '../../../invariants/index.ts'
import { exampleTerms } from '../../../support/tell-history.ts'
import { examples } from './examples.ts'

/** The names of all invariants that a history breaks. */
function brokenIn(history: History): string[] {
  return allInvariants.flatMap(({ check }) => check(history, exampleTerms)?.invariant ?? [])
}

describe('the invariants, each by its examples', () => {
  for (const { name, holds, breaks, neighbours = {} } of examples) {
    for (const [title, history] of Object.entries(holds)) {
      it(`${name} keeps silent: ${title}`, () => assert.deepEqual(brokenIn(history), []))
    }
    for (const [title, history] of Object.entries(breaks)) {
      it(`${name} speaks: ${title}`, () => {
        const found = brokenIn(history)
        assert.ok(found.includes(name), `heard ${found.join(', ') || 'nothing'}`)
        const others = found.filter((other) => other !== name && !(other in neighbours))
        assert.deepEqual(others, [], 'others speak as well')
      })
    }
  }

  it('IN1: every invariant has its examples, a name of its own and a sentence', () => {
    const names = allInvariants.map(({ name }) => name)
    assert.deepEqual(names.toSorted(), examples.map(({ name }) => name).toSorted())
    assert.equal(new Set(names).size, names.length)
    for (const { name, about, guarantee } of allInvariants) {
      assert.match(about, /^[A-Z].*\.$/, name)
      assert.match(guarantee, /^G(?:[1-9]|1[0-2])$/, name)
    }
  })

  it('a violation tells events of the history, in order, and says what it found', () => {
    for (const { name, breaks } of examples) {
      for (const history of Object.values(breaks)) {
        const found = allInvariants.find((each) => each.name === name)?.check(history, exampleTerms)
        assert.ok(found !== undefined && found.events.length > 0, name)
        assert.deepEqual(
          found.events,
          found.events.toSorted((a, b) => a - b),
        )
        for (const at of found.events) assert.ok(at in history, `${name}: ${at}`)
        assert.doesNotMatch(found.text, /undefined|NaN|\[object/)
      }
    }
  })
})
