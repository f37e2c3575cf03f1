/**
 * Proves that a data directory that is made is there after a power cut, with all that leads to it.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { peek, prepareDirectory } from '../../../persistence/internal.ts'
import { plant } from '../../disk-damage.ts'
import { SimulatedDiskError } from '../../disk-errors.ts'
import { SimulatedDisk } from '../../simulated-disk.ts'
import { wrapDisk } from '../../support/disk-wrapper.ts'
import { codeOf, directory, killedDisk } from './journal-fixture.ts'

/** What is made and which names are synced, in order; `there` are the directories that exist. */
function madeOf(path: string, ...there: string[]): string[] {
  const calls: string[] = []
  const note = (call: string): unknown => calls.at(-1) !== call && calls.push(call)
  const exist = new Set(['/', '.', ...there])
  const disk = wrapDisk(new SimulatedDisk(), {
    kind: (name) => (exist.has(name) ? 'directory' : 'absent'),
    makeDirectory: (name) => {
      exist.add(name)
      note(`make ${name}`)
    },
    syncDirectory: (name) => void note(`sync ${name}`),
  })
  prepareDirectory(disk, path)
  return calls
}

it('PD1: each part is made below the one before, and its name is durable before the next', () => {
  assert.deepEqual(madeOf('/a/b'), ['make /a', 'sync /', 'make /a/b', 'sync /a', 'sync /'])
  assert.deepEqual(madeOf('/a/b', '/a'), ['make /a/b', 'sync /a', 'sync /'])
  assert.deepEqual(madeOf('/a/b', '/a', '/a/b'), ['sync /a', 'sync /'])
})

it('PD1: a path may be relative, end in slashes, or be of Windows', () => {
  assert.deepEqual(madeOf('data'), ['make data', 'sync .'])
  assert.deepEqual(madeOf('a/b'), ['make a', 'sync .', 'make a/b', 'sync a', 'sync .'])
  assert.deepEqual(madeOf('/a//'), ['make /a//', 'sync /'])
  assert.deepEqual(madeOf('\\a', '\\'), ['make \\a', 'sync \\'])
  assert.deepEqual(madeOf('C:\\a\\', 'C:'), ['make C:\\a\\', 'sync C:', 'sync .'])
  assert.deepEqual(madeOf('/'), ['sync /'])
})

it('PD1: nothing is synced where a journal was completed before', () => {
  const marked = killedDisk(1, 10)
  const calls = marked.calls
  prepareDirectory(marked, directory)
  assert.equal(marked.calls - calls, 2, 'two looks')
})

it('PD1: another that makes it at the same moment is no failure; one that may not be made is', () => {
  const disk = new SimulatedDisk()
  const failing = (code: string) =>
    wrapDisk(disk, {
      makeDirectory: (path) => {
        disk.makeDirectory(path)
        throw new SimulatedDiskError(code, path, 'makeDirectory')
      },
    })
  prepareDirectory(failing('EEXIST'), '/a/b')
  assert.equal(disk.kind('/a/b'), 'directory')
  assert.throws(() => prepareDirectory(failing('EACCES'), '/c'), codeOf('UNLOST_DIRECTORY'))
})

it('PD1: a directory above that may not be opened is not ours to sync; a failed sync is a failure', () => {
  for (const code of ['EACCES', 'EIO']) {
    const disk = new SimulatedDisk()
    disk.makeDirectory('/a')
    disk.makeDirectory('/a/b')
    disk.addFault({ call: 'syncDirectory', code, times: 2 })
    if (code === 'EACCES') prepareDirectory(disk, '/a/b')
    else assert.throws(() => prepareDirectory(disk, '/a/b'), codeOf('UNLOST_BROKEN'))
  }
})

it('PD1: a file in the way is named', () => {
  const disk = new SimulatedDisk()
  disk.makeDirectory(directory)
  plant(disk, `${directory}/file`, Uint8Array.of(1))
  const path = `${directory}/file`
  for (const step of [peek, prepareDirectory]) {
    assert.throws(() => step(disk, path), /\/data\/file is a file, not a directory/)
  }
  assert.throws(() => prepareDirectory(disk, `${path}/below`), /\/data\/file/)
})
