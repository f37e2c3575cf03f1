/**
 * What becomes of armed timers when a new version takes a state.
 *
 * Owns: finding a state that waits for a delay that will never be over. Leaves the rest of an upgrade to
 * `migration-lint.ts`.
 *
 * MT1. A timer of the older version is lost where the new state does not hold it, or no state takes its event.
 * MT2. Lost timers are told only where a state that the machine is in has an `after` that nothing is armed for: a delay
 *      that the new version has no more is taken out on purpose.
 */
import type { ActorLogic, ArmedTimer, LoadedState } from '../../actors/index.ts'

/** In words, what the state waits for in vain; undefined where it does not. */
export function lostTimer(
  logic: ActorLogic,
  state: LoadedState,
  armed: readonly ArmedTimer[],
): string | undefined {
  const kept = new Set(logic.timers(state).map(({ timer }) => timer))
  const orphans = new Set(logic.orphans(state).map(({ timer }) => timer))
  const lost = armed.find(({ timer }) => !kept.has(timer) || orphans.has(timer))
  const [waited] = unarmed(state)
  if (lost === undefined || waited === undefined) return undefined
  const why = kept.has(lost.timer)
    ? `bears the event '${lost.event.type}', which the new version does not know: rename it in migrate, in timers['${lost.timer}'].event.type`
    : 'is not in what migrate gives: keep it in timers, under the event that the new version has'
  return `it waits for '${waited}', and no timer is armed for that, so that it stays where it is for ever. Timer '${lost.timer}' of the older version ${why}`
}

/** A machine's state as far as it is looked at here; that of a reducer has none of it. */
interface Machine extends LoadedState {
  readonly snapshot?: object
  readonly timers: Readonly<Record<string, ArmedTimer>>
  readonly children: Readonly<Record<string, { readonly kind: string; readonly state: LoadedState }>>
}

interface Node {
  readonly transitions: ReadonlyMap<string, unknown>
}

/** Events of the delays of all states that it is in, and its children are, for which no timer is armed. */
function unarmed(state: LoadedState): string[] {
  const { snapshot, timers, children, status } = state as Machine
  if (snapshot === undefined || status !== 'active') return []
  const armed = new Set(Object.values(timers).map(({ event }) => event.type))
  const nodes = Reflect.get(snapshot, '_nodes') as readonly Node[]
  const own = nodes
    .flatMap(({ transitions }) => [...transitions.keys()])
    .filter((type) => type.startsWith('xstate.after.') && !armed.has(type))
  const below = Object.values(children).filter(({ kind }) => kind === 'machine')
  return [...own, ...below.flatMap((child) => unarmed(child.state))]
}
