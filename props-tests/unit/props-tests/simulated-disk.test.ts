import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { chooseFirst, chooseLast, everyChoice } from '../../choices.ts'
import type { Choices } from '../../choices.ts'
import { diskContract } from '../../contracts/disk-contract.ts'
import { bytesOf, filesOf } from '../../disk-damage.ts'
import { SimulatedCrash } from '../../disk-errors.ts'
import { SimulatedDisk } from '../../simulated-disk.ts'
import { SimulatedRandom } from '../../simulated-random.ts'
import { diskWith, hasCode, textOf } from '../../support/small-disk.ts'

diskContract('SimulatedDisk', () => {
  const disk = new SimulatedDisk()
  disk.makeDirectory('/directory')
  return { disk, directory: '/directory', dispose: () => undefined }
})

/** All contents of `/f` (or `absent`) that a power cut can leave. */
function outcomes(disk: SimulatedDisk): Set<string> {
  const seen = new Set<string>()
  everyChoice((choices) => {
    const copy = disk.clone()
    copy.restart('power', choices)
    seen.add(copy.kind('/f') === 'file' ? textOf(copy) : 'absent')
  }, 10_000)
  return seen
}

describe('SimulatedDisk: paths', () => {
  it('ST1: a relative path starts at the root, and dots are walked', () => {
    const disk = diskWith('x')
    disk.makeDirectory('data')
    disk.close(disk.open('./data/../data/g', 'create'))
    assert.deepEqual(filesOf(disk), ['/data/g', '/f'])
    assert.equal(disk.kind('/'), 'directory')
    assert.deepEqual(disk.list('.'), ['data', 'f'])
  })

  it('ST2: a missing step and a step through a file are told apart', () => {
    const disk = diskWith('x')
    assert.throws(() => disk.open('/absent/f', 'read'), hasCode('ENOENT'))
    assert.throws(() => disk.open('/f/below', 'read'), hasCode('ENOTDIR'))
  })
})

describe('SimulatedDisk: crashes', () => {
  it('SF1: a power cut leaves every mixture of old and new units, and nothing else', () => {
    const disk = diskWith('aabbcc', { tornUnitBytes: 2 })
    disk.write(disk.open('/f', 'write'), Buffer.from('AABBCC'), 0)
    const expected = ['aabbcc', 'AAbbcc', 'aaBBcc', 'AABBcc', 'aabbCC', 'AAbbCC', 'aaBBCC', 'AABBCC']
    assert.deepEqual(outcomes(disk), new Set(expected))
  })

  it('SF1: of two writes to one unit, the older may be the one that stays', () => {
    const disk = diskWith('0', { tornUnitBytes: 8 })
    const file = disk.open('/f', 'write')
    disk.write(file, Buffer.from('1'), 0)
    disk.write(file, Buffer.from('2'), 0)
    assert.deepEqual(outcomes(disk), new Set(['0', '1', '2']))
  })

  it('SF2: size and data are kept or lost apart', () => {
    const disk = diskWith('ab', { tornUnitBytes: 2 })
    disk.write(disk.open('/f', 'write'), Buffer.from('cd'), 2)
    assert.deepEqual(outcomes(disk), new Set(['ab', 'ab\0\0', 'abcd']))
  })

  it('SF2: a truncation that was not synced may come undone', () => {
    const disk = diskWith('abcd', { tornUnitBytes: 2 })
    disk.truncate(disk.open('/f', 'write'), 2)
    const seen = outcomes(disk)
    assert.ok(seen.has('ab') && seen.has('abcd') && seen.has('ab\0\0'))
    assert.equal(seen.size, 3)
  })

  it('SDK2: what was synced is there after any power cut', () => {
    const disk = diskWith('old')
    const file = disk.open('/f', 'write')
    disk.write(file, Buffer.from('new'), 0)
    disk.sync(file)
    assert.deepEqual(outcomes(disk), new Set(['new']))
  })

  it('SDK2: a kill keeps the page cache, and a later power cut still takes it', () => {
    const disk = diskWith('old')
    disk.write(disk.open('/f', 'write'), Buffer.from('new'), 0)
    disk.crash()
    disk.restart('kill')
    assert.equal(textOf(disk), 'new')
    disk.restart('power', chooseFirst)
    assert.equal(textOf(disk), 'old')
  })

  it('SN1: syncing a file does not make its name durable', () => {
    const disk = new SimulatedDisk()
    const file = disk.open('/f', 'create')
    disk.write(file, Buffer.from('x'), 0)
    disk.sync(file)
    assert.deepEqual(outcomes(disk), new Set(['absent', 'x']))
    disk.syncDirectory('/')
    assert.deepEqual(outcomes(disk), new Set(['x']))
  })

  it('SN1: a name can be durable while its bytes are not', () => {
    const disk = new SimulatedDisk()
    disk.write(disk.open('/f', 'create'), Buffer.from('x'), 0)
    disk.syncDirectory('/')
    assert.deepEqual(outcomes(disk), new Set(['', '\0', 'x']))
  })

  it('SN2: a removal comes undone until the directory is synced', () => {
    const disk = diskWith('x')
    disk.remove('/f')
    assert.deepEqual(outcomes(disk), new Set(['absent', 'x']))
    disk.syncDirectory('/')
    assert.deepEqual(outcomes(disk), new Set(['absent']))
  })

  it('SN2: a name that was taken again points at either file', () => {
    const disk = diskWith('old')
    disk.remove('/f')
    const file = disk.open('/f', 'create')
    disk.write(file, Buffer.from('new'), 0)
    disk.sync(file)
    assert.deepEqual(outcomes(disk), new Set(['old', 'absent', 'new']))
  })

  it('SN2: files of a directory whose own name was lost are lost', () => {
    const disk = new SimulatedDisk()
    disk.makeDirectory('/d')
    const file = disk.open('/d/f', 'create')
    disk.sync(file)
    disk.syncDirectory('/d')
    disk.restart('power', chooseFirst)
    assert.equal(disk.kind('/d'), 'absent')
  })

  it('SDK3, CG2 and DE2: after a crash every call is refused until the restart, and old handles stay dead', () => {
    const disk = diskWith('x')
    const file = disk.open('/f', 'write')
    disk.crashAt(disk.calls + 1)
    assert.throws(() => {
      disk.write(file, Buffer.from('y'), 0)
    }, SimulatedCrash)
    for (const call of [() => disk.kind('/f'), () => disk.size(file), () => disk.open('/f', 'read')]) {
      assert.throws(call, SimulatedCrash)
    }
    assert.ok(disk.isCrashed)
    disk.restart('kill')
    assert.equal(textOf(disk), 'x')
    assert.throws(() => disk.size(file), hasCode('EBADF'))
    assert.equal(disk.openFiles, 0)
  })

  it('CG1: a crash comes before, within or after the effect of its call', () => {
    const left = (['before', 'within', 'after'] as const).map((moment) => {
      const disk = diskWith('aaaa')
      const file = disk.open('/f', 'write')
      disk.crashAt(disk.changes + 1, moment, 'changes')
      assert.throws(() => {
        disk.write(file, Buffer.from('bbbb'), 0)
      }, SimulatedCrash)
      disk.restart('kill')
      return textOf(disk)
    })
    assert.deepEqual(left, ['aaaa', 'bbaa', 'bbbb'])
  })

  it('CG4: a process that is stopped ahead of a call makes it later, and sees what others did', () => {
    const disk = diskWith('aaaa')
    const file = disk.open('/f', 'write')
    let others = 0
    disk.pauseAt(
      disk.changes + 1,
      () => {
        others += 1
        const other = disk.open('/f', 'write')
        disk.write(other, Buffer.from('bb'), 0)
        disk.remove('/f')
        disk.close(disk.open('/f', 'create'))
      },
      'changes',
    )
    assert.equal(disk.size(file), 4, 'a call that changes nothing is not the one')
    disk.write(file, Buffer.from('c'), 0)
    disk.write(file, Buffer.from('d'), 3)
    const seen = Buffer.alloc(4)
    disk.read(file, seen, 0)
    assert.deepEqual(
      [others, seen.toString(), textOf(disk)],
      [1, 'cbad', ''],
      'it writes to the file without a name',
    )
  })

  it('CG4: a process that is stopped when the machine dies never goes on', () => {
    const disk = diskWith('aaaa')
    const file = disk.open('/f', 'write')
    disk.pauseAt(disk.calls + 1, () => disk.crash())
    assert.throws(() => disk.write(file, Buffer.from('b'), 0), SimulatedCrash)
    disk.restart('power', chooseLast)
    assert.equal(textOf(disk), 'aaaa')
  })

  it('SF1: units of a whole block are torn as one', () => {
    const disk = diskWith('', { tornUnitBytes: 4096 })
    const file = disk.open('/f', 'write')
    disk.write(file, new Uint8Array(8192), 0)
    disk.sync(file)
    disk.write(file, new Uint8Array(8192).fill(1), 0)
    const sums = new Set<string>()
    everyChoice((choices) => {
      const copy = disk.clone()
      copy.restart('power', choices)
      sums.add([0, 4095, 4096, 8191].map((at) => bytesOf(copy, '/f')[at]).join(''))
    }, 100)
    assert.deepEqual([...sums].toSorted(), ['0000', '0011', '1100', '1111'])
  })

  it('SDK4: a clone goes its own way, in each direction and at every depth', () => {
    const disk = diskWith('0123456789')
    const first = disk.clone()
    const second = first.clone()
    for (const [copy, byte] of [
      [disk, 'a'],
      [first, 'b'],
      [second, 'c'],
    ] as const) {
      const file = copy.open('/f', 'write')
      copy.write(file, Buffer.from(byte), 0)
      copy.sync(file)
      copy.write(file, Buffer.from('x'), 1)
      copy.truncate(file, 3)
    }
    assert.deepEqual(
      [disk, first, second].map((copy) => textOf(copy)),
      ['ax2', 'bx2', 'cx2'],
    )
    for (const copy of [disk, first, second]) copy.restart('power')
    const left = [disk, first, second].map((copy) => textOf(copy))
    assert.deepEqual(left, ['a123456789', 'b123456789', 'c123456789'])
  })

  it('SDK4: a clone goes its own way', () => {
    const disk = diskWith('old')
    const file = disk.open('/f', 'write')
    disk.write(file, Buffer.from('new'), 0)
    const copy = disk.clone()
    copy.sync(file)
    copy.restart('power')
    disk.restart('power')
    assert.equal(textOf(copy), 'new')
    assert.equal(textOf(disk), 'old')
  })

  it('SDK4 and CG3: the same seed writes the same log and the same bytes', () => {
    const [first, second, other] = [randomRun(7), randomRun(7), randomRun(8)]
    assert.deepEqual(first, second)
    assert.notDeepEqual(first, other)
    assert.ok(first.length > 40)
  })
})

/** A run of random calls, crashes and faults; its log and what it leaves. */
function randomRun(seed: number): string[] {
  const random = new SimulatedRandom(seed)
  const disk = new SimulatedDisk({ choices: random.fork(), log: true })
  disk.addFault({ call: 'sync', nth: 3, code: 'EIO', effect: 'half' })
  for (let i = 0; i < 40; i += 1) {
    try {
      randomStep(disk, random)
    } catch (error) {
      assert.ok(error instanceof Error)
    }
  }
  const files = filesOf(disk).map((path) => `${path} ${textOf(disk, path)}`)
  return [...disk.log, ...files]
}

function randomStep(disk: SimulatedDisk, random: SimulatedRandom & Choices): void {
  const path = `/${random.choose(3)}`
  const file = disk.open(path, disk.kind(path) === 'absent' ? 'create' : 'write')
  disk.write(file, random.bytes(1 + random.choose(2000)), random.choose(3000))
  if (random.choose(2) === 0) disk.sync(file)
  disk.syncDirectory('/')
  disk.close(file)
  if (random.choose(4) === 0) disk.restart('power', random.fork())
  if (random.choose(9) === 0) disk.remove(path)
}
