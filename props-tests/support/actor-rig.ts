/**
 * A runtime with actors on a store in memory, for tests of the host.
 *
 * Owns: a counter to send to, and crashing. Leaves what is sent to each test.
 */
import type { ActorDefinition, TypedEvent } from '../../actors/index.ts'
import type { ActorRef } from '../../runtime/index.ts'
import { double, type Asks, type DoubleOptions, type DoubleTypes } from './actor-double.ts'
import { openRig, reopen, type Rig, type RigOptions } from './sending-rig.ts'

export type Note = TypedEvent & Record<string, unknown>

export interface Notes {
  readonly notes: readonly string[]
}

/** Notes every event by its `id`; what else it does, `act` says. */
export function notebook(
  name: string,
  act: (event: Note, asks: Asks, state: Notes) => unknown = () => true,
  options: Partial<DoubleOptions<Notes>> = {},
): ActorDefinition<DoubleTypes> {
  return double<Notes>(name, {
    initial: () => ({ notes: [] }),
    reduce: (state, event, asks) => {
      const said = event as Note
      if (act(said, asks, state) === false) return undefined
      return { notes: [...state.notes, textOf(said)] }
    },
    ...options,
  })
}

/** What it is known by. */
function textOf({ type, id, timer, effect }: Note): string {
  const name = [id, timer, effect].find((each) => typeof each === 'string')
  return typeof name === 'string' ? name : type
}

export function note(id: string, more: Record<string, unknown> = {}): Note {
  return { type: 'NOTE', id, ...more }
}

export async function notesOf(ref: ActorRef<DoubleTypes>): Promise<readonly string[]> {
  const view = await ref.snapshot()
  return (view?.context as Notes | undefined)?.notes ?? []
}

export function openActors(
  actors: readonly ActorDefinition<DoubleTypes>[],
  options: RigOptions = {},
): Promise<Rig> {
  return openRig({ actors, ...options })
}

/** The process ends where it is; another opens the same disk. */
export async function crash(rig: Rig, actors: readonly ActorDefinition<DoubleTypes>[]): Promise<Rig> {
  rig.store.beforeCommit = () => new Promise(() => {})
  const next = await reopen(rig, { actors })
  await next.settle()
  return next
}

/** Waits for the next commit, which never ends: what comes of it is never seen. */
export function stopWriting(rig: Rig): void {
  rig.store.beforeCommit = () => new Promise(() => {})
}
