/**
 * Two groups that called the outside under one key, so that it is done once whoever comes first, were accused of a lost
 * effect: with a mishap the other one came first.
 *
 * Found by a stranger's check of two groups that send the same welcome.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { defineTopic } from '../../runtime/index.ts'
import { CheckFailedError, simulate } from '../index.ts'
import type { SimulateOptions, World } from '../index.ts'

const signUps = defineTopic<{ name: string }>('sign-ups')

const check = (main: SimulateOptions['main']): Promise<unknown> =>
  simulate({
    ...{ main, seed: 2, runs: 60, pictures: false },
    workload: async ({ send, wait }) => {
      for (const name of ['ann', 'bob']) await send(signUps, { name })
      await wait(100)
    },
  })

function group(world: World, name: string, isSwallowed: boolean): void {
  void world.runtime.consumer(signUps, { group: name }).run(async ({ value, offset }) => {
    await world.sleep(offset)
    const call = world.outside('welcome').call(value, { key: value.name })
    await (isSwallowed ? call.catch(() => {}) : call)
  })
}

it('CP1: a call that another one made under the same key is not lost', async () => {
  await check((world) => {
    for (const name of ['web', 'shop']) group(world, name, false)
  })
})

it('CP1: where none of them made it, it is', async () => {
  const wrong = check((world) => {
    for (const name of ['web', 'shop']) group(world, name, true)
  })
  await assert.rejects(
    wrong,
    (error) => error instanceof CheckFailedError && error.violation.invariant === 'lost-effect',
  )
})
