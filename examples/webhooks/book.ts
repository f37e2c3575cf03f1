/**
 * A file of JSON lines that outlives kills.
 *
 * Owns: the file, its syncs, and cutting the line that a kill tore. Leaves what is in a line to who writes it.
 *
 * Writers that write at once share one sync.
 */
import { closeSync, fdatasync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'

const sync = promisify(fdatasync)

export class Book<TLine> {
  /** What stood in it when it was opened. */
  readonly found: readonly TLine[]
  readonly #file: number
  #syncing: Promise<void> = Promise.resolve()
  #nextSync: Promise<void> | undefined

  /** Opens the file, or makes it. */
  constructor(path: string) {
    this.#file = openSync(path, 'a+')
    syncFolder(dirname(path))
    const { lines, wholeBytes } = readLines(path)
    // A kill may have cut the last line in two. It was not on disk as a whole, so its cause comes again.
    ftruncateSync(this.#file, wholeBytes)
    this.found = lines as TLine[]
  }

  /** Resolves when the line is on disk. */
  write(line: TLine): Promise<void> {
    writeSync(this.#file, `${JSON.stringify(line)}\n`)
    return this.#synced()
  }

  close(): void {
    closeSync(this.#file)
  }

  /** The sync under way may have begun before our line: wait for the next one. After a failure all fail. */
  #synced(): Promise<void> {
    this.#nextSync ??= this.#syncing.then(() => {
      this.#nextSync = undefined
      this.#syncing = sync(this.#file)
      return this.#syncing
    })
    return this.#nextSync
  }
}

/** A synced file whose name is not on disk is lost with its name. (Windows has no such call and no such need.) */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return
  const folder = openSync(path, 'r')
  fsyncSync(folder)
  closeSync(folder)
}

/** The whole lines of a file, and how many bytes they fill. */
export function readLines(path: string): { lines: readonly unknown[]; wholeBytes: number } {
  const bytes = readFileSync(path)
  const wholeBytes = bytes.lastIndexOf('\n') + 1
  const lines = bytes.toString('utf8', 0, wholeBytes).split('\n').slice(0, -1)
  return { lines: lines.map((line): unknown => JSON.parse(line)), wholeBytes }
}
