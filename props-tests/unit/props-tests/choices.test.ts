import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ChoiceTape, chooseFirst, chooseLast, everyChoice } from '../../choices.ts'
import { SimulatedRandom } from '../../simulated-random.ts'

describe('choices', () => {
  it('CH1: the empty tape takes the first option', () => {
    const tape = new ChoiceTape([])
    assert.deepEqual([tape.choose(5), tape.choose(2)], [0, 0])
    assert.deepEqual([chooseFirst.choose(4), chooseLast.choose(4)], [0, 3])
  })

  it('CH2: a tape is read in a circle, and each number fits its question', () => {
    const tape = new ChoiceTape([7, 1])
    assert.deepEqual([tape.choose(3), tape.choose(2), tape.choose(10)], [1, 1, 7])
  })

  it('CH2: a question with one answer uses nothing of the tape', () => {
    const tape = new ChoiceTape([1, 0])
    assert.deepEqual([tape.choose(1), tape.choose(2)], [0, 1])
  })

  it('CH3: every combination comes once, where later questions depend on earlier answers', () => {
    const seen: string[] = []
    const count = everyChoice((choices) => {
      const first = choices.choose(2)
      seen.push(first === 0 ? `0${choices.choose(3)}` : '1')
    }, 100)
    assert.deepEqual(seen, ['00', '01', '02', '1'])
    assert.equal(count, 4)
  })

  it('CH3: the limit ends the walk', () => {
    const count = everyChoice((choices) => {
      choices.choose(10)
    }, 4)
    assert.equal(count, 4)
  })
})

describe('SimulatedRandom', () => {
  it('SR1: a seed gives the numbers it always gave', () => {
    const random = new SimulatedRandom(42)
    const drawn = [random.choose(1000), random.choose(1000), random.choose(1000), ...random.bytes(3)]
    assert.deepEqual(drawn, [922, 360, 940, 80, 225, 133])
  })

  it('SR1: near seeds have nothing in common, and large ones count whole', () => {
    const drawn = [0, 1, 2, 2 ** 32, 2 ** 40].map((seed) => new SimulatedRandom(seed).fraction())
    assert.equal(new Set(drawn).size, drawn.length)
  })

  it('SR1: fractions lie in [0, 1) and spread evenly', () => {
    const random = new SimulatedRandom(1)
    const tenths = Array.from({ length: 10 }, () => 0)
    for (let i = 0; i < 10_000; i += 1) {
      const tenth = random.choose(10)
      tenths[tenth] = (tenths[tenth] ?? 0) + 1
    }
    assert.ok(
      tenths.every((count) => count > 850 && count < 1150),
      tenths.join(' '),
    )
  })

  it('SR2: a fork does not move the draws of its parent', () => {
    const [one, two] = [new SimulatedRandom(5), new SimulatedRandom(5)]
    one.fork().bytes(100)
    two.fork()
    assert.equal(one.fraction(), two.fraction())
  })
})
