import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { CourtesyLock, isLockFresh } from '../../../persistence/internal.ts'

/** Stands for the timers of the process: what is set fires when the test says so. */
class HeldTimer {
  readonly #real = globalThis.setTimeout
  #work: (() => void) | undefined
  delayMs: number | undefined

  constructor() {
    const hold = (work: () => void, delayMs: number): object => {
      this.#work = work
      this.delayMs = delayMs
      return {}
    }
    Object.assign(globalThis, { setTimeout: hold })
  }

  get isSet(): boolean {
    return this.#work !== undefined
  }

  fire(): void {
    const work = this.#work
    this.#work = undefined
    work?.()
  }

  restore(): void {
    Object.assign(globalThis, { setTimeout: this.#real })
  }
}

/** Each look is a real look at the file system, which takes a moment. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}

describe('CourtesyLock', () => {
  let directory = ''
  beforeEach(() => {
    directory = fs.mkdtempSync(join(tmpdir(), 'unlost-courtesy-'))
  })
  afterEach(() => {
    fs.rmSync(directory, { recursive: true })
  })

  it('CL1: rejects nothing, where the lock cannot be made and where it was removed by others', async () => {
    const absent = join(directory, 'absent')
    const lock = await CourtesyLock.take(absent)
    await lock.release()
    const other = await CourtesyLock.take(directory)
    fs.rmdirSync(join(directory, 'lock'))
    await other.release()
    await other.release()
  })

  it('CL3: breaks the lock of an owner that died, is fresh while held and gone when released', async () => {
    fs.mkdirSync(join(directory, 'lock'))
    assert.equal(await isLockFresh(directory), true)
    const lock = await CourtesyLock.take(directory)
    assert.equal(await isLockFresh(directory), true)
    assert.equal(fs.statSync(join(directory, 'lock')).mode & 0o777, 0o700)
    await lock.release()
    assert.equal(await isLockFresh(directory), false)
    assert.deepEqual(fs.readdirSync(directory), [])
  })

  it('CL3: a lock that nobody touched for long is not fresh', async () => {
    const path = join(directory, 'lock')
    fs.mkdirSync(path)
    const { mtimeMs } = fs.statSync(path)
    fs.utimesSync(path, (mtimeMs - 6_000) / 1_000, (mtimeMs - 6_000) / 1_000)
    assert.equal(await isLockFresh(directory), false)
  })

  it('CL1: a lock that is lost is taken again, by this very owner', async () => {
    const timer = new HeldTimer()
    try {
      const lock = await CourtesyLock.take(directory)
      assert.equal(timer.delayMs, 1_000)
      fs.rmdirSync(join(directory, 'lock'))
      timer.fire()
      await until(() => timer.isSet)
      assert.equal(await isLockFresh(directory), true)
      await lock.release()
      assert.deepEqual(fs.readdirSync(directory), [])
    } finally {
      timer.restore()
    }
  })

  it('CL1: a lock that comes back while it is being released is released too', async () => {
    const timer = new HeldTimer()
    try {
      const lock = await CourtesyLock.take(directory)
      fs.rmdirSync(join(directory, 'lock'))
      timer.fire()
      await until(() => fs.existsSync(join(directory, 'lock')))
      await lock.release()
      await until(() => !fs.existsSync(join(directory, 'lock')))
    } finally {
      timer.restore()
    }
  })

  it('CL1: a lock whose loss is noticed only after it was given back is not taken again', async () => {
    const timer = new HeldTimer()
    try {
      const lock = await CourtesyLock.take(directory)
      fs.rmdirSync(join(directory, 'lock'))
      timer.fire()
      await lock.release()
      for (let look = 0; look < 20; look += 1) await fs.promises.stat(directory)
      assert.equal(timer.isSet, false)
      assert.deepEqual(fs.readdirSync(directory), [])
    } finally {
      timer.restore()
    }
  })

  it('CL1: where the lock cannot be looked at, it is not fresh', async () => {
    const file = join(directory, 'file')
    fs.writeFileSync(file, '')
    assert.equal(await isLockFresh(file), false)
  })
})
