/**
 * Proves what an opening keeps as evidence, and that it leaves nothing else behind.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Disk } from '../../../persistence/index.ts'
import { freedName, makeSmall } from '../../../persistence/internal.ts'
import { bytesOf, filesOf, overwrite, plant } from '../../disk-damage.ts'
import { SimulatedDisk } from '../../simulated-disk.ts'
import { wrapDisk } from '../../support/disk-wrapper.ts'
import { directory, endOf, killedDisk, offsetsIn, openJournal, range, segmentsOf } from './journal-fixture.ts'

const aside = (index: number): string => `aside-000000000001-0000000000${index}-1`
const wordsIn = (disk: SimulatedDisk) => disk.list(directory).filter((name) => name.startsWith('freed-'))

it('RV2: a torn tail is set aside, and only the newest of them are kept', () => {
  let disk = killedDisk(1, 100)
  const names: string[] = []
  for (const round of range(12)) {
    const [path = ''] = segmentsOf(disk)
    const at = Math.ceil(endOf(disk, path) / 8) * 8
    overwrite(disk, path, { position: at, bytes: Buffer.from(`torn ${round}!`) })
    const { report } = openJournal(disk).recovered
    assert.ok(report.bytesSetAside >= 7)
    const [name = ''] = report.setAside
    assert.match(Buffer.from(bytesOf(disk, `${directory}/${name}`)).toString(), new RegExp(`torn ${round}!`))
    names.push(name)
    disk.crash()
    disk.restart('power')
    disk = disk.clone()
  }
  const kept = filesOf(disk).filter((path) => path.includes('/aside-'))
  assert.deepEqual(
    kept,
    names.slice(-8).map((name) => `${directory}/${name}`),
  )
})

it('RV2: eight torn tails are kept, the newest of them; one that is set aside now is among them', () => {
  const start = killedDisk(2, 100)
  for (const index of range(10, 10)) makeSmall(start, `${directory}/${aside(index)}`, Buffer.from('old'))
  const asidesOf = (disk: SimulatedDisk) => disk.list(directory).filter((name) => name.startsWith('aside-'))
  const whole = start.clone()
  openJournal(whole)
  assert.deepEqual(asidesOf(whole), range(8, 12).map(aside))
  const torn = start.clone()
  const [path = ''] = segmentsOf(torn)
  const at = Math.ceil(endOf(torn, path) / 8) * 8
  overwrite(torn, path, { position: at, bytes: Buffer.from('torn') })
  const { report } = openJournal(torn).recovered
  assert.deepEqual([report.bytesSetAside, report.setAside], [4, [aside(20)]])
  assert.deepEqual(asidesOf(torn), [...range(7, 13).map(aside), aside(20)])
  assert.equal(Buffer.from(bytesOf(torn, `${directory}/${report.setAside[0]}`)).toString(), 'torn')
})

it('RV8: word of a prepared file that was removed is durable before that, and goes when the new file counts', () => {
  const start = killedDisk(40, 9000)
  const [prepared = ''] = segmentsOf(start).slice(-1)
  const word = prepared
    .slice(directory.length + 1)
    .replace('segment', 'freed')
    .replace(/1$/u, '2')
  let removals = 0
  const watched = wrapDisk(start, {
    remove: (path) => {
      if (path === prepared) {
        removals += 1
        const cut = start.clone()
        cut.restart('power')
        assert.ok(cut.list(directory).includes(word))
      }
      start.remove(path)
    },
  })
  openJournal(watched)
  assert.deepEqual([removals, wordsIn(start)], [1, []])
  plant(start, `${directory}/${freedName(9, 1)}`, new Uint8Array(0))
  openJournal(start)
  assert.deepEqual(wordsIn(start), [])
})

/** A disk whose second owner was killed when the header of its copy was written, and no frame. */
function killedInCopy(): SimulatedDisk {
  const start = killedDisk(4, 9000)
  for (let call = 1; ; call += 1) {
    const disk = start.clone()
    disk.crashAt(disk.calls + call)
    assert.throws(() => openJournal(disk))
    disk.restart('kill')
    const [, copy] = segmentsOf(disk)
    if (copy !== undefined && endOf(disk, copy) > 0) return disk
  }
}

it('RV8: where there is no prepared file, no word is left', () => {
  for (const disk of [killedDisk(2, 100), killedInCopy()]) {
    const made: string[] = []
    const open: Disk['open'] = (path, mode) => {
      if (mode === 'create') made.push(path)
      return disk.open(path, mode)
    }
    openJournal(wrapDisk(disk, { open }))
    assert.ok(made.length >= 2 && made.every((path) => !path.includes('freed-')))
    assert.equal(segmentsOf(disk).length, 1)
  }
})

it('RV3: whatever an opening that was killed left is gone after the next one', () => {
  const start = killedDisk(4, 9000)
  const whole = start.clone()
  openJournal(whole)
  for (let call = 1; call <= whole.calls - start.calls; call += 1) {
    const disk = start.clone()
    disk.crashAt(disk.calls + call)
    assert.throws(() => {
      openJournal(disk)
      disk.crash()
      disk.list('/')
    })
    disk.restart('kill')
    const journal = openJournal(disk)
    assert.equal(segmentsOf(disk).length, 1, `call ${call}`)
    assert.deepEqual([offsetsIn(journal, 1), wordsIn(disk)], [range(4), []], `call ${call}`)
  }
})

it('RV4: where there is no space, a prepared file that nobody needs makes room for the new one', () => {
  const disk = killedDisk(40, 9000)
  const [prepared = ''] = segmentsOf(disk).slice(-1)
  assert.equal(endOf(disk, prepared), 0)
  disk.quotaBytes = disk.usedBytes + 2 * 4096
  assert.deepEqual(offsetsIn(openJournal(disk), 1), range(40))
  assert.ok(!segmentsOf(disk).includes(prepared))
  assert.deepEqual(wordsIn(disk), [])
})
