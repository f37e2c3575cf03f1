import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ChoiceTape, chooseLast } from '../../choices.ts'
import {
  duplicate,
  filesOf,
  flipBit,
  makeUnreadable,
  misdirect,
  overwrite,
  plant,
  plantDirectory,
  rename,
  resize,
  stale,
  swap,
  vanish,
  zero,
} from '../../disk-damage.ts'
import { SimulatedDisk } from '../../simulated-disk.ts'
import { diskWith, hasCode, textOf } from '../../support/small-disk.ts'

describe('SimulatedDisk: faults', () => {
  it('DF1 and DE1: the n-th matching call fails with its code, once', () => {
    const disk = diskWith('x')
    disk.addFault({ call: 'open', path: 'f', nth: 2, code: 'EMFILE' })
    disk.close(disk.open('/f', 'read'))
    assert.throws(() => disk.open('/f', 'read'), hasCode('EMFILE'))
    disk.close(disk.open('/f', 'read'))
  })

  it('DF1: an open that fails may have made its file, but leaves no handle', () => {
    const disk = new SimulatedDisk()
    disk.addFault({ call: 'open', code: 'EIO', effect: 'full' })
    assert.throws(() => disk.open('/f', 'create'), hasCode('EIO'))
    assert.deepEqual([disk.kind('/f'), disk.openFiles], ['file', 0])
  })

  for (const [effect, cached, durable] of [
    ['dropped', 'new', 'old'],
    ['full', 'new', 'new'],
    ['reverted', 'old', 'old'],
  ] as const) {
    it(`SF3: a sync that fails and leaves its bytes ${effect} cannot be repeated`, () => {
      const disk = diskWith('old')
      const file = disk.open('/f', 'write')
      disk.write(file, Buffer.from('new'), 0)
      disk.addFault({ call: 'sync', code: 'EIO', effect })
      assert.throws(() => {
        disk.sync(file)
      }, hasCode('EIO'))
      assert.equal(textOf(disk), cached)
      disk.sync(file)
      disk.restart('power', chooseLast)
      assert.equal(textOf(disk), durable)
    })
  }

  it('SF3: a sync that fails half-way leaves some units, for ever', () => {
    const disk = diskWith('aabbcc', { tornUnitBytes: 2, choices: new ChoiceTape([0, 1, 0]) })
    const file = disk.open('/f', 'write')
    disk.write(file, Buffer.from('AABBCC'), 0)
    disk.addFault({ call: 'sync', code: 'EIO', effect: 'half' })
    assert.throws(() => {
      disk.sync(file)
    }, hasCode('EIO'))
    assert.equal(textOf(disk), 'AABBCC')
    disk.sync(file)
    disk.restart('power', chooseLast)
    assert.equal(textOf(disk), 'aaBBcc')
  })

  it('SF4: dirtying a lost unit again brings its neighbours along, other units stay lost', () => {
    const disk = diskWith('aabbcc', { tornUnitBytes: 2 })
    const file = disk.open('/f', 'write')
    disk.write(file, Buffer.from('AABBCC'), 0)
    disk.addFault({ call: 'sync', code: 'EIO' })
    assert.throws(() => {
      disk.sync(file)
    }, hasCode('EIO'))
    disk.write(file, Buffer.from('*'), 0)
    disk.sync(file)
    disk.restart('power')
    assert.equal(textOf(disk), '*Abbcc')
  })

  it('SF3: a size lost by a failed sync comes back only with a write past it', () => {
    const disk = diskWith('', { tornUnitBytes: 2 })
    const file = disk.open('/f', 'write')
    disk.write(file, Buffer.from('abcd'), 0)
    disk.addFault({ call: 'sync', code: 'EIO' })
    assert.throws(() => {
      disk.sync(file)
    }, hasCode('EIO'))
    disk.sync(file)
    const lost = disk.clone()
    lost.restart('power')
    assert.equal(textOf(lost), '')
    disk.write(file, Buffer.from('ef'), 4)
    disk.sync(file)
    disk.restart('power')
    assert.equal(textOf(disk), '\0\0\0\0ef')
  })

  it('SN1: a directory sync that fails loses the name for good', () => {
    const disk = new SimulatedDisk()
    disk.sync(disk.open('/f', 'create'))
    disk.addFault({ call: 'syncDirectory', code: 'EIO' })
    assert.throws(() => {
      disk.syncDirectory('/')
    }, hasCode('EIO'))
    assert.equal(disk.kind('/f'), 'file')
    disk.syncDirectory('/')
    disk.restart('power', chooseLast)
    assert.equal(disk.kind('/f'), 'absent')
  })

  it('DF2: a sync that lies says ok and leaves nothing', () => {
    const disk = diskWith('old')
    const file = disk.open('/f', 'write')
    disk.write(file, Buffer.from('new'), 0)
    disk.addFault({ call: 'sync' })
    disk.sync(file)
    disk.restart('power', chooseLast)
    assert.equal(textOf(disk), 'old')
  })

  it('DF2: a write can be lost or misplaced in silence', () => {
    const disk = diskWith('......')
    const file = disk.open('/f', 'write')
    disk.addFault({ call: 'write' })
    disk.addFault({ call: 'write', nth: 2, misplacedTo: 4 })
    disk.write(file, Buffer.from('AA'), 0)
    disk.write(file, Buffer.from('BB'), 0)
    assert.equal(textOf(disk), '....BB')
  })

  it('DF2: a call that answers cannot lie', () => {
    assert.throws(() => {
      new SimulatedDisk().addFault({ call: 'read' })
    })
  })

  it('SDK5: no space leaves what fits, overwriting needs none, and removal gives it back', () => {
    const disk = new SimulatedDisk()
    disk.quotaBytes = 3 * 4096
    const file = disk.open('/f', 'create')
    disk.write(file, new Uint8Array(4096).fill(1), 0)
    assert.throws(() => {
      disk.write(file, new Uint8Array(12_000).fill(2), 4000)
    }, hasCode('ENOSPC'))
    assert.equal(disk.size(file), 3 * 4096)
    disk.write(file, new Uint8Array(3 * 4096).fill(3), 0)
    disk.remove('/f')
    assert.throws(() => {
      disk.write(disk.open('/g', 'create'), new Uint8Array(1), 0)
    }, hasCode('ENOSPC'))
    disk.close(file)
    disk.write(disk.open('/g', 'write'), new Uint8Array(3 * 4096), 0)
  })

  it('SDK5: truncating gives space back', () => {
    const disk = new SimulatedDisk()
    disk.quotaBytes = 2 * 4096
    const file = disk.open('/f', 'create')
    disk.write(file, new Uint8Array(8192), 0)
    disk.truncate(file, 4096)
    disk.write(disk.open('/g', 'create'), new Uint8Array(4096), 0)
  })

  it('SDK1: a read-only disk refuses changes alone: EROFS', () => {
    const disk = diskWith('x')
    disk.isReadOnly = true
    assert.throws(() => disk.open('/g', 'create'), hasCode('EROFS'))
    assert.throws(() => {
      disk.remove('/f')
    }, hasCode('EROFS'))
    disk.close(disk.open('/f', 'read'))
    assert.equal(textOf(disk), 'x')
  })
})

describe('disk damage', () => {
  it('DD1: a flipped bit, zeros and foreign bytes survive every restart', () => {
    const disk = diskWith('aaaaaa')
    flipBit(disk, '/f', 1)
    zero(disk, '/f', { start: 2, end: 3 })
    overwrite(disk, '/f', { position: 4, bytes: Buffer.from('zzzz') })
    disk.restart('power')
    assert.equal(textOf(disk), 'ca\0azz')
  })

  it('DD1: files can vanish, be doubled, cut and lengthened', () => {
    const disk = diskWith('abcd')
    duplicate(disk, '/f', '/g')
    resize(disk, '/g', 2)
    resize(disk, '/f', 6)
    disk.restart('power')
    assert.deepEqual([textOf(disk), textOf(disk, '/g')], ['abcd\0\0', 'ab'])
    vanish(disk, '/g')
    disk.restart('power', chooseLast)
    assert.deepEqual(filesOf(disk), ['/f'])
  })

  it('DD1: an unreadable range fails with EIO, the rest can be read', () => {
    const disk = diskWith('abcd')
    makeUnreadable(disk, '/f', { start: 2, end: 3 })
    disk.restart('power')
    const file = disk.open('/f', 'read')
    assert.equal(disk.read(file, new Uint8Array(2), 0), 2)
    assert.throws(() => disk.read(file, new Uint8Array(3), 0), hasCode('EIO'))
  })

  it('DD1: a piece lands in another place, or two change places', () => {
    const disk = diskWith('abcdef')
    duplicate(disk, '/f', '/g')
    misdirect(disk, { path: '/f', start: 0, end: 2 }, { path: '/g', position: 5 })
    swap(disk, { path: '/f', start: 0, end: 2 }, { path: '/f', start: 4, end: 6 })
    disk.restart('power')
    assert.deepEqual([textOf(disk), textOf(disk, '/g')], ['efcdab', 'abcdea'])
  })

  it('DD1: a piece shows what it held before; where there was nothing, zeros', () => {
    const disk = diskWith('abcd')
    const earlier = disk.clone()
    const file = disk.open('/f', 'write')
    disk.write(file, Buffer.from('ABCDEFGH'), 0)
    disk.sync(file)
    stale(disk, { path: '/f', start: 1, end: 2 }, earlier)
    stale(disk, { path: '/f', start: 4, end: 6 }, earlier)
    stale(disk, { path: '/f', start: 7, end: 900 }, earlier)
    disk.restart('power')
    assert.equal(textOf(disk), 'AbCD\0\0G\0')
  })

  it('DD1: files and directories appear, and bear other names', () => {
    const disk = diskWith('abcd')
    plant(disk, '/new', Buffer.from('xyz'))
    rename(disk, '/f', '/g')
    plantDirectory(disk, '/new-directory')
    disk.restart('power')
    assert.deepEqual([textOf(disk, '/new'), textOf(disk, '/g')], ['xyz', 'abcd'])
    assert.deepEqual([disk.kind('/f'), disk.kind('/new-directory')], ['absent', 'directory'])
  })

  it('DD2: damage to bytes in flight is refused', () => {
    const disk = diskWith('abcd')
    disk.write(disk.open('/f', 'write'), Buffer.from('x'), 0)
    assert.throws(() => {
      flipBit(disk, '/f', 0)
    })
  })
})
