/**
 * What only the real disk promises; what it shares with the simulated one is in `contracts/disk-contract.ts`.
 */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { nodeDisk } from '../../../persistence/internal.ts'

describe('nodeDisk', () => {
  let directory = ''
  beforeEach(() => {
    directory = fs.mkdtempSync(join(tmpdir(), 'unlost-node-disk-'))
  })
  afterEach(() => {
    fs.rmSync(directory, { recursive: true })
  })

  it('ND1: writes at a position, whatever was written before, and leaves no trace of order', () => {
    const path = join(directory, 'file')
    const file = nodeDisk.open(path, 'create')
    nodeDisk.write(file, Buffer.from('tail'), 4)
    nodeDisk.write(file, Buffer.from('head'), 0)
    nodeDisk.sync(file)
    nodeDisk.close(file)
    assert.equal(fs.readFileSync(path, 'utf8'), 'headtail')
  })

  it('ND1: writes bytes that two threads share', () => {
    const path = join(directory, 'file')
    const shared = Buffer.from(new SharedArrayBuffer(16))
    shared.write('shared bytes')
    const file = nodeDisk.open(path, 'create')
    nodeDisk.write(file, shared.subarray(0, 12), 0)
    nodeDisk.close(file)
    assert.equal(fs.readFileSync(path, 'utf8'), 'shared bytes')
  })

  it('ND2: a write that only fits in part names the reason', { skip: !fs.existsSync('/dev/full') }, () => {
    const file = nodeDisk.open('/dev/full', 'write')
    assert.throws(() => nodeDisk.write(file, Buffer.alloc(10), 0), { code: 'ENOSPC' })
    nodeDisk.close(file)
  })

  it('ND3: syncs the names of a directory, and names one that is not there', () => {
    fs.writeFileSync(join(directory, 'file'), '')
    nodeDisk.syncDirectory(directory)
    assert.throws(() => nodeDisk.syncDirectory(join(directory, 'absent')), { code: 'ENOENT' })
  })

  it('D4: makes files and directories for their owner only, whatever the mask', () => {
    const before = process.umask(0)
    try {
      nodeDisk.close(nodeDisk.open(join(directory, 'file'), 'create'))
      nodeDisk.makeDirectory(join(directory, 'inner'))
    } finally {
      process.umask(before)
    }
    assert.equal(fs.statSync(join(directory, 'file')).mode & 0o777, 0o600)
    assert.equal(fs.statSync(join(directory, 'inner')).mode & 0o777, 0o700)
  })
})
