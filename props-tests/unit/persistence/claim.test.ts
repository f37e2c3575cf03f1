/**
 * Proves who may open a directory, and which directories are refused before anything is touched.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  checksum,
  claim,
  decodeClosed,
  encodeClosed,
  makeSmall,
  newestOwner,
  peek,
  prepareDirectory,
  readSmall,
  withFile,
} from '../../../persistence/internal.ts'
import { filesOf, flipBit, overwrite } from '../../disk-damage.ts'
import { SimulatedDisk } from '../../simulated-disk.ts'
import {
  batchOf,
  claimNext,
  codeOf,
  directory,
  identityOf,
  killedDisk,
  openJournal,
  range,
  runOf,
  segmentsOf,
} from './journal-fixture.ts'

describe('the directory', () => {
  it('U1: is made with its parents when it is missing, and what is there is not touched by a look', () => {
    const disk = new SimulatedDisk()
    peek(disk, '/a/b/c')
    assert.deepEqual(disk.list('/'), [])
    prepareDirectory(disk, '/a/b/c')
    disk.crash()
    disk.restart('power')
    assert.equal(disk.kind('/a/b/c'), 'directory')
  })

  it('U1: a directory that is a file, or below one, is refused', () => {
    const disk = new SimulatedDisk()
    makeSmall(disk, '/file', Buffer.from('text'))
    for (const path of ['/file', '/file/below']) {
      assert.throws(() => {
        peek(disk, path)
        prepareDirectory(disk, path)
      }, codeOf('UNLOST_DIRECTORY'))
    }
    assert.deepEqual(disk.list('/'), ['file'])
  })

  it('U2: is refused when it holds other files and none of ours', () => {
    const disk = new SimulatedDisk()
    disk.makeDirectory(directory)
    makeSmall(disk, `${directory}/letter.txt`, Buffer.from('dear'))
    assert.throws(() => openJournal(disk), codeOf('UNLOST_DIRECTORY'))
    assert.deepEqual(disk.list(directory), ['letter.txt'])
    const mixed = killedDisk(1, 10)
    makeSmall(mixed, `${directory}/letter.txt`, Buffer.from('dear'))
    assert.deepEqual(openJournal(mixed).recovered.report.unknownFiles, ['letter.txt'])
  })

  it('U2: is refused when it is read-only', () => {
    const disk = killedDisk(1, 10)
    disk.isReadOnly = true
    assert.throws(() => openJournal(disk), codeOf('UNLOST_DIRECTORY'))
  })

  it('U3: is refused when one file is of a newer format, before anything is claimed', () => {
    const disk = killedDisk(20, 9000)
    const [first = ''] = segmentsOf(disk)
    overwrite(disk, first, { position: 8, bytes: Uint8Array.of(2) })
    const before = filesOf(disk)
    assert.throws(() => openJournal(disk), codeOf('UNLOST_NEWER_FORMAT'))
    assert.deepEqual(filesOf(disk), before)
  })
})

describe('a claim', () => {
  function claimed() {
    const disk = new SimulatedDisk()
    disk.makeDirectory(directory)
    disk.syncDirectory('/')
    return disk
  }

  it('O1: of two for the same epoch one wins, the other has changed nothing', () => {
    const disk = claimed()
    const seen = newestOwner(disk, directory)
    claim(disk, { directory, identity: identityOf('a') }, seen)
    const before = disk.clone()
    assert.throws(() => claim(disk, { directory, identity: identityOf('b') }, seen), codeOf('UNLOST_LOCKED'))
    assert.deepEqual(filesOf(disk), filesOf(before))
    assert.equal(newestOwner(disk, directory)?.identity?.nonce, 'a')
  })

  it('O1: one that looked long ago does not bring an old epoch back', () => {
    const disk = claimed()
    const seen = newestOwner(disk, directory)
    for (const _ of range(4)) claimNext(disk).tidy()
    assert.throws(
      () => claim(disk, { directory, identity: identityOf('late') }, seen),
      codeOf('UNLOST_LOCKED'),
    )
    assert.equal(disk.kind(`${directory}/owner-000000000001`), 'absent')
  })

  it('O2: an epoch is never given twice, also when somebody removed the file of its owner', () => {
    const disk = claimed()
    const journal = openJournal(disk)
    journal.commit(batchOf(runOf(1, 0)))
    disk.remove(`${directory}/owner-000000000001`)
    assert.deepEqual(newestOwner(disk, directory), { epoch: 1, identity: undefined, closed: true })
    const second = claimNext(disk)
    assert.equal(second.epoch, 2)
    assert.throws(() => journal.commit(batchOf(runOf(1, 1))), codeOf('UNLOST_FENCED'))
  })

  it('O2: holds until the next epoch is claimed, and is durable at once', () => {
    const disk = claimed()
    const first = claimNext(disk)
    disk.crash()
    disk.restart('power')
    assert.ok(first.holds())
    const second = claimNext(disk)
    assert.ok(!first.holds() && second.holds())
  })

  it('O3: whoever wakes after many owners finds that it was replaced', () => {
    const disk = claimed()
    const claims = range(6).map(() => {
      const owned = claimNext(disk)
      owned.tidy()
      return owned
    })
    assert.deepEqual(
      claims.map((owned) => owned.holds()),
      [false, false, false, false, false, true],
    )
    assert.equal(filesOf(disk).length, 2)
  })

  it('O4: one that refused the directory leaves it as it was, and the owner before it is owner again', () => {
    const disk = claimed()
    makeSmall(disk, `${directory}/notes.txt`, Buffer.from('mine'))
    const first = claimNext(disk)
    makeSmall(disk, `${directory}/segment-000000000001-000000000001`, Buffer.from('of the first'))
    disk.syncDirectory(directory)
    const before = filesOf(disk)
    const second = claimNext(disk)
    assert.ok(!first.holds())
    second.giveUp()
    assert.deepEqual(filesOf(disk), before)
    assert.ok(first.holds() && !second.holds())
    disk.crash()
    disk.restart('power')
    assert.deepEqual(filesOf(disk), before, 'durably')
    assert.equal(claimNext(disk).epoch, 2)
  })

  it('O4: where files of its epoch stay, one that refused the directory is passed over when asking how the last owner ended', () => {
    const disk = claimed()
    const first = claimNext(disk)
    assert.equal(first.previous, 'none')
    first.close({ segmentId: 1, epoch: 1, byteLength: 1, chain: 1 })
    const refusing = claimNext(disk)
    disk.close(disk.open(`${directory}/segment-000000000002-000000000002`, 'create'))
    refusing.giveUp()
    assert.equal(claimNext(disk).previous, 'closed')
    assert.equal(claimNext(disk).previous, 'crashed')
  })

  it('O4: one that could not be written is taken back: its epoch is free, and nothing of it stays', () => {
    for (const call of ['write', 'sync', 'syncDirectory'] as const) {
      const disk = claimed()
      disk.addFault({ call, code: 'EIO' })
      assert.throws(() => claimNext(disk), codeOf('UNLOST_BROKEN', 'not-written'))
      assert.deepEqual([disk.list(directory), disk.openFiles], [[], 0], call)
      disk.addFault({ call, code: 'ENOSPC' })
      assert.throws(() => claimNext(disk), codeOf('UNLOST_DISK_FULL', 'not-written'))
      assert.equal(claimNext(disk).epoch, 1)
    }
    const disk = claimed()
    disk.addFault({ call: 'open', code: 'EACCES' })
    assert.throws(() => claimNext(disk), codeOf('UNLOST_DIRECTORY'))
  })

  it('O4: the failure that is told is the first one, also when taking the claim back fails', () => {
    const disk = claimed()
    disk.addFault({ call: 'sync', code: 'ENOSPC' })
    disk.addFault({ call: 'kind', code: 'EIO' })
    assert.throws(() => claimNext(disk), codeOf('UNLOST_DISK_FULL'))
    const second = claimNext(disk)
    disk.addFault({ call: 'list', code: 'EIO' })
    second.giveUp()
    assert.ok(second.holds())
  })

  it('O1: the loser is told the epoch and what to do', () => {
    const disk = claimed()
    claimNext(disk)
    const late = () => claim(disk, { directory, identity: identityOf('late') }, undefined)
    assert.throws(late, /\/data was opened by another at the same time \(epoch 1\).*takeover: true/)
    assert.throws(late, (error) => error instanceof Error && codeOf('EEXIST')(error.cause))
  })

  it('O2: an owner file that cannot be read is a failure, not a missing owner', () => {
    const disk = claimed()
    claimNext(disk)
    disk.addFault({ call: 'open', code: 'EIO' })
    assert.throws(() => newestOwner(disk, directory), codeOf('EIO'))
  })

  it('O2: an owner has ended when its note is there, and no sooner', () => {
    const disk = claimed()
    assert.equal(newestOwner(disk, directory), undefined)
    const owned = claimNext(disk)
    assert.equal(newestOwner(disk, directory)?.closed, false)
    owned.close({ segmentId: 1, epoch: 1, byteLength: 1, chain: 1 })
    assert.equal(newestOwner(disk, directory)?.closed, true)
    disk.crash()
    disk.restart('power')
    assert.equal(newestOwner(disk, directory)?.closed, true, 'durably')
  })

  it('O3: tidying leaves the last owner, this one, and everything that is of no owner', () => {
    const disk = claimed()
    const floor = { segmentId: 1, epoch: 1, byteLength: 1, chain: 1 }
    const names = range(4).map(() => {
      const owned = claimNext(disk)
      owned.close(floor)
      return [`owner-00000000000${owned.epoch}`, `owner-00000000000${owned.epoch}.closed`]
    })
    makeSmall(disk, `${directory}/segment-000000000001-000000000001`, Buffer.from('s'))
    makeSmall(disk, `${directory}/notes.txt`, Buffer.from('n'))
    const owned = claimNext(disk)
    disk.remove(`${directory}/owner-000000000001`)
    disk.makeDirectory(`${directory}/owner-000000000001`)
    owned.tidy()
    assert.deepEqual(disk.list(directory), [
      'notes.txt',
      'owner-000000000001',
      ...(names[3] ?? []),
      'owner-000000000005',
      'segment-000000000001-000000000001',
    ])
  })

  it('O4: how the last owner ended is told by the newest that served; one whose file is gone has crashed', () => {
    const disk = claimed()
    const floor = { segmentId: 1, epoch: 1, byteLength: 1, chain: 1 }
    claimNext(disk)
    claimNext(disk).close(floor)
    assert.equal(claimNext(disk).previous, 'closed')
    const gone = claimed()
    makeSmall(gone, `${directory}/segment-000000000001-000000000005`, Buffer.from('s'))
    const after = claimNext(gone)
    assert.deepEqual([after.epoch, after.previous], [6, 'crashed'])
    const refused = claimed()
    const refusing = claimNext(refused)
    makeSmall(refused, `${directory}/segment-000000000001-000000000001`, Buffer.from('s'))
    refusing.giveUp()
    assert.equal(claimNext(refused).previous, 'none')
  })

  it('O4: the floors are those of all owners on record whose note is whole', () => {
    const disk = claimed()
    const floors = range(3, 1).map((epoch) => ({ segmentId: 1, epoch, byteLength: epoch * 8, chain: 1 }))
    for (const floor of floors) claimNext(disk).close(floor)
    const owned = claimNext(disk)
    assert.deepEqual(owned.floors(), floors)
    disk.remove(`${directory}/owner-000000000003`)
    assert.deepEqual(owned.floors(), floors, 'also without the owner’s own file')
    assert.deepEqual(owned.closedRecord(2), { served: true, floor: floors[1] })
    assert.equal(owned.closedRecord(4), undefined)
    flipBit(disk, `${directory}/owner-000000000002.closed`, 20)
    assert.equal(owned.closedRecord(2), undefined)
    assert.deepEqual(owned.floors(), [floors[0], floors[2]])
  })

  it('C1: a record whose sum fails tells nothing', () => {
    const record = { served: true, floor: { segmentId: 1, epoch: 2, byteLength: 3, chain: 4 } }
    const bytes = encodeClosed(record)
    assert.deepEqual(decodeClosed(bytes), record)
    assert.deepEqual(decodeClosed(encodeClosed({ served: false, floor: undefined })), {
      served: false,
      floor: undefined,
    })
    for (let at = 0; at < bytes.length - 1; at += 1) {
      const changed = Uint8Array.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 4
      assert.equal(decodeClosed(changed), undefined, `byte ${at}`)
      assert.equal(decodeClosed(bytes.slice(0, at)), undefined, `cut at ${at}`)
    }
  })

  it('C1: what is whole but no record tells nothing', () => {
    const noted = (text: string) => decodeClosed(Buffer.from(`${text}\n${checksum(Buffer.from(text))}\n`))
    for (const text of ['', 'null', '5', '"served floor"', '{}', '{"served":true}', '{"floor":null}']) {
      assert.equal(noted(text), undefined, text)
    }
    assert.deepEqual(noted('{"served":true,"floor":5}'), { served: true, floor: undefined })
    assert.deepEqual(noted('{"served":1,"floor":null}'), { served: false, floor: undefined })
    for (const bytes of ['', 'null', 'null\n']) assert.equal(decodeClosed(Buffer.from(bytes)), undefined)
  })

  it('M1: a small file is durable when its name is, and is closed on every way out', () => {
    const disk = claimed()
    makeSmall(disk, `${directory}/a`, Buffer.from('text'))
    disk.syncDirectory(directory)
    disk.crash()
    disk.restart('power')
    assert.equal(Buffer.from(readSmall(disk, `${directory}/a`, 3)).toString(), 'tex')
    assert.throws(() => withFile(disk, disk.open(`${directory}/a`, 'read'), () => assert.fail('out')))
    assert.equal(disk.openFiles, 0)
  })
})
