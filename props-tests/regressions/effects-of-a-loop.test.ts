/**
 * What a `for await` loop did outside belonged to no message: a loop that swallowed the error of a call, or that called
 * twice without a key, passed.
 *
 * Found by writing wrong loops against the kit.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { defineTopic } from '../../runtime/index.ts'
import type { Message } from '../../runtime/index.ts'
import { CheckFailedError, simulate } from '../index.ts'
import type { World } from '../index.ts'

const numbers = defineTopic<number>('numbers')
type Work = (world: World, message: Message<number>) => Promise<unknown>

const keyless: Work = (world, { value }) => world.outside('mail').call(value)
const swallowing: Work = (world, { value, offset }) =>
  world
    .outside('mail')
    .call(value, { key: String(offset) })
    .catch(() => {})

async function loop(world: World, work: Work): Promise<void> {
  for await (const message of world.runtime.consumer(numbers, { group: 'g' })) {
    await work(world, message)
    await message.ack()
  }
}

function check(work: Work): Promise<unknown> {
  return simulate({
    title: 'a loop',
    main: (world) => loop(world, work),
    workload: async ({ send }) => {
      for (const value of [1, 2, 3]) await send(numbers, value)
    },
    runs: 200,
    timeLimitMs: 120_000,
    pictures: false,
  })
}

async function found(work: Work): Promise<CheckFailedError> {
  const error = await check(work).catch((thrown: unknown) => thrown)
  assert.ok(error instanceof CheckFailedError, String(error))
  return error
}

describe('what a loop does outside', () => {
  it('RL1: is found where it is done twice', async () => {
    const { violation } = await found(keyless)
    assert.equal(violation.invariant, 'duplicated-effect')
    assert.match(violation.text, /for message m\d .*its loop ran again/)
  })

  it('RL1: is missed where its error is swallowed', async () => {
    const { violation, message } = await found(swallowing)
    assert.equal(violation.invariant, 'lost-effect')
    assert.match(message, /The loop acked A as if all were well, although its call of mail had failed/)
  })
})
