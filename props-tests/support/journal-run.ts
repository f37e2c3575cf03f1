/**
 * A journal under test on a simulated disk: one command after another, with crashes and faults inside of them.
 *
 * Owns: carrying commands out, which states are possible afterwards, and comparing what recovery gives with them.
 * Leaves the states to `log-model.ts`, the commands' making to the properties, and opening to the subject.
 *
 * JR1. A command that was confirmed is in every later state. One that was cut off is there whole or not at all;
 *      once recovery showed which, that is settled for ever.
 * JR2. After a crash the journal opens by itself. A refusal is a violation (`false-refusal`).
 * JR3. What recovery showed survives a power cut right after it (`unstable-recovery`).
 * JR4. The same commands on the same subject make the same calls.
 */
import assert from 'node:assert/strict'
import { BrokenError, DiskFullError, UnlostError } from '../../persistence/index.ts'
import type { Batch, Committed, Disk, Recovered, Run, StoreLimits } from '../../persistence/index.ts'
import { ChoiceTape, chooseFirst } from '../choices.ts'
import type { Choices } from '../choices.ts'
import { bytesOf, filesOf } from '../disk-damage.ts'
import type { CrashMoment } from '../call-gate.ts'
import type { DiskFault } from '../disk-fault.ts'
import { SimulatedDisk } from '../simulated-disk.ts'
import type { CrashKind } from '../simulated-disk.ts'
import { LogModel } from './log-model.ts'
import type { Difference, LogView, Shown } from './log-model.ts'
import { viewOf } from './journal-view.ts'
import { startMs } from './runs.ts'
import { isToldCall, ViolationError } from './violation.ts'

export { viewOf } from './journal-view.ts'
export { ViolationError } from './violation.ts'

/** What the runs need of a journal: its synchronous side. */
export interface JournalLike {
  readonly recovered: Recovered
  readonly limits: StoreLimits
  commit(batch: Batch): Committed
  read(mailbox: number, offset: number, bytesMax: number): readonly Run[]
  checkpoint(state: Uint8Array): Committed
  trim(firsts: ReadonlyMap<number, number>): Committed
  idle(): void
  release(): void
}

/** A kind of journal, right or wrong. */
export interface Subject {
  readonly name: string
  /** Opens `directory`; `life` is different each time. */
  open(disk: Disk, life: number): JournalLike
}

/** A death, and what is left after it. */
export interface Crash {
  /** The changing call within the command that dies, from 1; when there are fewer, death comes after the command. */
  readonly call: number
  readonly moment: CrashMoment
  readonly kind: CrashKind
  /** Decides what of the unsynced a power cut leaves. */
  readonly tape: readonly number[]
}

/** Messages of one mailbox to commit. */
export interface RunPlan {
  readonly mailbox: number
  readonly count: number
  readonly size: number
}

export type Work =
  | { readonly do: 'commit'; readonly runs: readonly RunPlan[]; readonly events: readonly number[] }
  | { readonly do: 'checkpoint'; readonly size: number }
  | { readonly do: 'trim'; readonly keep: number }
  | { readonly do: 'idle' }
  | { readonly do: 'read' }
  | { readonly do: 'release' }

/** One step of a run. */
export interface Command {
  readonly work: Work
  /** The first death, and those that strike the recoveries after it. */
  readonly crashes?: readonly Crash[]
  /** Strikes during the work; the work may fail by it, but then says how. */
  readonly fault?: DiskFault
  /** From this command on the disk has so many bytes free, until another command says otherwise. */
  readonly freeBytes?: number
}

/** What a run tells to whoever counts. */
export type RunEvent =
  /** The process died in a work, or while it opened; `call` is the system call, in words. */
  | { readonly kind: 'died'; readonly during: Work['do'] | 'opening'; readonly call: string }
  /** It came back and was judged; `cut`: of what was cut off nothing is there. */
  | {
      readonly kind: 'judged'
      readonly how: CrashKind
      readonly cut: boolean
      readonly bytesSetAside: number
    }
  | { readonly kind: 'refused'; readonly code: string }

export interface RunOptions {
  readonly watch?: (event: RunEvent) => void
  /** Called while the process is dead, to `inspect` other outcomes of the same death. */
  readonly whileDead?: (run: JournalRun) => void
}

/** How a command left the journal. */
type End = 'open' | 'closed' | 'dead'

export class JournalRun {
  readonly disk: SimulatedDisk
  readonly #subject: Subject
  readonly #options: RunOptions
  #journal: JournalLike
  /** States that the disk may be in: one while all is known, two after a failure whose outcome is not. */
  #models: readonly LogModel[] = [LogModel.empty]
  #lives = 1
  #batches = 0
  /** What happened how often, so that a property can show that it was not idle. */
  readonly counts = { confirmed: 0, refused: 0, unknown: 0, recovered: 0, setAside: 0 }

  constructor(subject: Subject, disk = new SimulatedDisk(), options: RunOptions = {}) {
    this.disk = disk
    this.#options = options
    this.#subject = subject
    this.#journal = subject.open(disk, 0)
  }

  /** Carries a command out and checks what follows from it. Throws `ViolationError`. */
  step(command: Command): void {
    const [crash, ...nested] = command.crashes ?? []
    const end = this.#carryOut(command)
    if (crash !== undefined) {
      this.#die(this.disk, command.work.do)
      this.#options.whileDead?.(this)
      this.#comeBack(crash, nested)
    } else if (end === 'dead') {
      this.#assertDead()
      this.#comeBack({ kind: 'kill', tape: [] }, [])
    } else if (end === 'closed') {
      this.#reopen()
    }
  }

  /** Carries a command out that dies inside; the journal stays dead, for `inspect`. */
  stepAndDie(command: Command): void {
    this.#carryOut(command)
    this.#die(this.disk, command.work.do)
  }

  /** What would be found if the process came back now, in a world of its own. Returns the changing calls of recovery. */
  inspect(kind: CrashKind, choices: Choices, nested: readonly Crash[] = []): number {
    const disk = this.disk.clone()
    disk.restart(kind, choices)
    const before = disk.changes
    const { journal, model } = this.#recover(disk, nested)
    this.#tellJudged(kind, { journal, model })
    return disk.changes - before
  }

  /** With space and without faults a journal that is open must take more (`stuck`), and must hold what it should. */
  finish(): void {
    this.disk.quotaBytes = Infinity
    const { confirmed } = this.counts
    const work: Work = { do: 'commit', runs: [{ mailbox: 1, count: 1, size: 900 }], events: [9] }
    this.step({ work })
    // A journal may find out only now that an earlier fault broke it; opened again it must work.
    if (this.counts.confirmed === confirmed) this.step({ work })
    if (this.counts.confirmed === confirmed)
      throw new ViolationError('stuck', 'a healthy disk, and no commit')
    this.check()
  }

  /** Reads all that is needed and compares it. */
  check(): void {
    const [model] = this.#models
    assert.ok(model !== undefined)
    const found = model.differences(viewUnharmed(this.#journal, model.asRecovered()))
    if (found.length > 0) throw violation(found, 'while it was open')
  }

  /** A call that fails while it reads is told, and harms nothing: the next look finds everything. */
  #read(mayFail: boolean): void {
    try {
      this.check()
    } catch (error) {
      if (!mayFail || !isToldCall(error)) throw error
      this.disk.clearFaults()
      this.check()
    }
  }

  #carryOut({ work, crashes, fault, freeBytes }: Command): End {
    const [crash] = crashes ?? []
    if (freeBytes !== undefined) this.disk.quotaBytes = this.disk.usedBytes + freeBytes
    if (crash !== undefined) this.disk.crashAt(this.disk.changes + crash.call, crash.moment, 'changes')
    if (fault !== undefined) this.disk.addFault(fault)
    try {
      return this.#perform(work, fault !== undefined)
    } finally {
      this.disk.clearFaults()
    }
  }

  #perform(work: Work, mayFail: boolean): End {
    const [before] = this.#models
    assert.ok(before !== undefined && this.#models.length === 1, 'settled before each command')
    if (work.do === 'read') this.#read(mayFail)
    const { act, after } = this.#plan(work, before)
    try {
      act()
    } catch (error) {
      return this.#failed(error, [before, after])
    }
    // A death that somebody caught: nobody can have heard of the success.
    this.#models = this.disk.isCrashed ? [before, after] : [after]
    this.counts.confirmed += 1
    return work.do === 'release' ? 'closed' : 'open'
  }

  #failed(error: unknown, models: readonly [before: LogModel, after: LogModel]): End {
    this.#models = models
    if (this.disk.isCrashed) return 'dead'
    if (!(error instanceof UnlostError)) throw new ViolationError('untyped-error', String(error), error)
    this.#options.watch?.({ kind: 'refused', code: error.code })
    const isAbsent = error.outcome === 'not-written'
    if (isAbsent) this.#models = [models[0]]
    this.counts[isAbsent ? 'refused' : 'unknown'] += 1
    return isAbsent && !(error instanceof BrokenError) ? 'open' : 'dead'
  }

  #plan(work: Work, before: LogModel): { act: () => void; after: LogModel } {
    const journal = this.#journal
    switch (work.do) {
      case 'commit': {
        const batch = this.#batch(work, before)
        return { act: () => void journal.commit(batch), after: before.afterCommit(batch) }
      }
      case 'checkpoint': {
        const state = this.#payload(work.size)
        return { act: () => void journal.checkpoint(state), after: before.afterCheckpoint(state) }
      }
      case 'trim': {
        const firsts = before.firstsToKeep(work.keep)
        return { act: () => void journal.trim(firsts), after: before.afterTrim(firsts) }
      }
      case 'idle':
        return { act: () => journal.idle(), after: before }
      case 'release':
        return { act: () => journal.release(), after: before }
      case 'read':
        return { act: () => undefined, after: before }
    }
  }

  #batch(work: { runs: readonly RunPlan[]; events: readonly number[] }, before: LogModel): Batch {
    let model = before
    const runs = work.runs.map(({ mailbox, count, size }): Run => {
      const run = {
        mailbox,
        firstOffset: model.next(mailbox),
        count,
        timestampMs: startMs + this.#batches,
        bytes: this.#payload(size),
      }
      model = model.afterCommit({ events: [], runs: [run] })
      return run
    })
    return { runs, events: work.events.map((size) => this.#payload(size)) }
  }

  /** Bytes that no other payload has: plain ones, mostly zeros, or what looks like a frame because it was one. */
  #payload(size: number): Uint8Array {
    this.#batches += 1
    const number = this.#batches
    if (number % 4 === 0) return this.#frameLike(size)
    const bytes = new Uint8Array(size)
    const stride = number % 4 === 1 ? 512 : 1
    for (let i = 0; i < size; i += stride) bytes[i] = (number * 131 + i * 7 + (i >> 8)) % 255
    return bytes
  }

  #frameLike(size: number): Uint8Array {
    const [path] = filesOf(this.disk).filter((name) => name.includes('segment-'))
    const bytes = new Uint8Array(size)
    if (path !== undefined) bytes.set(bytesOf(this.disk, path).subarray(4096, 4096 + size))
    return bytes
  }

  /** A journal that said "unknown" must never confirm again. */
  #assertDead(): void {
    if (this.disk.isCrashed) return
    const probe = { events: [new Uint8Array(8)], runs: [] }
    try {
      this.#journal.commit(probe)
    } catch (error) {
      if (error instanceof UnlostError) return
      throw new ViolationError('untyped-error', String(error), error)
    }
    throw new ViolationError('write-after-failure', 'a broken journal confirmed a commit')
  }

  #comeBack(crash: Pick<Crash, 'kind' | 'tape'>, nested: readonly Crash[]): void {
    this.disk.restart(crash.kind, new ChoiceTape(crash.tape))
    const { journal, model } = this.#recover(this.disk, nested)
    this.#tellJudged(crash.kind, { journal, model })
    this.#journal = journal
    this.#models = [model]
  }

  #die(disk: SimulatedDisk, during: Work['do'] | 'opening'): void {
    disk.crash()
    this.#options.watch?.({ kind: 'died', during, call: disk.diedAt ?? '' })
  }

  #tellJudged(how: CrashKind, { journal, model }: { journal: JournalLike; model: LogModel }): void {
    const { bytesSetAside } = journal.recovered.report
    const cut = this.#models.length > 1 && model === this.#models[0]
    this.#options.watch?.({ kind: 'judged', how, cut, bytesSetAside })
  }

  #reopen(): void {
    if (this.disk.openFiles > 0)
      throw new ViolationError('leaked-handle', 'a released journal has open files')
    const { journal, model } = this.#recover(this.disk, [])
    this.#journal = journal
    this.#models = [model]
  }

  /** Opens, dying on the way as often as `nested` says, and finds out which of the possible states it is. */
  #recover(disk: SimulatedDisk, nested: readonly Crash[]): { journal: JournalLike; model: LogModel } {
    for (const crash of nested) {
      disk.crashAt(disk.changes + crash.call, crash.moment, 'changes')
      this.#open(disk)
      this.#die(disk, 'opening')
      disk.restart(crash.kind, new ChoiceTape(crash.tape))
    }
    const journal = this.#open(disk)
    assert.ok(journal !== undefined, 'nothing dies here')
    const model = this.#settle(viewUnharmed(journal, journal.recovered))
    this.#assertStable(disk, model)
    this.counts.recovered += 1
    if (journal.recovered.report.bytesSetAside > 0) this.counts.setAside += 1
    return { journal, model }
  }

  /** Undefined when the process died while opening. */
  #open(disk: SimulatedDisk): JournalLike | undefined {
    this.#lives += 1
    try {
      return this.#subject.open(disk, this.#lives)
    } catch (error) {
      if (disk.isCrashed) return undefined
      if (error instanceof DiskFullError && disk.quotaBytes !== Infinity) return this.#openWithSpace(disk)
      throw new ViolationError('false-refusal', String(error), error)
    }
  }

  /** A full disk may refuse an opening, but only for as long as it is full. */
  #openWithSpace(disk: SimulatedDisk): JournalLike | undefined {
    this.counts.refused += 1
    disk.quotaBytes = Infinity
    return this.#open(disk)
  }

  #settle(view: LogView): LogModel {
    const compared = this.#models.map((model) => ({ model, found: model.differences(view) }))
    const match = compared.find(({ found }) => found.length === 0)
    if (match !== undefined) return match.model
    throw violation(compared.at(-1)?.found ?? [], `after recovery ${this.#lives}`)
  }

  /** What was shown once must not depend on anything that a power cut can take (F7). */
  #assertStable(disk: SimulatedDisk, model: LogModel): void {
    const copy = disk.clone()
    copy.restart('power', chooseFirst)
    const journal = this.#open(copy)
    assert.ok(journal !== undefined, 'nothing dies here')
    const found = model.differences(viewUnharmed(journal, journal.recovered))
    if (found.length === 0) return
    throw new ViolationError('unstable-recovery', found.map(({ text }) => text).join('; '))
  }
}

function violation(found: readonly Difference[], when: string): ViolationError {
  const [first] = found
  assert.ok(first !== undefined)
  return new ViolationError(first.invariant, `${found.map(({ text }) => text).join('; ')} ${when}`)
}

/** All that a journal shows on a disk without damage: nothing of it may be refused. */
function viewUnharmed(journal: JournalLike, shown: Shown): LogView {
  try {
    return viewOf(journal, shown)
  } catch (error) {
    if (error instanceof ViolationError) throw error
    throw new ViolationError('false-refusal', `reading: ${String(error)}`, error)
  }
}
