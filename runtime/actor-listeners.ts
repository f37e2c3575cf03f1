/**
 * Those who watch an actor of this runtime: its committed states, and what it emits.
 *
 * Owns: who watches whom. Leaves when to tell to `actor-after.ts`.
 *
 * AN1. A watcher is told in the order of the commits, and never of what is not on disk.
 * AN2. A watcher that throws disturbs nothing; its error surfaces as an uncaught one.
 */
import type { ActorView, TypedEvent } from '../actors/index.ts'
import type { EventHub } from './events.ts'

export type StateListener = (view: ActorView) => void
export type EmitListener = (event: TypedEvent) => void

/** All that an actor emits, whatever its type. */
export const ANY = '*'

export class ActorListeners {
  readonly #hub: EventHub
  readonly #states = new Map<string, Set<StateListener>>()
  readonly #emits = new Map<string, Set<EmitListener>>()

  constructor(hub: EventHub) {
    this.#hub = hub
  }

  /** Tells from the next commit on, until the answer is called. */
  watch(key: string, listener: StateListener): () => void {
    return addTo(this.#states, key, listener)
  }

  onEmit(key: string, type: string, listener: EmitListener): () => void {
    return addTo(this.#emits, placeOf(key, type), listener)
  }

  isWatched(key: string): boolean {
    return this.#states.has(key)
  }

  get watchesNone(): boolean {
    return this.#states.size === 0
  }

  changed(key: string, view: ActorView): void {
    for (const listener of [...(this.#states.get(key) ?? [])]) this.#hub.guarded(() => listener(view))
  }

  emitted(key: string, event: TypedEvent): void {
    if (this.#emits.size === 0) return
    for (const type of [event.type, ANY]) {
      const listeners = this.#emits.get(placeOf(key, type)) ?? []
      for (const listener of [...listeners]) this.#hub.guarded(() => listener(event))
    }
  }
}

function placeOf(key: string, type: string): string {
  return `${type}\n${key}`
}

function addTo<Listener>(table: Map<string, Set<Listener>>, place: string, listener: Listener): () => void {
  const listeners = table.get(place) ?? new Set<Listener>()
  table.set(place, listeners)
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0 && table.get(place) === listeners) table.delete(place)
  }
}
