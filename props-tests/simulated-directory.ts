/**
 * One directory of the simulated disk: the names that are seen, against the names that are durable.
 *
 * Owns: entries, their history since the last directory sync, and what a power cut makes of it.
 * Leaves bytes to `simulated-file.ts`. A name points at an inode, so a name that comes back brings its bytes back.
 *
 * SN1. Making or removing a name is durable only after a sync of this directory; syncing the file does not do it.
 * SN2. A power cut leaves each name in any of the states it had since the last sync, independently of other names.
 */
import type { Choices } from './choices.ts'
import { SimulatedFile } from './simulated-file.ts'
import type { SyncFate } from './simulated-file.ts'

/** What a name points at. */
export type Entry = SimulatedFile | SimulatedDirectory

/** Nothing, or something: the state of a name at one moment. */
type NameState = Entry | undefined

export class SimulatedDirectory {
  readonly kind = 'directory'
  #seen = new Map<string, Entry>()
  #durable = new Map<string, Entry>()
  /** States of a name since the last sync, oldest first. */
  #history = new Map<string, NameState[]>()

  get(name: string): Entry | undefined {
    return this.#seen.get(name)
  }

  /** Names as a reader sees them, sorted. */
  names(): string[] {
    return [...this.#seen.keys()].toSorted()
  }

  /** What the names point at after a power cut that takes all that it can. */
  get durable(): ReadonlyMap<string, Entry> {
    return this.#durable
  }

  set(name: string, state: NameState): void {
    put(this.#seen, name, state)
    const states = this.#history.get(name)
    if (states === undefined) this.#history.set(name, [state])
    else states.push(state)
  }

  sync(fate: SyncFate, choices: Choices): void {
    if (fate === 'ignored') return
    if (fate === 'full') this.#settle((options) => options.at(-1))
    if (fate === 'half') this.#settle((options) => options[choices.choose(options.length)])
    this.#history.clear()
    if (fate === 'reverted') this.#seen = new Map(this.#durable)
  }

  /** Settles the names, then everything that still has one, in the order of the names. */
  powerCut(choices: Choices): void {
    this.#settle((options) => options[choices.choose(options.length)])
    this.#history.clear()
    this.#seen = new Map(this.#durable)
    for (const name of this.names()) this.#seen.get(name)?.powerCut(choices)
  }

  /** Damage: the name is changed in cache and on the platter alike. */
  edit(name: string, state: NameState): void {
    put(this.#seen, name, state)
    put(this.#durable, name, state)
    this.#history.delete(name)
  }

  /** A deep copy; `copies` keeps one copy per inode, because a name of the past may point at it too. */
  clone(copies: Map<Entry, Entry>): SimulatedDirectory {
    const copy = new SimulatedDirectory()
    copies.set(this, copy)
    const of = (entry: NameState): NameState => (entry === undefined ? undefined : cloneEntry(entry, copies))
    for (const [name, entry] of this.#seen) put(copy.#seen, name, of(entry))
    for (const [name, entry] of this.#durable) put(copy.#durable, name, of(entry))
    for (const [name, states] of this.#history) copy.#history.set(name, states.map(of))
    return copy
  }

  #settle(pick: (options: readonly NameState[]) => NameState): void {
    for (const [name, states] of [...this.#history].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      put(this.#durable, name, pick([this.#durable.get(name), ...states]))
    }
  }
}

/** The one copy of `entry` in this cloning. */
export function cloneEntry(entry: Entry, copies: Map<Entry, Entry>): Entry {
  const known = copies.get(entry)
  if (known !== undefined) return known
  const copy = entry instanceof SimulatedFile ? entry.clone() : entry.clone(copies)
  copies.set(entry, copy)
  return copy
}

function put(map: Map<string, Entry>, name: string, state: NameState): void {
  if (state === undefined) map.delete(name)
  else map.set(name, state)
}
