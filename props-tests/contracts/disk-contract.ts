/**
 * The disk port as a suite that runs on every disk.
 *
 * Owns: what each disk must do, and the codes with which it fails. Leaves to the caller an empty directory.
 * Durability itself (D2) cannot be seen through the port; the simulated disk proves its own, a real one is believed.
 *
 * Each title cites the invariant of `persistence/disk.ts` that it holds the disk to.
 */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { Disk, FileHandle } from '../../persistence/index.ts'

export interface DiskWorld {
  readonly disk: Disk
  /** An existing, empty directory. */
  readonly directory: string
  /** Permission bits of a path, where the disk keeps them. */
  readonly modeOf?: (path: string) => number
  readonly dispose: () => void
}

export function diskContract(label: string, makeWorld: () => DiskWorld): void {
  describe(`disk contract: ${label}`, () => {
    let world: DiskWorld
    let disk: Disk
    const at = (name: string): string => `${world.directory}/${name}`
    const make = (name: string, text = ''): FileHandle => {
      const file = disk.open(at(name), 'create')
      disk.write(file, Buffer.from(text), 0)
      return file
    }

    beforeEach(() => {
      world = makeWorld()
      disk = world.disk
    })
    afterEach(() => {
      world.dispose()
    })

    it('D1: open read and open write need the file: ENOENT', () => {
      fails('ENOENT', () => disk.open(at('absent'), 'read'))
      fails('ENOENT', () => disk.open(at('absent'), 'write'))
      fails('ENOENT', () => disk.open(at('no/where'), 'create'))
      assert.equal(disk.kind(at('absent')), 'absent')
    })

    it('D1: create needs the name to be free: EEXIST, and what is there is not touched', () => {
      disk.close(make('file', 'kept'))
      fails('EEXIST', () => disk.open(at('file'), 'create'))
      disk.makeDirectory(at('directory'))
      fails('EEXIST', () => disk.open(at('directory'), 'create'))
      assert.equal(textOf(disk, at('file')), 'kept')
    })

    it('D1: a created file can be read through the same handle', () => {
      const file = make('file', 'hello')
      const into = Buffer.alloc(5)
      assert.equal(disk.read(file, into, 0), 5)
      assert.equal(into.toString(), 'hello')
      disk.close(file)
    })

    it('D1: a file opened to write keeps its bytes and can be read', () => {
      disk.close(make('file', 'hello'))
      const file = disk.open(at('file'), 'write')
      disk.write(file, Buffer.from('J'), 0)
      assert.equal(disk.size(file), 5)
      const into = Buffer.alloc(5)
      disk.read(file, into, 0)
      assert.equal(into.toString(), 'Jello')
      disk.close(file)
    })

    it('D1: a file opened to read cannot be written: EBADF', () => {
      disk.close(make('file', 'x'))
      const file = disk.open(at('file'), 'read')
      fails('EBADF', () => {
        disk.write(file, Buffer.from('y'), 0)
      })
      fails('EINVAL', () => {
        disk.truncate(file, 0)
      })
      disk.close(file)
      assert.equal(textOf(disk, at('file')), 'x')
    })

    it('D1: a directory is not a file: EISDIR', () => {
      disk.makeDirectory(at('directory'))
      fails('EISDIR', () => disk.open(at('directory'), 'write'))
      fails('EISDIR', () => {
        const file = disk.open(at('directory'), 'read')
        try {
          disk.read(file, Buffer.alloc(1), 0)
        } finally {
          disk.close(file)
        }
      })
    })

    it('D1: a file is not a directory: ENOTDIR', () => {
      disk.close(make('file'))
      fails('ENOTDIR', () => disk.list(at('file')))
      fails('ENOTDIR', () => disk.open(at('file/below'), 'read'))
      fails('ENOTDIR', () => disk.kind(at('file/below')))
      fails('ENOTDIR', () => {
        disk.makeDirectory(at('file/below'))
      })
    })

    it('D1: a closed handle is refused: EBADF', () => {
      const file = make('file', 'x')
      disk.close(file)
      fails('EBADF', () => disk.size(file))
      fails('EBADF', () => {
        disk.close(file)
      })
    })

    it('D1: directories are made one level at a time: ENOENT, EEXIST', () => {
      fails('ENOENT', () => {
        disk.makeDirectory(at('a/b'))
      })
      disk.makeDirectory(at('a'))
      disk.makeDirectory(at('a/b'))
      fails('EEXIST', () => {
        disk.makeDirectory(at('a'))
      })
      assert.equal(disk.kind(at('a/b')), 'directory')
    })

    it('D1: remove takes a file away, once: ENOENT', () => {
      disk.close(make('file'))
      disk.remove(at('file'))
      assert.equal(disk.kind(at('file')), 'absent')
      fails('ENOENT', () => {
        disk.remove(at('file'))
      })
    })

    it('D1: remove refuses a directory', () => {
      disk.makeDirectory(at('directory'))
      assert.throws(() => {
        disk.remove(at('directory'))
      })
      assert.equal(disk.kind(at('directory')), 'directory')
    })

    it('D1: an open file outlives its name, and the name can be taken again', () => {
      const old = make('file', 'old')
      disk.remove(at('file'))
      disk.close(make('file', 'new'))
      const into = Buffer.alloc(3)
      disk.read(old, into, 0)
      assert.equal(into.toString(), 'old')
      disk.close(old)
      assert.equal(textOf(disk, at('file')), 'new')
    })

    it('D1: list gives the names of one level, sorted', () => {
      for (const name of ['b', 'a10', 'a2', 'B']) disk.close(make(name))
      disk.makeDirectory(at('c'))
      disk.close(disk.open(at('c/inner'), 'create'))
      assert.deepEqual(disk.list(world.directory), ['B', 'a10', 'a2', 'b', 'c'])
      assert.deepEqual(disk.list(at('c')), ['inner'])
      fails('ENOENT', () => disk.list(at('absent')))
    })

    it('D1: kind tells file, directory and absent apart', () => {
      disk.close(make('file'))
      assert.equal(disk.kind(at('file')), 'file')
      assert.equal(disk.kind(world.directory), 'directory')
      assert.equal(disk.kind(at('absent')), 'absent')
      assert.equal(disk.kind(at('absent/below')), 'absent')
    })

    it('D2: sync and syncDirectory return for what exists, and name what does not: ENOENT', () => {
      const file = make('file', 'x')
      disk.sync(file)
      disk.close(file)
      disk.syncDirectory(world.directory)
      fails('ENOENT', () => {
        disk.syncDirectory(at('absent'))
      })
    })

    it('D3: a read is short only at the end of the file', () => {
      const file = make('file', '0123456789')
      const into = Buffer.alloc(6)
      assert.equal(disk.read(file, into, 2), 6)
      assert.equal(into.toString(), '234567')
      assert.equal(disk.read(file, into, 7), 3)
      assert.equal(into.toString(), '789567', 'the rest of the buffer is left alone')
      assert.equal(disk.read(file, into, 10), 0)
      assert.equal(disk.read(file, into, 1000), 0)
      assert.equal(disk.read(file, new Uint8Array(0), 0), 0)
      disk.close(file)
    })

    it('D3: a write past the end fills the space between with zeros', () => {
      const file = make('file', 'ab')
      disk.write(file, Buffer.from('z'), 5000)
      assert.equal(disk.size(file), 5001)
      const into = Buffer.alloc(5001)
      assert.equal(disk.read(file, into, 0), 5001)
      assert.equal(into.subarray(0, 2).toString(), 'ab')
      assert.ok(into.subarray(2, 5000).every((byte) => byte === 0))
      assert.equal(into[5000], 'z'.charCodeAt(0))
      disk.close(file)
    })

    it('D3: a write in the middle changes those bytes alone', () => {
      const file = make('file', 'aaaaaaaa')
      disk.write(file, Buffer.from('bb'), 3)
      disk.write(file, new Uint8Array(0), 3)
      disk.close(file)
      assert.equal(textOf(disk, at('file')), 'aaabbaaa')
    })

    it('D3: a large write arrives whole', () => {
      const bytes = Buffer.alloc(1_000_003, 'unlost ')
      const file = disk.open(at('file'), 'create')
      disk.write(file, bytes, 17)
      const into = Buffer.alloc(bytes.length)
      assert.equal(disk.read(file, into, 17), bytes.length)
      assert.ok(into.equals(bytes))
      disk.close(file)
    })

    it('D3: a view into a larger buffer is written and filled by its own bounds', () => {
      const file = make('file', '..........')
      const source = Uint8Array.from(Buffer.from('xxABCxx')).subarray(2, 5)
      disk.write(file, source, 1)
      const space = new Uint8Array(8).fill(1)
      disk.read(file, space.subarray(2, 6), 0)
      assert.deepEqual([...space], [1, 1, ...Buffer.from('.ABC'), 1, 1])
      disk.close(file)
    })

    it('D3: two handles of one file see the same bytes', () => {
      const writer = make('file', 'one')
      const reader = disk.open(at('file'), 'read')
      disk.write(writer, Buffer.from('two'), 0)
      const into = Buffer.alloc(3)
      disk.read(reader, into, 0)
      assert.equal(into.toString(), 'two')
      disk.close(reader)
      disk.close(writer)
    })

    it('D3: truncate shortens, and lengthens with zeros', () => {
      const file = make('file', '0123456789')
      disk.truncate(file, 4)
      assert.equal(disk.size(file), 4)
      disk.truncate(file, 8)
      assert.equal(disk.size(file), 8)
      const into = Buffer.alloc(8)
      assert.equal(disk.read(file, into, 0), 8)
      assert.equal(into.toString('latin1'), '0123\0\0\0\0')
      disk.close(file)
    })

    it('D4: files are for their owner only', (context) => {
      const { modeOf } = world
      if (modeOf === undefined) {
        context.skip('this disk keeps no modes')
        return
      }
      disk.close(make('file'))
      disk.makeDirectory(at('directory'))
      assert.equal(modeOf(at('file')) & 0o777, 0o600)
      assert.equal(modeOf(at('directory')) & 0o777, 0o700)
    })
  })
}

function textOf(disk: Disk, path: string): string {
  const file = disk.open(path, 'read')
  const into = Buffer.alloc(disk.size(file))
  disk.read(file, into, 0)
  disk.close(file)
  return into.toString()
}

function fails(code: string, run: () => unknown): void {
  assert.throws(run, (error) => error instanceof Error && 'code' in error && error.code === code, code)
}
