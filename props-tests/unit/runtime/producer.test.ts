import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DiskFullError } from '../../../persistence/index.ts'
import { defineTopic, type Receipt, type UnlostError } from '../../../runtime/index.ts'
import {
  assertNoGap,
  deferred,
  Fate,
  manualClock,
  openRig,
  reopen,
  stored,
  values,
} from '../../support/sending-rig.ts'

const plain = defineTopic('plain')

/** A schema that answers when the test says so. */
function slowSchema<Value>(answers: Map<Value, Promise<unknown>>): {
  '~standard': { version: 1; vendor: string; validate: (value: unknown) => Promise<{ value: Value }> }
} {
  const validate = async (value: unknown): Promise<{ value: Value }> => {
    await answers.get(value as Value)
    return { value: value as Value }
  }
  return { '~standard': { version: 1, vendor: 'test', validate } }
}

describe('producer', () => {
  it('PA1: all messages of a key go to one partition, whoever sends them and in whichever life', async () => {
    const letters = defineTopic<string>('letters', { key: (value) => value, partitions: 8 })
    const places = new Map<string, Set<number>>()
    let rig = await openRig()
    for (let life = 0; life < 3; life += 1) {
      for (const id of ['p', 'q', 'p']) {
        const sent = rig.runtime.producer(letters, { id }).sendBatch(['a', 'b', 'c', 'd', 'a', 'b'])
        await rig.settle()
        for (const [i, { partition }] of (await sent).entries()) {
          const key = 'abcdab'.charAt(i)
          places.set(key, (places.get(key) ?? new Set()).add(partition))
        }
      }
      rig = await reopen(rig)
    }
    assert.deepEqual(
      [...places.values()].map(({ size }) => size),
      [1, 1, 1, 1],
    )
    assert.ok(new Set([...places.values()].flatMap((each) => [...each])).size > 1, 'keys are spread')
  })

  it('PR1: a send is told its receipt only after its batch is on disk, in both forms', async () => {
    const rig = await openRig()
    const gate = deferred()
    rig.store.beforeCommit = () => gate.promise
    const producer = rig.runtime.producer(plain, { id: 'p' })
    const told: (Receipt | undefined)[] = []
    const fate = new Fate(producer.send('a'))
    producer.send('b', (error, receipt) => {
      assert.equal(error, null)
      told.push(receipt)
    })
    producer.send('c', { key: 'k' }, (_, receipt) => told.push(receipt))
    await rig.clock.advance(1000)
    assert.equal(fate.state, 'pending')
    assert.deepEqual(told, [])
    assert.deepEqual(values(rig.disk), [])
    gate.resolve()
    await rig.settle()
    const common = { topic: 'plain', partition: 0, producer: 'p', epoch: 1, duplicate: false, copies: 1 }
    assert.deepEqual(fate.value, { ...common, offset: 0, sequence: 1 })
    assert.deepEqual(told, [
      { ...common, offset: 1, sequence: 2 },
      { ...common, offset: 2, sequence: 3 },
    ])
    assert.deepEqual(values(rig.disk), ['a', 'b', 'c'])
  })

  it('PR2: sends are written in the order of their calls, though an earlier schema answers later', async () => {
    const rig = await openRig()
    const first = deferred()
    const topic = defineTopic('slow', { schema: slowSchema(new Map([['first', first.promise]])) })
    const producer = rig.runtime.producer(topic)
    const fates = ['first', 'second', 'third'].map((value) => new Fate(producer.send(value)))
    await rig.settle()
    assert.deepEqual(
      fates.map((fate) => fate.state),
      ['pending', 'pending', 'pending'],
    )
    first.resolve()
    await rig.settle()
    assert.deepEqual(values(rig.disk), ['first', 'second', 'third'])
    assert.deepEqual(
      fates.map((fate) => fate.value?.sequence),
      [1, 2, 3],
    )
  })

  it('PR2: a schema that hangs holds the others up until its deadline, and no longer', async () => {
    const rig = await openRig()
    const topic = defineTopic('slow', { schema: slowSchema(new Map([['never', new Promise(() => {})]])) })
    const producer = rig.runtime.producer(topic)
    const hung = new Fate(producer.send('never', { deliveryTimeoutMs: 500 }))
    const after = new Fate(producer.send('after'))
    await rig.clock.advance(499)
    assert.deepEqual([hung.state, after.state], ['pending', 'pending'])
    await rig.clock.advance(1)
    assert.equal(hung.words, 'UNLOST_TIMEOUT not-written')
    assert.equal(after.state, 'fulfilled')
    assert.deepEqual(values(rig.disk), ['after'])
    assertNoGap(rig.disk)
  })

  it('PR2: what waits for a schema is bounded, and beyond the bound refused by name', async () => {
    const rig = await openRig({ limits: { windowCount: 2, waitingCount: 3 } })
    const never = new Promise(() => {})
    const topic = defineTopic('slow', { schema: slowSchema(new Map([['x', never]])) })
    const producer = rig.runtime.producer(topic)
    const fates = Array.from({ length: 7 }, () => new Fate(producer.send('x')))
    await rig.settle()
    const refused = fates.filter((fate) => fate.words === 'UNLOST_BACKPRESSURE not-written')
    assert.equal(refused.length, 2)
    await rig.clock.advance(30_000)
    assert.ok(fates.every((fate) => fate.state === 'rejected'))
    const next = new Fate(producer.send('y'))
    await rig.settle()
    assert.equal(next.state, 'fulfilled', 'the bound is free again')
  })

  it('PR3: an aborted signal leaves no schema that fails unseen', async () => {
    const rig = await openRig()
    const late = deferred()
    const topic = defineTopic('slow', { schema: slowSchema(new Map([['x', late.promise]])) })
    const producer = rig.runtime.producer(topic)
    const unseen: unknown[] = []
    const watch = (error: unknown): void => void unseen.push(error)
    process.on('unhandledRejection', watch)
    const aborted = new Fate(producer.send('x', { signal: AbortSignal.abort('no') }))
    const mixed = new Fate(
      producer.sendBatch(['x', 'y'], { headers: 5 as unknown as Record<string, string> }),
    )
    late.promise.catch(() => {})
    late.reject('the schema failed')
    await rig.settle()
    await new Promise<void>((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', watch)
    assert.equal(aborted.words, 'UNLOST_ABORTED not-written')
    assert.equal(mixed.words, 'UNLOST_INVALID_OPTION not-written')
    assert.deepEqual(unseen, [])
  })

  it('PR3: a batch of which one value throws leaves no schema that fails unseen', async () => {
    const rig = await openRig()
    const late = deferred()
    const schema = {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: (value: unknown) => {
          if (value === 'throws') throw new TypeError('no')
          return late.promise.then(() => ({ value }))
        },
      },
    }
    const producer = rig.runtime.producer(defineTopic('mixed', { schema }))
    const unseen: unknown[] = []
    const watch = (error: unknown): void => void unseen.push(error)
    process.on('unhandledRejection', watch)
    const fate = new Fate(producer.sendBatch(['later', 'throws']))
    late.reject('the schema failed')
    await rig.settle()
    await new Promise<void>((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', watch)
    assert.equal(fate.words, 'UNLOST_INVALID_VALUE not-written')
    assert.deepEqual(unseen, [])
  })

  it('PR4: a newer producer of the same id fences the older one, and the numbers go on', async () => {
    const rig = await openRig()
    const old = rig.runtime.producer(plain, { id: 'p' })
    await Promise.all([old.send(1), rig.settle()])
    const waiting = new Fate(old.send('never written'))
    const fresh = rig.runtime.producer(plain, { id: 'p' })
    const receipt = new Fate(fresh.send(2))
    await rig.settle()
    assert.equal(waiting.words, 'UNLOST_FENCED not-written')
    assert.deepEqual([receipt.value?.epoch, receipt.value?.sequence], [2, 2])
    const late = new Fate(old.send(3))
    const room = new Fate(old.ready())
    await rig.settle()
    assert.equal(late.words, 'UNLOST_FENCED not-written')
    assert.equal(room.words, 'UNLOST_FENCED not-written')
    assert.deepEqual(values(rig.disk), [1, 2])
    assertNoGap(rig.disk)
  })

  it('PR4: a batch of a fenced producer that the disk refused is never written later', async () => {
    const rig = await openRig()
    const old = rig.runtime.producer(plain, { id: 'p' })
    await Promise.all([old.send(1), rig.settle()])
    const gate = deferred()
    rig.store.beforeCommit = () => gate.promise
    const zombie = new Fate(old.send('zombie'))
    await rig.settle()
    const fresh = rig.runtime.producer(plain, { id: 'p' })
    const next = new Fate(fresh.send(2))
    rig.store.beforeCommit = () => {}
    gate.reject(new DiskFullError('no space', { outcome: 'not-written' }))
    await rig.clock.advance(5000)
    assert.equal(zombie.words, 'UNLOST_FENCED not-written')
    assert.deepEqual([next.value?.epoch, next.value?.sequence], [2, 2])
    assert.deepEqual(values(rig.disk), [1, 2])
    assertNoGap(rig.disk)
  })

  it('PR4: what was being written when the newer one came may still be confirmed; the numbers stay whole', async () => {
    const rig = await openRig()
    const old = rig.runtime.producer(plain, { id: 'p' })
    const gate = deferred()
    rig.store.beforeCommit = () => gate.promise
    const writing = new Fate(old.send(1))
    await rig.settle()
    const next = new Fate(rig.runtime.producer(plain, { id: 'p' }).send(2))
    gate.resolve()
    await rig.settle()
    assert.deepEqual([writing.value?.epoch, writing.value?.sequence], [1, 1])
    assert.deepEqual([next.value?.epoch, next.value?.sequence], [2, 2])
    assertNoGap(rig.disk)
  })

  it('PR4: opening one id again and again leaves nothing behind', async () => {
    const rig = await openRig()
    for (let i = 0; i < 50; i += 1) {
      const producer = rig.runtime.producer(plain, { id: 'p' })
      await Promise.all([producer.send(i), rig.settle()])
    }
    // Each open producer has one deadline timer at most; the fenced ones have none.
    assert.ok(rig.clock.pending <= 3, `${rig.clock.pending} timers`)
    const next = await reopen(rig)
    const receipt = new Fate(next.runtime.producer(plain, { id: 'p' }).send('after'))
    await next.settle()
    assert.deepEqual([receipt.value?.epoch, receipt.value?.sequence], [51, 51])
    assertNoGap(rig.disk)
  })

  it('PR1: a callback that throws is nobody else’s trouble', async () => {
    const rig = await openRig({ simulated: manualClock() })
    const producer = rig.runtime.producer(plain)
    producer.send(1, () => {
      throw new TypeError('in the callback')
    })
    const other = new Fate(producer.send(2))
    await assert.rejects(rig.settle(), /in the callback/)
    await rig.settle()
    assert.equal(other.state, 'fulfilled')
  })

  it('PR3: a wrong second or third argument of send is refused by name', async () => {
    const rig = await openRig()
    const producer = rig.runtime.producer(plain)
    const send = producer.send.bind(producer) as (...args: unknown[]) => Promise<Receipt>
    for (const wrong of [
      [1, 5],
      [1, 'key'],
      [1, null],
      [1, []],
      [1, {}, 'callback'],
      [1, {}, {}],
    ]) {
      const fate = new Fate(send(...wrong))
      await rig.settle()
      assert.equal(fate.words, 'UNLOST_INVALID_OPTION not-written', JSON.stringify(wrong))
    }
    const told: (UnlostError | null)[] = []
    producer.send(1, null as unknown as object, (error) => told.push(error))
    await rig.settle()
    assert.equal(told[0]?.code, 'UNLOST_INVALID_OPTION')
    assert.deepEqual(stored(rig.disk), [])
  })

  it('PR1, OU1: the caller may change its buffer, headers and options after send', async () => {
    const rig = await openRig()
    const identity = {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: (value: unknown) => Promise.resolve({ value: value as Uint8Array }),
      },
    }
    for (const schema of [undefined, identity]) {
      const base = { codec: 'binary' as const }
      const topic =
        schema === undefined
          ? defineTopic<Uint8Array>('bytes', base)
          : defineTopic<typeof schema>('checked-bytes', { ...base, schema })
      const producer = rig.runtime.producer<Uint8Array, Uint8Array>(topic as never)
      const buffer = Buffer.from('before')
      const headers = { a: 'before' }
      const options = { headers, key: 'before' }
      const fate = new Fate(producer.send(buffer, options))
      buffer.fill('x')
      headers.a = 'after'
      options.key = 'after'
      await rig.settle()
      assert.equal(fate.state, 'fulfilled')
      const last = stored(rig.disk).at(-1)
      assert.equal(last?.value.toString(), 'before', topic.name)
      assert.deepEqual([last?.headers, last?.key], [{ a: 'before' }, 'before'], topic.name)
    }
  })

  it('PR3: errors that cannot even be put into words are typed', async () => {
    const rig = await openRig()
    const wordless = Object.create(null) as unknown
    const throwing = (): never => {
      throw wordless
    }
    const topics = [
      defineTopic<number>('key', { key: throwing }),
      defineTopic<number>('codec', { codec: { encode: throwing, decode: throwing } }),
      defineTopic('schema', {
        schema: { '~standard': { version: 1 as const, vendor: 'test', validate: throwing } },
      }),
      defineTopic('later', {
        schema: {
          '~standard': {
            version: 1 as const,
            vendor: 'test',
            validate: () => Promise.reject<{ value: number }>(wordless),
          },
        },
      }),
    ]
    for (const topic of topics) {
      const fate = new Fate(rig.runtime.producer<number, unknown>(topic as never).send(1))
      await rig.settle()
      assert.equal(fate.words, 'UNLOST_INVALID_VALUE not-written', topic.name)
    }
  })
})
