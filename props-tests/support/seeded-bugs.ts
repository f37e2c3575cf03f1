/**
 * Journals that are wrong on purpose: the checker must find each of them.
 *
 * Owns: the list. Leaves to `properties/seeded-bugs.property.test.ts` the demand that each is found, and by which run.
 *
 * SB1. Each bug is one that a real system had, made by wrapping the disk or the journal; the journal itself is not changed.
 * SB2. A bug of the list shows no fault where there is no crash and no fault: it passes `check` in plain use.
 */
import { BrokenError, CorruptError } from '../../persistence/index.ts'
import type { Batch, Committed, Disk, FileHandle } from '../../persistence/index.ts'
import { wrapDisk } from './disk-wrapper.ts'
import type { JournalLike, Subject } from './journal-run.ts'
import { directory as home } from './journal-subject.ts'

/** What a run needs to meet the bug: crashes alone, a sync that fails, or damage. */
export type Trigger = 'crash' | 'failed-sync' | 'damage'

export interface SeededBug {
  readonly name: string
  readonly trigger: Trigger
  readonly plant: (right: Subject) => Subject
}

export const seededBugs: readonly SeededBug[] = [
  onDisk('no sync of files', (disk) => wrapDisk(disk, { sync: () => undefined })),
  onDisk('every second sync of files is skipped', everySecondSync),
  onDisk('no sync of directories', (disk) => wrapDisk(disk, { syncDirectory: () => undefined })),
  onDisk('the sync comes with the next write, after the confirmation', lateSync),
  { name: 'recovery serves what it only read from the cache', trigger: 'crash', plant: openWithoutSync },
  { name: 'a batch is written in two frames', trigger: 'crash', plant: splitBatches },
  onDisk('a failed sync is tried again', retryingSync, 'failed-sync'),
  { name: 'a failed sync is confirmed', trigger: 'failed-sync', plant: confirmAnyway },
  { name: 'the log is cut at the first bad frame', trigger: 'damage', plant: cutAtDamage },
]

function onDisk(name: string, wrap: (disk: Disk) => Disk, trigger: Trigger = 'crash'): SeededBug {
  const plant = (right: Subject): Subject => ({
    name,
    open: (disk, life) => right.open(wrap(disk), life),
  })
  return { name, trigger, plant }
}

function everySecondSync(disk: Disk): Disk {
  let count = 0
  return wrapDisk(disk, {
    sync: (file) => {
      count += 1
      if (count % 2 === 0) disk.sync(file)
    },
  })
}

/** Says that it synced, and does it ahead of the next write to any file. */
function lateSync(disk: Disk): Disk {
  const owed = new Set<FileHandle>()
  const pay = (): void => {
    for (const file of owed) disk.sync(file)
    owed.clear()
  }
  return wrapDisk(disk, {
    sync: (file) => void owed.add(file),
    write: (file, bytes, position) => {
      pay()
      disk.write(file, bytes, position)
    },
    close: (file) => {
      pay()
      disk.close(file)
    },
  })
}

/** Right in the long run: only what happens while opening is not made durable. */
function openWithoutSync(right: Subject): Subject {
  return {
    name: 'opens without a sync',
    open: (disk, life) => {
      let isOpening = true
      const lazy = wrapDisk(disk, {
        sync: (file) => {
          if (!isOpening) disk.sync(file)
        },
        syncDirectory: (directory) => {
          if (!isOpening) disk.syncDirectory(directory)
        },
      })
      const journal = right.open(lazy, life)
      isOpening = false
      return journal
    },
  }
}

function splitBatches(right: Subject): Subject {
  return onJournal(right, (journal) => ({
    commit: (batch) => {
      const [first, ...rest] = batch.runs
      if (first === undefined || rest.length === 0) return journal.commit(batch)
      journal.commit({ events: batch.events, runs: [first] })
      return journal.commit({ events: [], runs: rest })
    },
  }))
}

function retryingSync(disk: Disk): Disk {
  return wrapDisk(disk, {
    sync: (file) => {
      try {
        disk.sync(file)
      } catch {
        disk.sync(file)
      }
    },
  })
}

function confirmAnyway(right: Subject): Subject {
  const done: Committed = { eventBytesSinceCheckpoint: 0, journalBytes: 0 }
  return onJournal(right, (journal) => ({
    commit: (batch) => {
      try {
        return journal.commit(batch)
      } catch (error) {
        if (error instanceof BrokenError) return done
        throw error
      }
    },
  }))
}

/** What SQLite's log, Kafka's and many others do: everything from the first bad place on goes. */
function cutAtDamage(right: Subject): Subject {
  return {
    name: 'cuts at damage',
    open: (disk, life) => {
      for (let attempt = 0; ; attempt += 1) {
        try {
          return right.open(disk, life + attempt / 100)
        } catch (error) {
          if (!(error instanceof CorruptError) || attempt > 20) throw error
          cutFile(disk, error.damage)
        }
      }
    },
  }
}

function cutFile(disk: Disk, damage: { file: string; start: number }): void {
  const file = disk.open(`${home}/${damage.file}`, 'write')
  const size = disk.size(file)
  disk.write(file, new Uint8Array(Math.max(0, size - damage.start)), damage.start)
  disk.sync(file)
  disk.close(file)
}

function onJournal(
  right: Subject,
  replace: (journal: JournalLike) => { commit(batch: Batch): Committed },
): Subject {
  return {
    name: right.name,
    open: (disk, life) => {
      const journal = right.open(disk, life)
      const wrong = replace(journal)
      return {
        recovered: journal.recovered,
        limits: journal.limits,
        commit: (batch) => wrong.commit(batch),
        read: (mailbox, offset, bytesMax) => journal.read(mailbox, offset, bytesMax),
        checkpoint: (state) => journal.checkpoint(state),
        trim: (firsts) => journal.trim(firsts),
        idle: () => {
          journal.idle()
        },
        release: () => {
          journal.release()
        },
      }
    },
  }
}
