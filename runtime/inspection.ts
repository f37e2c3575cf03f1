/**
 * Shows what runs: the machines of the runtime and the user's actors, through one bus, as XState shows its own actors.
 *
 * Owns: who looks, and what each of them was shown. Leaves to `actor-after.ts` which turns there are to show, to
 * `shown-actor.ts` what is known of one that is shown.
 *
 * IP1. While nobody looks nothing is made and nothing kept, but the names of the machines of the runtime.
 * IP2. A look changes nothing: it is told after the runtime's own steps, in their order, and one that throws disturbs
 *     nobody.
 * IP3. Whatever is shown of an actor, that there is one is told first, to whoever begins to look later too.
 * IP4. Of a user's actor a turn is shown after its commit only; turns that share one are shown one by one.
 */
import {
  createRunner,
  type ActorView,
  type InspectionEvent,
  type Runner,
  type TypedEvent,
} from '../actors/index.ts'
import type { Clock } from './clock.ts'
import { InvalidOptionError } from './errors.ts'
import { snapshotOf, ShownActor } from './shown-actor.ts'

type Machine = Parameters<typeof createRunner>[0]
type Look = (event: InspectionEvent) => void

/** Who looks: a function, or an observer as XState has it. */
export type Inspector = Look | { readonly next?: Look }

/** A machine of the runtime that may be looked at. */
export interface Watched<TMachine extends Machine> extends Runner<TMachine> {
  /** It is over. */
  end(): void
}

/** A turn of a user's actor. */
export interface ShownTurn {
  readonly event: TypedEvent
  /** What is committed after it; undefined when there is no state. */
  readonly view: ActorView | undefined
}

/** More actors than that are told anew when they do something again. */
const ACTORS_MAX = 10_000

interface Looker {
  readonly look: Look
  readonly known: WeakSet<ShownActor>
}

interface Entry {
  readonly actor: ShownActor
  readonly event: TypedEvent | undefined
  readonly snapshot: object | undefined
}

export class Inspection {
  readonly #clock: Clock
  readonly #guarded: (task: () => void) => void
  readonly #lookers = new Set<Looker>()
  /** Machines of the runtime that live, and their snapshots. */
  readonly #machines = new Map<ShownActor, () => object>()
  readonly #actors = new Map<string, ShownActor>()
  #queue: Entry[] = []
  #count = 0

  constructor(clock: Clock, guarded: (task: () => void) => void) {
    this.#clock = clock
    this.#guarded = guarded
  }

  /** Whether anybody looks. */
  get isOn(): boolean {
    return this.#lookers.size > 0
  }

  /** Shows everything from now on, until the answer is called. */
  inspect(inspector: Inspector): () => void {
    const looker: Looker = { look: lookOf(inspector), known: new WeakSet() }
    this.#lookers.add(looker)
    for (const [actor, snapshot] of this.#machines)
      this.#show({ actor, event: undefined, snapshot: snapshot() })
    return () => {
      this.#lookers.delete(looker)
      if (!this.isOn) this.#forget()
    }
  }

  /** Starts a machine of the runtime. */
  watched<TMachine extends Machine>(name: string, machine: TMachine): Watched<TMachine> {
    const runner = (createRunner as (of: TMachine) => Runner<TMachine>)(machine)
    this.#count += 1
    const actor = new ShownActor({ id: name, sessionId: `${name}:${this.#count}` }, machine.config)
    this.#machines.set(actor, () => runner.snapshot)
    if (this.isOn) this.#show({ actor, event: undefined, snapshot: runner.snapshot })
    return {
      get snapshot() {
        return runner.snapshot
      },
      step: (event) => {
        const actions = runner.step(event)
        if (this.isOn) this.#show({ actor, event, snapshot: runner.snapshot })
        return actions
      },
      end: () => void this.#machines.delete(actor),
    }
  }

  /** Shows a turn that is on disk. Only while somebody looks. */
  turn(id: string, config: object | undefined, { event, view }: ShownTurn): void {
    const actor = this.#actorOf(id, config)
    if (view === undefined) return this.#show({ actor, event, snapshot: undefined })
    this.#show({ actor, event, snapshot: snapshotOf(view) })
    this.#showChildren(actor, view, event)
  }

  #actorOf(id: string, config: object | undefined): ShownActor {
    const known = this.#actors.get(id)
    if (known !== undefined) return known
    const [oldest] = this.#actors.keys()
    if (oldest !== undefined && this.#actors.size >= ACTORS_MAX) this.#actors.delete(oldest)
    const actor = new ShownActor({ id, sessionId: `actor ${id}` }, config)
    this.#actors.set(id, actor)
    return actor
  }

  /** Machines within the actor: part of its state, changed by its turn. */
  #showChildren(parent: ShownActor, view: ActorView, event: TypedEvent): void {
    for (const [id, child] of Object.entries(view.children ?? {})) {
      const actor = parent.child(id)
      if (actor.isNews(child)) this.#show({ actor, event, snapshot: snapshotOf(child) })
      this.#showChildren(actor, child, event)
    }
  }

  #show(entry: Entry): void {
    this.#queue.push(entry)
    if (this.#queue.length === 1) this.#clock.defer(() => this.#tell())
  }

  #tell(): void {
    const queue = this.#queue
    this.#queue = []
    for (const entry of queue) for (const looker of [...this.#lookers]) this.#tellOne(looker, entry)
  }

  #tellOne(looker: Looker, { actor, event, snapshot }: Entry): void {
    const told = (what: InspectionEvent): void => {
      if (this.#lookers.has(looker)) this.#guarded(() => looker.look(what))
    }
    const about = { rootId: actor.rootId, actorRef: actor }
    if (event === undefined) actor.last = snapshot
    actor.last ??= snapshot
    if (!looker.known.has(actor)) told({ type: '@xstate.actor', ...about })
    looker.known.add(actor)
    if (event === undefined) return
    told({ type: '@xstate.event', ...about, event, sourceRef: undefined })
    if (snapshot === undefined) return
    actor.last = snapshot
    told({ type: '@xstate.snapshot', ...about, event, snapshot: snapshot as never })
  }

  #forget(): void {
    this.#actors.clear()
    this.#queue = []
  }
}

function lookOf(inspector: unknown): Look {
  if (typeof inspector === 'function') return inspector as Look
  const next: unknown = typeof inspector === 'object' && inspector !== null && Reflect.get(inspector, 'next')
  if (typeof next === 'function') return (event) => (inspector as { next: Look }).next(event)
  throw new InvalidOptionError(
    'inspect: give a function, or an observer with next: the `inspect` of an inspector, not the inspector',
  )
}
