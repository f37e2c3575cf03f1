/**
 * Return is ack, throw is nack; and a handler that takes its time.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { defineTopic } from '../../../runtime/index.ts'
import type { Interceptor, RuntimeOptions, Settlement } from '../../../runtime/index.ts'
import { deferred, openWorld } from '../../support/consume-world.ts'
import type { World } from '../../support/consume-world.ts'

const jobs = defineTopic<number>('jobs')

async function worldWith(values: readonly number[], options: RuntimeOptions = {}): Promise<World> {
  const world = await openWorld(options)
  await world.runtime.producer(jobs, { id: 'p' }).sendBatch(values)
  return world
}

async function undone(world: World): Promise<number> {
  return (await world.runtime.consumer(jobs, { group: 'g' }).lag()).total
}

describe('HandlerMode', () => {
  it('HM1: a message is done when its handler returned, and not before', async () => {
    const world = await worldWith([1])
    const work = deferred()
    void world.runtime.consumer(jobs, { group: 'g' }).run(() => work.promise)
    await world.settle()
    assert.equal(await undone(world), 1)
    work.resolve()
    await world.settle()
    assert.equal(await undone(world), 0)
  })

  it('HM1: whatever is thrown is a nack', async () => {
    const odd = { toString: () => assert.fail('not to be called') }
    for (const thrown of [
      new TypeError('x'),
      'text',
      undefined,
      null,
      7,
      odd,
      Object.create(null) as object,
    ]) {
      const world = await worldWith([1])
      const attempts: number[] = []
      void world.runtime.consumer(jobs, { group: 'g', maxDeliveries: 2 }).run(({ attempt }) => {
        attempts.push(attempt)
        // oxlint-disable-next-line typescript/only-throw-error
        throw thrown
      })
      await world.clock.advance(1_000)
      assert.deepEqual(attempts, [1, 2])
      assert.equal(world.events('dead-letter').length, 1)
    }
  })

  it('HM2: a handler that outlives its lease is told, and its message has no other handler meanwhile', async () => {
    const world = await worldWith([1, 2])
    const work = deferred()
    const seen: number[] = []
    let signal: AbortSignal | undefined
    void world.runtime
      .consumer(jobs, { group: 'g', concurrency: 2, leaseMs: 1_000 })
      .run(({ value }, context) => {
        seen.push(value)
        if (value !== 1) return
        signal = context.signal
        return work.promise
      })
    await world.clock.advance(999)
    assert.equal(signal?.aborted, false)
    await world.clock.advance(120_000)
    assert.equal(signal?.aborted, true)
    assert.deepEqual(seen, [1, 2])
    const [stall] = world.events('stalled') as { cause: string; offset: number; stalledMs: number }[]
    assert.deepEqual([stall?.cause, stall?.offset, stall?.stalledMs], ['lease-expired', 0, 1_000])
    work.resolve()
    await world.settle()
    assert.equal(await undone(world), 0, 'its end still counts')
  })

  it('HM2: extend moves the end of the lease, also when a later one was awaited', async () => {
    const world = await worldWith([1, 2])
    const aborted: number[] = []
    void world.runtime
      .consumer(jobs, { group: 'g', concurrency: 2, leaseMs: 1_000 })
      .run((message, { signal }) => {
        signal.addEventListener('abort', () => aborted.push(message.value))
        if (message.value === 1) message.extend(3_600_000)
        return new Promise(() => {})
      })
    await world.clock.advance(1_500)
    assert.deepEqual(aborted, [2])
    await world.clock.advance(3_600_000)
    assert.deepEqual(aborted, [2, 1])
  })

  it('HM2: a lease that begins while another is extended for long ends at its own time', async () => {
    const world = await worldWith([1])
    const aborted: number[] = []
    void world.runtime
      .consumer(jobs, { group: 'g', concurrency: 2, leaseMs: 1_000 })
      .run((message, { signal }) => {
        signal.addEventListener('abort', () => aborted.push(message.value))
        if (message.value === 1) message.extend(3_600_000)
        return new Promise(() => {})
      })
    await world.clock.advance(2_000)
    await world.runtime.producer(jobs, { id: 'p' }).send(2)
    await world.clock.advance(1_500)
    assert.deepEqual(aborted, [2])
  })

  it('an undecodable value is a dead letter at once, and its bytes are kept', async () => {
    const world = await openWorld()
    const raw = defineTopic<Uint8Array>('raw', {
      codec: { encode: (value) => value, decode: (value) => value },
    })
    const strict = defineTopic<Uint8Array>('raw', {
      codec: {
        encode: (value) => value,
        decode: () => {
          throw new TypeError('not mine')
        },
      },
    })
    await world.runtime.producer(raw, { id: 'p' }).send(new Uint8Array([1, 2]))
    let runs = 0
    void world.runtime.consumer(strict, { group: 'g' }).run(() => void (runs += 1))
    await world.settle()
    assert.equal(runs, 0)
    const [broken] = await world.runtime.deadLetters(strict, { group: 'g' }).list()
    assert.equal(broken?.value, undefined)
    assert.match(broken?.reason ?? '', /not mine/)
    const [letter] = await world.runtime.deadLetters(raw, { group: 'g' }).list()
    assert.deepEqual([...(letter?.value ?? [])], [1, 2])
  })

  it('a throw in onConsume is a nack; one in onSettle is an event and changes nothing', async () => {
    const settled: Settlement[] = []
    const interceptors: Interceptor[] = [
      {
        name: 'first',
        onConsume: ({ attempt }) => {
          if (attempt === 1) throw new TypeError('not at first')
        },
      },
      {
        name: 'second',
        onSettle: (_, __, settlement) => {
          settled.push(settlement)
          throw new TypeError('ignored')
        },
      },
    ]
    const world = await worldWith([1], { interceptors })
    const attempts: number[] = []
    void world.runtime.consumer(jobs, { group: 'g' }).run(({ attempt }) => void attempts.push(attempt))
    await world.clock.advance(1_000)
    assert.deepEqual(attempts, [2])
    assert.deepEqual(settled, ['nack', 'ack'])
    assert.equal(world.events('interceptor-error').length, 2)
    assert.equal(await undone(world), 0)
  })
})
