/**
 * Proves what every error promises, whatever raised it.
 */
import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { after, describe, it } from 'node:test'
import * as door from '../../../persistence/index.ts'
import { checkout } from '../../tooling/checkout.ts'

const { CorruptError, DiskFullError, LockedError, UnlostError } = door

/** The codes of storage. They never change; a new one is added here on purpose. */
const codes: Readonly<Record<string, string>> = {
  UnlostError: 'UNLOST_ERROR',
  LockedError: 'UNLOST_LOCKED',
  FencedError: 'UNLOST_FENCED',
  BrokenError: 'UNLOST_BROKEN',
  ClosedError: 'UNLOST_CLOSED',
  DiskFullError: 'UNLOST_DISK_FULL',
  NewerFormatError: 'UNLOST_NEWER_FORMAT',
  DirectoryError: 'UNLOST_DIRECTORY',
  TooLargeError: 'UNLOST_TOO_LARGE',
  CorruptError: 'UNLOST_CORRUPT',
}

/** The same sources, loaded a second time, as when two versions of the package meet in one program. */
async function secondCopy(): Promise<typeof door> {
  const folder = mkdtempSync(join(tmpdir(), 'unlost-copy-'))
  after(() => {
    rmSync(folder, { recursive: true })
  })
  copyFileSync(join(checkout, 'persistence/errors.ts'), join(folder, 'errors.ts'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  return (await import(pathToFileURL(join(folder, 'errors.ts')).href)) as typeof door
}

describe('errors', () => {
  it('E1: every class has the code it always had, and so has every instance', () => {
    const classes = Object.entries(door).filter(([name]) => name.endsWith('Error'))
    const found = classes.map(([name, value]) => [name, Reflect.get(value, 'code') as unknown])
    assert.deepEqual(Object.fromEntries(found), codes)
    const error = new DiskFullError('full')
    assert.equal(error.code, 'UNLOST_DISK_FULL')
    assert.equal(error.name, 'DiskFullError')
    assert.ok(error instanceof Error)
  })

  it('E2: an error about a write keeps its outcome and its cause', () => {
    const cause = new Error('ENOSPC')
    const error = new DiskFullError('full', { outcome: 'not-written', cause })
    assert.equal(error.outcome, 'not-written')
    assert.equal(error.cause, cause)
    assert.equal(new LockedError('open elsewhere').outcome, undefined)
    assert.ok(!('cause' in new LockedError('open elsewhere')))
  })

  it('E3: instanceof holds across two copies of the package, and only for the right class', async () => {
    const copy = await secondCopy()
    assert.notEqual(copy.LockedError, LockedError)
    const foreign = new copy.LockedError('open elsewhere')
    assert.ok(foreign instanceof LockedError)
    assert.ok(foreign instanceof UnlostError)
    assert.ok(!(foreign instanceof DiskFullError))
    for (const other of [new Error('x'), { code: 'ENOSPC' }, { code: 7 }, null, undefined, 'UNLOST_LOCKED']) {
      assert.ok(!(other instanceof UnlostError))
      assert.ok(!(other instanceof LockedError))
    }
  })

  it('the message of damage names the file, the bytes and the offsets concerned', () => {
    const damage = { file: 'data/s-1', start: 8, end: 16, reason: 'bad checksum', offsets: [] }
    assert.match(new CorruptError(damage).message, /data\/s-1 .* 8\.\.16: bad checksum.*no known message/)
    const hit = new CorruptError({ ...damage, offsets: [{ mailbox: 3, first: 5, last: 9 }] })
    assert.match(hit.message, /mailbox 3 offsets 5\.\.9/)
    assert.equal(hit.damage.offsets.length, 1)
  })
})
