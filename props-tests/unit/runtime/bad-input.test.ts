/**
 * Bad input on the real disk: each a clear typed error, and nothing created or changed.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { z } from 'zod'
import { defineTopic, openRuntime } from '../../../runtime/index.ts'
import type { Runtime, RuntimeOptions, Topic } from '../../../runtime/index.ts'
import { mountSmall } from '../../support/small-mount.ts'

const plain = defineTopic('plain')

/** Where a segment file says of what version it is; this place never changes. */
const VERSION_AT = 8

/** Every name below a directory, with what is in each file. */
function snapshot(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return entry.isFile()
        ? `${path} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`
        : path
    })
    .toSorted()
}

/** A journal with one message, properly closed. */
async function makeJournal(directory: string): Promise<void> {
  const runtime = await openRuntime(directory)
  await runtime.producer(plain, { id: 'p' }).send('kept')
  await runtime.close()
}

async function read(directory: string, options: RuntimeOptions = {}): Promise<unknown[]> {
  const runtime = await openRuntime(directory, options)
  const seen: unknown[] = []
  const lag = await runtime.consumer(plain, { group: 'check' }).lag()
  for await (const message of runtime.consumer(plain, { group: 'check' })) {
    seen.push(message.value)
    await message.ack()
    if (seen.length === lag.total) break
  }
  await runtime.close()
  return seen
}

describe('bad input (issue 2, item 9)', () => {
  let root = ''
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'unlost-bad-'))
  })
  after(() => rmSync(root, { recursive: true }))

  /** Opening is refused under this code, and nothing below `root` is other than before. */
  async function refusesToOpen(directory: unknown, code: string, options: object = {}): Promise<void> {
    const seen = snapshot(root)
    await assert.rejects(openRuntime(directory as string, options), (error: Error & { code?: string }) => {
      assert.equal(error.code, code, error.message)
      assert.ok(error.message.length > 20, 'says what is wrong')
      return true
    })
    assert.deepEqual(snapshot(root), seen)
  }

  it('RO1: a misspelt or wrong option, or a path that is none: nothing is created', async () => {
    for (const options of [
      { takover: true },
      { takeover: 'yes' },
      { limits: { segmentBytes: 5 } },
      { mirrors: ['/x'] },
      null,
      5,
    ]) {
      await refusesToOpen(join(root, 'new'), 'UNLOST_INVALID_OPTION', options as object)
    }
    for (const path of ['', undefined, null, 5, {}, ['a']]) await refusesToOpen(path, 'UNLOST_INVALID_OPTION')
    await refusesToOpen(join(root, 'a\0b'), 'UNLOST_DIRECTORY')
  })

  it('a directory that is a file, or lies below one', async () => {
    const file = join(root, 'a file')
    writeFileSync(file, 'mine')
    await refusesToOpen(file, 'UNLOST_DIRECTORY')
    await refusesToOpen(join(file, 'below'), 'UNLOST_DIRECTORY')
    await refusesToOpen(join(file, 'far', 'below'), 'UNLOST_DIRECTORY')
  })

  it('a directory that is not ours', async () => {
    const directory = join(root, 'photos')
    mkdirSync(directory)
    writeFileSync(join(directory, 'holiday.jpg'), 'a beach')
    await refusesToOpen(directory, 'UNLOST_DIRECTORY')
  })

  it('a directory of a newer format: refused, and still whole for the newer version', async () => {
    const directory = join(root, 'newer')
    await makeJournal(directory)
    const sizeOf = (name: string): number => statSync(join(directory, name)).size
    const [segment = ''] = readdirSync(directory).toSorted((a, b) => sizeOf(b) - sizeOf(a))
    const path = join(directory, segment)
    const bytes = readFileSync(path)
    const older = Buffer.from(bytes)
    bytes.writeUInt32LE(bytes.readUInt32LE(VERSION_AT) + 1, VERSION_AT)
    writeFileSync(path, bytes)
    await refusesToOpen(directory, 'UNLOST_NEWER_FORMAT')
    writeFileSync(path, older)
    assert.deepEqual(await read(directory), ['kept'])
  })

  it('a directory that is read-only: nothing is changed, whether a journal is there or not', async (t) => {
    const mount = mountSmall(32 * 1024)
    if (mount === undefined) return t.skip('this process may not mount')
    try {
      const directory = join(mount.directory, 'journal')
      await makeJournal(directory)
      mkdirSync(join(mount.directory, 'empty'))
      mount.makeReadOnly()
      const seen = snapshot(mount.directory)
      for (const path of [directory, join(mount.directory, 'empty'), join(mount.directory, 'new')]) {
        await assert.rejects(openRuntime(path), { code: 'UNLOST_DIRECTORY' }, path)
      }
      assert.deepEqual(snapshot(mount.directory), seen)
    } finally {
      mount.dispose()
    }
  })

  it('a directory on a full disk: refused by name, and left empty', async (t) => {
    const mount = mountSmall(256)
    if (mount === undefined) return t.skip('this process may not mount')
    try {
      const filler = join(mount.directory, 'filler')
      writeFileSync(filler, Buffer.alloc(250 * 1024))
      const directory = join(mount.directory, 'new')
      const small = { limits: { segmentBytes: 64 * 1024 } }
      await assert.rejects(openRuntime(directory, small), { code: 'UNLOST_DISK_FULL' })
      assert.deepEqual(readdirSync(directory), [])
      rmSync(filler)
      const runtime = await openRuntime(directory, small)
      await runtime.producer(plain, { id: 'p' }).send('after')
      await runtime.close()
    } finally {
      mount.dispose()
    }
  })

  it('a disk that fills up while messages are sent: refused by name, nothing written later, and on it goes', async (t) => {
    const mount = mountSmall(2048)
    if (mount === undefined) return t.skip('this process may not mount')
    try {
      const filler = join(mount.directory, 'filler')
      writeFileSync(filler, Buffer.alloc(1024 * 1024))
      const directory = join(mount.directory, 'journal')
      const runtime = await openRuntime(directory, { limits: { segmentBytes: 64 * 1024, diskRetryMs: 20 } })
      const producer = runtime.producer(plain, { id: 'p', deliveryTimeoutMs: 3_000 })
      let sent = 0
      let refused: { code?: string; outcome?: string } | undefined
      for (let tries = 0; tries < 500 && refused === undefined; tries += 1) {
        try {
          await producer.send(`${sent}`.padEnd(10_000))
          sent += 1
        } catch (error) {
          refused = error as { code?: string; outcome?: string }
        }
      }
      assert.deepEqual([refused?.code, refused?.outcome], ['UNLOST_DISK_FULL', 'not-written'])
      rmSync(filler)
      const receipt = await producer.send('after', { deliveryTimeoutMs: 10_000 })
      assert.deepEqual([receipt.offset, receipt.sequence], [sent, sent + 1])
      await runtime.close()
      const values = await read(directory, { limits: { segmentBytes: 64 * 1024 } })
      assert.deepEqual([values.length, values.at(-1)], [sent + 1, 'after'])
    } finally {
      mount.dispose()
    }
  })

  describe('in an open runtime', () => {
    let runtime: Runtime
    let directory = ''
    before(async () => {
      directory = join(root, 'open')
      runtime = await openRuntime(directory)
      await runtime.producer(plain, { id: 'p' }).send('kept')
    })
    after(() => runtime.close())

    /** Bytes of an open segment aside: the idle mark comes when it comes. What is in it is asked by offsets. */
    const names = (): string[] =>
      snapshot(root).map(
        (line) => (line.startsWith(join(directory, 'segment-')) ? line.split(' ')[0] : line) ?? '',
      )

    async function refuses(work: () => unknown, code: string): Promise<void> {
      const seen = names()
      await assert.rejects(
        (async () => {
          await work()
        })(),
        { code },
      )
      assert.deepEqual(names(), seen)
    }

    it('a value that the schema or the codec refuses, or that is too large', async () => {
      const strict = runtime.producer(defineTopic('strict', { schema: z.object({ id: z.number() }) }), {
        id: 'p',
      })
      const binary = runtime.producer(defineTopic<Uint8Array>('bytes', { codec: 'binary' }), { id: 'p' })
      const json = runtime.producer(plain, { id: 'q' })
      await Promise.all([strict.send({ id: 1 }), binary.send(new Uint8Array(1)), json.send('kept too')])
      const cyclic: unknown[] = []
      cyclic.push(cyclic)
      await refuses(() => strict.send({ id: 'x' as never }), 'UNLOST_INVALID_VALUE')
      await refuses(() => strict.sendBatch([{ id: 2 }, {} as never]), 'UNLOST_INVALID_VALUE')
      await refuses(() => binary.send('text' as never), 'UNLOST_INVALID_VALUE')
      for (const value of [undefined, 10n, cyclic, () => {}])
        await refuses(() => json.send(value), 'UNLOST_INVALID_VALUE')
      await refuses(() => json.send('x'.repeat(1024 * 1024)), 'UNLOST_TOO_LARGE')
      await refuses(
        () => json.sendBatch(Array.from({ length: 9 }, () => 'x'.repeat(1_000_000))),
        'UNLOST_TOO_LARGE',
      )
      await refuses(() => json.send(1, { header: {} } as object), 'UNLOST_INVALID_OPTION')
      await refuses(() => json.send(1, { partition: 1 }), 'UNLOST_INVALID_OPTION')
      const { offset, sequence } = await json.send('the next')
      assert.deepEqual([offset, sequence], [2, 2], 'nothing was written or numbered in between')
    })

    it('a name that would leave the directory, or is no name', async () => {
      for (const name of ['../out', '..', '/etc/x', 'a/../../b', 'C:\\x', 'a\0', '', 'x'.repeat(200)]) {
        await refuses(() => defineTopic(name), 'UNLOST_INVALID_OPTION')
        await refuses(() => runtime.producer(plain, { id: name }), 'UNLOST_INVALID_OPTION')
        await refuses(() => runtime.consumer(plain, { group: name }), 'UNLOST_INVALID_OPTION')
        const forged = { ...plain, name } as Topic<unknown>
        await refuses(() => runtime.producer(forged), 'UNLOST_INVALID_OPTION')
      }
      assert.equal(existsSync(join(root, 'out')), false)
    })

    it('a second opener', async () => {
      const seen = names()
      await assert.rejects(openRuntime(directory), { code: 'UNLOST_LOCKED' })
      assert.deepEqual(names(), seen)
    })

    it('the caller may reuse its buffer after `send`', async () => {
      const bytes = defineTopic<Uint8Array>('reused', { codec: 'binary' })
      const producer = runtime.producer(bytes, { id: 'p' })
      const buffer = Buffer.alloc(64)
      const sends = Array.from({ length: 200 }, (_, i) => {
        buffer.fill(i)
        return producer.send(buffer)
      })
      buffer.fill(255)
      await Promise.all(sends)
      let next = 0
      for await (const message of runtime.consumer(bytes, { group: 'g' })) {
        assert.ok(
          message.value.every((byte) => byte === next),
          `message ${next}`,
        )
        await message.ack()
        if (++next === 200) break
      }
    })
  })
})
