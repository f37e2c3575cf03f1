/**
 * The store in its thread: what the contract of all stores cannot see.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import {
  BrokenError,
  ClosedError,
  CorruptError,
  DirectoryError,
  openStore,
} from '../../../persistence/index.ts'
import type { Run } from '../../../persistence/index.ts'
import { nodeDisk, SpareMaker, systemRandom, ThreadStore } from '../../../persistence/internal.ts'

const DOOR = new URL('../../../persistence/index.ts', import.meta.url).href
const SEGMENT_BYTES = 64 * 1024

let directory = ''
let opened: ThreadStore[] = []
beforeEach(() => {
  directory = fs.mkdtempSync(join(tmpdir(), 'unlost-thread-'))
  opened = []
})
afterEach(async () => {
  for (const store of opened) await store.abandon()
  fs.rmSync(directory, { recursive: true, force: true })
})

async function open(): Promise<ThreadStore> {
  const store = await openStore(directory, { segmentBytes: SEGMENT_BYTES })
  assert.ok(store instanceof ThreadStore)
  opened.push(store)
  return store
}

const runOf = (firstOffset: number, bytes: Uint8Array): Run => ({
  mailbox: 1,
  firstOffset,
  count: 1,
  timestampMs: 1,
  bytes,
})
const send = (store: ThreadStore, firstOffset: number, text: string) =>
  store.commit({ events: [], runs: [runOf(firstOffset, Buffer.from(text))] })
const textAt = async (store: ThreadStore, offset: number) => {
  const [run] = await store.read(1, offset, 1)
  return Buffer.from(run?.bytes ?? []).toString()
}
const segments = () => fs.readdirSync(directory).filter((name) => name.startsWith('segment-'))
/** Gives the event loop a turn, so that another thread's work can be looked at again. */
const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('ThreadStore', () => {
  it('TS1: calls that are pending when the thread ends reject with an unknown outcome, and so do later ones', async () => {
    const store = await open()
    const pending = [send(store, 0, 'pending'), store.read(1, 0, 10), store.offsetAt(1, 0)]
    void store.abandon()
    for (const settled of await Promise.allSettled(pending)) {
      // The thread may have answered before it ended; what it did not answer is unknown.
      if (settled.status === 'rejected') assertBroken(settled.reason)
    }
    await store.abandon()
    await assert.rejects(send(store, 1, 'later'), assertBroken)
    await store.release()
  })

  function assertBroken(error: unknown): true {
    assert.ok(error instanceof BrokenError)
    assert.equal(error.outcome, 'unknown')
    return true
  }

  it('TS1, OL3: a thread that ended leaves the directory free at once, in the same process', async () => {
    const first = await open()
    await send(first, 0, 'kept')
    await first.abandon()
    const second = await open()
    assert.equal(second.recovered.report.previous, 'crashed')
    assert.equal(await textAt(second, 0), 'kept')
  })

  it('TS2: the bytes of a batch and of a checkpoint may be reused as soon as the call returned', async () => {
    const store = await open()
    const bytes = Buffer.from('before')
    const event = Buffer.from('event')
    const committing = store.commit({ events: [event], runs: [runOf(0, bytes)] })
    bytes.fill('x')
    event.fill('x')
    await committing
    assert.equal(await textAt(store, 0), 'before')
    const state = Buffer.from('state')
    const checkpointing = store.checkpoint(state)
    state.fill('x')
    await checkpointing
    await store.release()
    const again = await open()
    assert.equal(Buffer.from(again.recovered.checkpoint ?? []).toString(), 'state')
  })

  it('TS2: a second commit beside one that is pending is our mistake, and does not harm the first', async () => {
    const store = await open()
    const first = send(store, 0, 'first')
    await assert.rejects(send(store, 1, 'second'), { code: 'ERR_ASSERTION' })
    await first
    assert.equal(await textAt(store, 0), 'first')
  })

  it('TS4: release may be repeated; everything else is refused after it', async () => {
    const store = await open()
    await Promise.all([store.release(), store.release()])
    await store.release()
    const calls = [
      send(store, 0, 'x'),
      store.read(1, 0, 1),
      store.trim(new Map()),
      store.checkpoint(Buffer.of(1)),
    ]
    for (const call of calls) {
      await assert.rejects(call, (error) => error instanceof ClosedError && error.outcome === 'not-written')
    }
  })
})

describe('the journal thread', () => {
  it('JT1: every call among many is answered with what it asked for', async () => {
    const store = await open()
    const answers: Promise<string>[] = []
    for (let offset = 0; offset < 50; offset += 1) {
      await send(store, offset, `message ${offset}`)
      for (let at = Math.max(0, offset - 4); at <= offset; at += 1) answers.push(textAt(store, at))
    }
    const expected = Array.from({ length: 50 }, (_, offset) => offset).flatMap((offset) =>
      Array.from({ length: Math.min(5, offset + 1) }, (_, i) => `message ${Math.max(0, offset - 4) + i}`),
    )
    assert.deepEqual(await Promise.all(answers), expected)
  })

  it('JT1: a request that fails is answered with its error, and the next one is served', async () => {
    const store = await open()
    await assert.rejects(send(store, 7, 'not the next offset'), { code: 'ERR_ASSERTION' })
    await send(store, 0, 'next')
    assert.equal(await textAt(store, 0), 'next')
  })

  it('JT2: a while after the last commit the journal marks it as durable, by itself', async () => {
    const store = await open()
    await send(store, 0, 'last')
    const path = join(directory, segments()[0] ?? '')
    const before = fs.readFileSync(path)
    while (fs.readFileSync(path).equals(before)) await turn()
    await store.abandon()
    const again = await open()
    assert.equal(again.recovered.report.messages, 1)
  })

  it('JT3: the lock stays fresh while requests never pause', async () => {
    const store = await open()
    const lock = join(directory, 'lock')
    const before = fs.statSync(lock).mtimeMs
    let reads = 0
    while (fs.statSync(lock).mtimeMs === before) {
      await store.read(1, 0, 1)
      reads += 1
    }
    assert.ok(reads > 100, 'the thread was kept at work')
  })

  it('JT4, OO1: a refused opening leaves no thread and no lock, and the claim is given up', async () => {
    const store = await open()
    for (let offset = 0; offset < 3; offset += 1) await send(store, offset, 'x'.repeat(100))
    await store.release()
    const path = join(directory, segments()[0] ?? '')
    const bytes = fs.readFileSync(path)
    bytes.writeUInt8(bytes.readUInt8(4096 + 150) ^ 1, 4096 + 150)
    fs.writeFileSync(path, bytes)
    const threads = threadCount()
    await assert.rejects(open(), CorruptError)
    assert.ok(threadCount() <= threads)
    const names = fs.readdirSync(directory)
    assert.ok(!names.includes('lock'))
    const owners = names.filter((name) => /^owner-\d+$/.test(name))
    assert.ok(names.includes(`${owners.at(-1)}.closed`))
  })

  it('JT4: a released store leaves no thread', async () => {
    const store = await open()
    const threads = threadCount()
    await store.release()
    assert.ok(threadCount() < threads || threads === 0)
  })

  /** 0 where the system does not tell. */
  function threadCount(): number {
    return fs.existsSync('/proc/self/task') ? fs.readdirSync('/proc/self/task').length : 0
  }
})

describe('openStore', () => {
  it('CD1: what cannot be a data directory is refused by name, and nothing is made', async () => {
    const file = join(directory, 'file')
    fs.writeFileSync(file, 'mine')
    for (const path of ['', 'with\0zero', file, join(file, 'below')]) {
      await assert.rejects(openStore(path, {}), DirectoryError, path)
    }
    await assert.rejects(openStore(directory, {}), DirectoryError, 'files that are not ours')
    assert.deepEqual(fs.readdirSync(directory), ['file'])
    assert.equal(fs.readFileSync(file, 'utf8'), 'mine')
  })

  it('CD1: a segment size that no journal has is refused before anything is made', async () => {
    const absent = join(directory, 'absent')
    for (const segmentBytes of [0, 65_535, 65_536.5, 2 ** 30 + 1, Number.NaN]) {
      await assert.rejects(openStore(absent, { segmentBytes }), { code: 'ERR_ASSERTION' })
    }
    assert.deepEqual(fs.readdirSync(directory), [])
  })

  it('D4: everything in the directory is for its owner only', async () => {
    const inner = join(directory, 'inner')
    const before = process.umask(0)
    try {
      const store = await openStore(inner, { segmentBytes: SEGMENT_BYTES })
      await store.release()
      const kept = await openStore(inner, { segmentBytes: SEGMENT_BYTES })
      for (const name of ['.', ...fs.readdirSync(inner)]) {
        assert.equal(fs.statSync(join(inner, name)).mode & 0o077, 0, name)
      }
      await kept.release()
    } finally {
      process.umask(before)
    }
  })
})

describe('a process with a store', () => {
  /** Runs a program given as an argument, which is how EN1 can go wrong. */
  async function run(program: string): Promise<{ code: number; output: string }> {
    const source = `import { openStore } from ${JSON.stringify(DOOR)}
      const store = await openStore(${JSON.stringify(directory)}, { segmentBytes: ${SEGMENT_BYTES} })
      const run = (firstOffset) => ({ mailbox: 1, firstOffset, count: 1, timestampMs: 1, bytes: Buffer.from('sent') })
      ${program}`
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', source], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += String(chunk)
    })
    const [code] = await once(child, 'close')
    return { code: Number(code), output }
  }

  it('TS3, CL2, EN1, EN2: ends by itself when it has nothing else to do, although the store is open', async () => {
    assert.deepEqual(await run(`console.log('open')`), { code: 0, output: 'open\n' })
  })

  it('TS3: stays up until a pending call is answered', async () => {
    const program = `store.commit({ events: [], runs: [run(0)] }).then(() => console.log('confirmed'))`
    assert.deepEqual(await run(program), { code: 0, output: 'confirmed\n' })
    const store = await open()
    assert.equal(store.recovered.report.previous, 'crashed')
    assert.equal(await textAt(store, 0), 'sent')
  })

  it('TS3: stays up until a release is over', async () => {
    assert.deepEqual(await run(`store.release().then(() => console.log('released'))`), {
      code: 0,
      output: 'released\n',
    })
    assert.equal((await open()).recovered.report.previous, 'closed')
  })

  it('TS1: exits when told to, in the middle of commits, and loses nothing that was confirmed', async () => {
    const { output } = await run(`
      let confirmed = 0
      const go = () => store.commit({ events: [], runs: [run(confirmed)] }).then(() => {
        confirmed += 1
        if (confirmed === 20) { void go; store.commit({ events: [], runs: [run(20)] }); console.log(confirmed); process.exit() }
        return go()
      })
      go()`)
    assert.equal(output, '20\n')
    const store = await open()
    assert.ok(store.recovered.report.messages >= 20)
  })
})

describe('SpareMaker', () => {
  const order = (name: string) => ({ directory, path: join(directory, name), sizeBytes: 1 << 20 })

  it('SM1: what is needed before the thread is there is made in line, and later by the thread', async () => {
    const spares = new SpareMaker(nodeDisk)
    spares.order(order('first'))
    assert.deepEqual(spares.settle(), { state: 'ready' })
    spares.taken()
    assert.deepEqual(spares.poll(), { state: 'none' })
    spares.order(order('second'))
    while (spares.poll().state === 'making') await turn()
    assert.deepEqual(spares.poll(), { state: 'ready' })
    spares.taken()
    spares.order(order('third'))
    assert.deepEqual(spares.settle(), { state: 'ready' })
    for (const name of ['first', 'second', 'third']) {
      assert.ok(fs.readFileSync(join(directory, name)).equals(Buffer.alloc(1 << 20)), name)
    }
  })

  it('SM2: a failure arrives with the code of the disk, and the next order may succeed', async () => {
    const spares = new SpareMaker(nodeDisk)
    const lost = { directory, path: join(directory, 'absent', 'file'), sizeBytes: 1 << 20 }
    spares.order(lost)
    assertFailed(spares)
    spares.order(order('one'))
    while (spares.poll().state === 'making') await turn()
    spares.taken()
    spares.order(lost)
    while (spares.poll().state === 'making') await turn()
    assertFailed(spares)
    spares.order(order('two'))
    assert.deepEqual(spares.settle(), { state: 'ready' })
  })

  function assertFailed(spares: SpareMaker): void {
    const state = spares.settle()
    assert.ok(state.state === 'failed')
    assert.ok(state.error instanceof Error && 'code' in state.error)
    assert.equal(state.error.code, 'ENOENT')
  }
})

describe('systemRandom', () => {
  it('SY1, N1: gives the number of bytes asked for, which nobody else writes to', () => {
    const one = systemRandom.bytes(16)
    const two = systemRandom.bytes(16)
    assert.equal(one.length, 16)
    assert.notEqual(one.buffer, two.buffer)
    assert.notDeepEqual(one, two)
    assert.equal(systemRandom.bytes(0).length, 0)
  })
})
