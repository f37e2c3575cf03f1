/**
 * The world outside: effects, keys, tables, and values as texts.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { canonical, spell } from '../../kit/json.ts'
import { inTransaction } from '../../kit/table.ts'
import type { RunResult } from '../../kit/scenario.ts'
import type { Mishap, TopicProgram, World } from '../../index.ts'
import { handlerDies, runRig } from '../../support/kit-rig.ts'

const happened = ({ notes }: RunResult): string[] =>
  notes.effects.filter((effect) => effect.happened).map(({ value }) => value)

function mailing(key: boolean): (world: World) => TopicProgram<number> {
  return (world) => ({
    handler: async (message) => {
      await world.outside('mail').call(message.value, key ? { key: String(message.offset) } : {})
    },
  })
}

describe('the outside', () => {
  it('OU1: a death before the instant of a call leaves nothing of it, one after it leaves all', async () => {
    // Steps of the handler: it begins, before the call, after it, it returned.
    const counts: number[] = []
    for (let nth = 1; nth <= 4; nth += 1) {
      counts.push(
        happened(await runRig({ start: mailing(false), steps: [[1]], mishaps: { 0: handlerDies(nth) } }))
          .length,
      )
    }
    assert.deepEqual(counts, [1, 1, 2, 2])
  })

  it('OU2: a call with a known key has no effect', async () => {
    for (let nth = 1; nth <= 4; nth += 1) {
      const result = await runRig({ start: mailing(true), steps: [[1]], mishaps: { 0: handlerDies(nth) } })
      assert.deepEqual(happened(result), ['1'])
    }
  })

  it('OU3: a dead process hears no answer, and its later calls reach nobody', async () => {
    const start = (world: World): TopicProgram<number> => ({
      handler: async (message) => {
        await world.outside('first').call(message.value)
        await world.outside('second').call(message.value)
      },
    })
    const result = await runRig({ start, steps: [[1]], mishaps: { 0: handlerDies(3) } })
    const names = result.notes.effects.map(({ life, name }) => `${life} ${name}`)
    assert.deepEqual(names, ['1 first', '2 first', '2 second'])
  })

  it('OU1: a call that fails says so, and may have happened', async () => {
    const failing = (how: 'fails' | 'fails-after'): Mishap => ({ do: 'effect', nth: 1, how })
    const before = await runRig({ start: mailing(false), steps: [[1]], mishaps: { 0: failing('fails') } })
    assert.deepEqual(happened(before), ['1'])
    const after = await runRig({
      start: mailing(false),
      steps: [[1]],
      mishaps: { 0: failing('fails-after') },
    })
    assert.deepEqual(happened(after), ['1', '1'])
  })
})

describe('a table', () => {
  it('TB1: a transaction that throws changes nothing', () => {
    const rows = new Map([['a', '1']])
    assert.throws(() =>
      inTransaction<number, void>(rows, (all) => {
        all.set('a', 2)
        all.set('b', 3)
        all.delete('a')
        throw new RangeError('no')
      }),
    )
    assert.deepEqual([...rows], [['a', '1']])
    const { changed, result } = inTransaction<number, number>(rows, (all) => {
      all.set('b', 3)
      return all.size
    })
    assert.equal(result, 2)
    assert.deepEqual([...changed], [['b', 3]])
  })

  it('TB2: rows are copies', () => {
    const rows = new Map<string, string>()
    const row = { list: [1] }
    inTransaction<typeof row, void>(rows, (all) => void all.set('a', row))
    row.list.push(2)
    const { result } = inTransaction<typeof row, typeof row | undefined>(rows, (all) => all.get('a'))
    result?.list.push(3)
    assert.deepEqual([...rows], [['a', '{"list":[1]}']])
  })
})

describe('values as texts', () => {
  it('KJ1: spelling never throws, and does not hang on the order of fields', () => {
    const circle: unknown[] = []
    circle.push(circle)
    const all = [
      circle,
      1n,
      Number.NaN,
      undefined,
      () => 1,
      new Map([[1, 2]]),
      new Uint8Array([1]),
      new RangeError('x'),
    ]
    for (const value of all) assert.ok(JSON.parse(spell(value)) !== undefined)
    assert.equal(spell({ b: 1, a: undefined, c: [2] }), spell({ c: [2], b: 1 }))
    assert.notEqual(spell([1, 2]), spell([2, 1]))
  })

  it('KJ2: in the canonical form lists are bags, and last digits do not count', () => {
    assert.equal(canonical({ list: [1, { a: 0.1 + 0.2 }] }), canonical({ list: [{ a: 0.3 }, 1] }))
    assert.notEqual(canonical([1, 1, 2]), canonical([1, 2, 2]))
  })
})
