/**
 * The disk port in memory: page cache against platter, with every fault and crash that a journal must survive.
 *
 * Owns: the calls of the port, handles, space and restarts.
 * Leaves bytes to `simulated-file.ts`, names to `simulated-directory.ts`, paths to `simulated-tree.ts`, crash points
 * and faults to `call-gate.ts`, and damage to bytes at rest to `disk-damage.ts`.
 *
 * SDK1. It obeys the disk port by the same contract suite as the real disk (modes excepted, which it does not keep).
 * SDK2. `restart('kill')` keeps the page cache; `restart('power')` keeps of what was not synced only what `choices` pick.
 * SDK3. After a crash every call throws `SimulatedCrash` until `restart`; handles never survive one.
 * SDK4. The same calls with the same choices give the same bytes and the same log.
 * SDK5. A write that does not fit leaves what fits, then fails with ENOSPC; overwriting takes no space.
 */
import assert from 'node:assert/strict'
import { crc32 } from 'node:zlib'
import type { Disk, FileHandle, PathKind } from '../persistence/index.ts'
import { CallGate } from './call-gate.ts'
import type { CrashCounting, CrashMoment } from './call-gate.ts'
import { ChoiceTape, chooseFirst } from './choices.ts'
import type { Choices } from './choices.ts'
import { SimulatedDiskError } from './disk-errors.ts'
import type { CallName, DiskCall, DiskFault } from './disk-fault.ts'
import { SimulatedDirectory, cloneEntry } from './simulated-directory.ts'
import type { Entry } from './simulated-directory.ts'
import { SimulatedFile } from './simulated-file.ts'
import { SimulatedTree } from './simulated-tree.ts'

/** `kill`: the process died, the page cache lives. `power`: the machine died. */
export type CrashKind = 'kill' | 'power'

export interface SimulatedDiskOptions {
  /** The piece of a write that a power cut keeps or loses as a whole, in bytes: a divisor of 4,096. Default 512. */
  readonly tornUnitBytes?: number
  /** Decides what a sync that fails half-way leaves. Default: every second piece. */
  readonly choices?: Choices
  /** Keep a line per call in `log`. Default false. */
  readonly log?: boolean
}

interface OpenFile {
  readonly entry: Entry
  readonly path: string
  readonly isWritable: boolean
}

/**
 * @example
 * const disk = new SimulatedDisk()
 * disk.crashAt(disk.calls + 3)          // the third call from now never happens
 * assert.throws(() => workload(disk), SimulatedCrash)
 * disk.restart('power', new ChoiceTape([0, 1]))
 * recover(disk)
 */
export class SimulatedDisk implements Disk {
  readonly #options: SimulatedDiskOptions
  readonly #unitBytes: number
  readonly #choices: Choices
  #gate: CallGate
  #tree = new SimulatedTree()
  #handles = new Map<FileHandle, OpenFile>()
  /** Handles are never used twice, so that a stale one is always noticed. */
  #lastHandle = 2
  /** Space for all files together, in bytes; taken in blocks of 4,096. Default: without end. */
  quotaBytes = Infinity

  constructor(options: SimulatedDiskOptions = {}) {
    this.#options = options
    this.#unitBytes = options.tornUnitBytes ?? 512
    assert.ok(this.#unitBytes >= 1 && 4096 % this.#unitBytes === 0, 'tornUnitBytes divides 4,096')
    this.#choices = options.choices ?? new ChoiceTape([0, 1])
    this.#gate = new CallGate(options.log ?? false)
  }

  /** System calls so far. */
  get calls(): number {
    return this.#gate.calls
  }

  /** System calls so far that can change the disk: crash points at these alone reach every state. */
  get changes(): number {
    return this.#gate.changes
  }

  get isCrashed(): boolean {
    return this.#gate.isDead
  }

  /** The call in which the process died, in words; undefined while it lives. */
  get diedAt(): string | undefined {
    return this.#gate.diedAt
  }

  /** How often which fault that was added struck, such as `sync EIO dropped`. */
  get struck(): ReadonlyMap<string, number> {
    return this.#gate.struck
  }

  /** One line per call, if the disk was made with `log: true`. */
  get log(): readonly string[] {
    return this.#gate.log
  }

  /** How many handles are open; 0 after everything was closed. */
  get openFiles(): number {
    return this.#handles.size
  }

  /** Space that files take, in bytes. A removed file takes it until its last handle is closed. */
  get usedBytes(): number {
    const files = new Set<Entry>(this.#tree.files().values())
    for (const open of this.#handles.values()) files.add(open.entry)
    let used = 0
    for (const file of files) used += file instanceof SimulatedFile ? file.allocatedBytes : 0
    return used
  }

  /** While true, every call that would change something fails with EROFS. */
  set isReadOnly(isReadOnly: boolean) {
    this.#gate.isReadOnly = isReadOnly
  }

  /** The `at`-th call since the disk was made dies, and all after it. */
  crashAt(at: number, moment: CrashMoment = 'before', counting: CrashCounting = 'calls'): void {
    this.#gate.crashPoint = { at, moment, counting }
  }

  /**
   * The process is stopped ahead of the `at`-th call since the disk was made, and goes on when `meanwhile` is over: what
   * others do on this disk in between, it does not know of. A restart forgets the point.
   */
  pauseAt(at: number, meanwhile: () => void, counting: CrashCounting = 'calls'): void {
    this.#gate.pausePoint = { at, meanwhile, counting }
  }

  /** The process dies now, between two calls. */
  crash(): void {
    this.#gate.die('between two calls')
  }

  /** A new process starts. Faults and quota stay; crash points and handles go. */
  restart(kind: CrashKind, choices: Choices = chooseFirst): void {
    this.#handles.clear()
    if (kind === 'power') this.#tree.powerCut(choices)
    this.#gate.revive(`-- restart after ${kind}`)
  }

  addFault(fault: DiskFault): void {
    this.#gate.faults.add(fault)
  }

  clearFaults(): void {
    this.#gate.faults.clear()
  }

  /** A disk of its own with the same cache, platter, handles, faults and counters. */
  clone(): SimulatedDisk {
    const copy = new SimulatedDisk(this.#options)
    const copies = new Map<Entry, Entry>()
    copy.#tree = this.#tree.clone(copies)
    for (const [handle, open] of this.#handles) {
      copy.#handles.set(handle, { ...open, entry: cloneEntry(open.entry, copies) })
    }
    copy.#lastHandle = this.#lastHandle
    copy.#gate = this.#gate.clone()
    copy.quotaBytes = this.quotaBytes
    return copy
  }

  /** The names behind the calls, past all counting and faults: for damage and for looking. */
  get tree(): SimulatedTree {
    return this.#tree
  }

  /** An empty file of this disk that has no name yet: for damage. */
  makeFile(): SimulatedFile {
    return new SimulatedFile(this.#unitBytes)
  }

  open(path: string, mode: 'read' | 'write' | 'create'): FileHandle {
    const call: DiskCall = { name: 'open', path, detail: mode, changes: mode === 'create' }
    return this.#gate.pass(call, (fate) => {
      const entry = this.#openEntry(path, mode)
      // A call that fails gives no handle, even where it made the file.
      return fate === 'full' ? this.#keep(entry, path, mode !== 'read') : noHandle
    })
  }

  read(file: FileHandle, into: Uint8Array, position: number): number {
    const open = this.#handle(file, 'read')
    const { entry, path } = open
    return this.#gate.pass(this.#call('read', path, `${position}+${into.length}`), () => {
      if (entry instanceof SimulatedDirectory) throw new SimulatedDiskError('EISDIR', path, 'read')
      if (entry.isUnreadable(position, into.length)) throw new SimulatedDiskError('EIO', path, 'read')
      return entry.read(into, position)
    })
  }

  write(file: FileHandle, bytes: Uint8Array, position: number): void {
    const { entry, path } = this.#writable(file, 'write')
    const detail = this.#options.log === true ? `${position}+${bytes.length} ${crc32(bytes)}` : ''
    this.#gate.pass(this.#call('write', path, detail), (fate, misplacedTo) => {
      if (fate === 'ignored') return
      const at = misplacedTo ?? position
      const wanted = fate === 'half' ? Math.floor(bytes.length / 2) : bytes.length
      const fitting = this.#hasQuota() ? entry.fits(at, wanted, this.#freeBytes()) : wanted
      entry.write(bytes.subarray(0, fitting), at)
      if (fitting < wanted) throw new SimulatedDiskError('ENOSPC', path, 'write')
    })
  }

  size(file: FileHandle): number {
    const { entry, path } = this.#handle(file, 'size')
    return this.#gate.pass(this.#call('size', path), () => (entry instanceof SimulatedFile ? entry.size : 0))
  }

  truncate(file: FileHandle, size: number): void {
    const { entry, path } = this.#writable(file, 'truncate')
    this.#gate.pass(this.#call('truncate', path, String(size)), (fate) => {
      if (fate !== 'ignored') entry.truncate(size)
    })
  }

  sync(file: FileHandle): void {
    const { entry, path } = this.#handle(file, 'sync')
    this.#gate.pass(this.#call('sync', path), (fate) => {
      entry.sync(fate, this.#choices)
    })
  }

  close(file: FileHandle): void {
    const { path } = this.#handle(file, 'close')
    // As on a real system, the handle is gone even where closing reports an error.
    this.#handles.delete(file)
    this.#gate.pass(this.#call('close', path), () => undefined)
  }

  kind(path: string): PathKind {
    const effect = (): PathKind => this.#tree.lookUpOrNothing(path, 'kind')?.kind ?? 'absent'
    return this.#gate.pass(this.#call('kind', path), effect)
  }

  list(directory: string): string[] {
    const effect = (): string[] => this.#tree.directory(directory, 'list').names()
    return this.#gate.pass(this.#call('list', directory), effect)
  }

  makeDirectory(path: string): void {
    this.#gate.pass(this.#call('makeDirectory', path), (fate) => {
      const { parent, name, entry } = this.#tree.place(path, 'makeDirectory')
      const isThere = entry !== undefined || name === ''
      if (isThere) throw new SimulatedDiskError('EEXIST', path, 'makeDirectory')
      if (fate !== 'ignored') parent.set(name, new SimulatedDirectory())
    })
  }

  remove(path: string): void {
    this.#gate.pass(this.#call('remove', path), (fate) => {
      const { parent, name, entry } = this.#tree.place(path, 'remove')
      if (entry === undefined) throw new SimulatedDiskError('ENOENT', path, 'remove')
      if (entry instanceof SimulatedDirectory) throw new SimulatedDiskError('EISDIR', path, 'remove')
      if (fate !== 'ignored') parent.set(name, undefined)
    })
  }

  syncDirectory(directory: string): void {
    this.#gate.pass(this.#call('syncDirectory', directory), (fate) => {
      this.#tree.directory(directory, 'syncDirectory').sync(fate, this.#choices)
    })
  }

  #openEntry(path: string, mode: 'read' | 'write' | 'create'): Entry {
    const { parent, name, entry } = this.#tree.place(path, 'open')
    if (mode !== 'create') return existing(name === '' ? parent : entry, path, mode)
    if (entry !== undefined || name === '') throw new SimulatedDiskError('EEXIST', path, 'open')
    const file = this.makeFile()
    parent.set(name, file)
    return file
  }

  #keep(entry: Entry, path: string, isWritable: boolean): FileHandle {
    this.#lastHandle += 1
    this.#handles.set(this.#lastHandle, { entry, path, isWritable })
    return this.#lastHandle
  }

  #handle(file: FileHandle, call: CallName): OpenFile {
    this.#gate.assertAlive()
    const open = this.#handles.get(file)
    if (open === undefined) throw new SimulatedDiskError('EBADF', `handle ${file}`, call)
    return open
  }

  #writable(file: FileHandle, call: CallName): { entry: SimulatedFile; path: string } {
    const { entry, path, isWritable } = this.#handle(file, call)
    const isUsable = isWritable && entry instanceof SimulatedFile
    if (!isUsable) throw new SimulatedDiskError(call === 'truncate' ? 'EINVAL' : 'EBADF', path, call)
    return { entry, path }
  }

  #call(name: CallName, path: string, detail = ''): DiskCall {
    return { name, path, detail, changes: changing.has(name) }
  }

  #hasQuota(): boolean {
    return this.quotaBytes !== Infinity
  }

  #freeBytes(): number {
    return Math.max(0, this.quotaBytes - this.usedBytes)
  }
}

const noHandle: FileHandle = -1

/** Calls that can change what the disk holds, or what of it is durable. Opening is told apart by its mode. */
const changing: ReadonlySet<CallName> = new Set([
  'write',
  'truncate',
  'sync',
  'makeDirectory',
  'remove',
  'syncDirectory',
])

function existing(entry: Entry | undefined, path: string, mode: 'read' | 'write'): Entry {
  if (entry === undefined) throw new SimulatedDiskError('ENOENT', path, 'open')
  if (mode === 'write' && entry instanceof SimulatedDirectory) {
    throw new SimulatedDiskError('EISDIR', path, 'open')
  }
  return entry
}
