/**
 * From committed text to a state, through `migrate` after an upgrade.
 *
 * Owns: when a stored state is taken as it is, when it is migrated, when it is refused, and the words of a refusal.
 * Leaves to each kind of logic what fits it.
 *
 * SS1. `migrate` runs when the stored version is older than the definition's, and only then.
 * SS2. A state of a newer version is refused: an old program must not overwrite what a newer one wrote.
 * SS3. A refusal names the definition, both versions, what does not fit, and the remedy.
 */
import type { LoadedState, StoredState } from './actor-logic.ts'
import { MigrationError, UnfitStateError } from './errors.ts'

/** Turns the data of an older version into that of this one. Pure. Gets data of its own, which it may change. */
export type Migrate = (snapshot: never, fromVersion: number) => unknown

export interface Upgrade {
  readonly name: string
  readonly version: number
  readonly migrate: Migrate | undefined
}

export interface Reviver {
  readonly hash: string
  /**
   * `isKnown`: the same structure wrote it, so it fits.
   * @throws UnfitStateError
   */
  revive(data: unknown, how: ReviveHow): LoadedState
}

export interface ReviveHow {
  readonly hasRefs: boolean
  readonly isKnown: boolean
}

export function readStored(stored: StoredState, upgrade: Upgrade, reviver: Reviver): LoadedState {
  if (stored.version > upgrade.version) throw unfit(stored, upgrade, NEWER)
  const { text } = stored
  const hasRefs = text.startsWith('refs')
  const data: unknown = JSON.parse(hasRefs ? text.slice('refs'.length) : text)
  const isOlder = stored.version < upgrade.version
  const migrated = isOlder && upgrade.migrate !== undefined ? migrate(data, stored, upgrade) : data
  const isKnown = stored.version === upgrade.version && stored.hash === reviver.hash
  return revive(migrated, { hasRefs, isKnown }, { stored, upgrade, reviver })
}

interface Case {
  readonly stored: StoredState
  readonly upgrade: Upgrade
  readonly reviver: Reviver
}

function revive(data: unknown, how: ReviveHow, { stored, upgrade, reviver }: Case): LoadedState {
  try {
    return reviver.revive(data, how)
  } catch (cause) {
    const isMigrated = stored.version < upgrade.version && upgrade.migrate !== undefined
    if (!(cause instanceof UnfitStateError)) throw isMigrated ? notAState(stored, upgrade, cause) : cause
    const remedy = isMigrated
      ? 'Have migrate give a state that this definition has.'
      : `Raise version to ${Math.max(stored.version, upgrade.version - 1) + 1} and give migrate(snapshot, fromVersion), which maps the old state to one that exists.`
    throw unfit(stored, upgrade, `${cause.message}. ${remedy}`, cause)
  }
}

function migrate(data: unknown, stored: StoredState, upgrade: Upgrade): unknown {
  try {
    return (upgrade.migrate as (snapshot: unknown, from: number) => unknown)(data, stored.version)
  } catch (cause) {
    const words = `actor '${upgrade.name}': migrate from version ${stored.version} to ${upgrade.version} threw`
    throw new MigrationError(`${words}: ${String(cause)}. The stored state is as it was.`, { cause })
  }
}

function notAState(stored: StoredState, upgrade: Upgrade, cause: unknown): MigrationError {
  const words = `actor '${upgrade.name}': what migrate gave for version ${stored.version} is no state`
  return new MigrationError(`${words}: ${String(cause)}. The stored state is as it was.`, { cause })
}

function unfit(stored: StoredState, upgrade: Upgrade, ...[why, cause]: [string, unknown?]): UnfitStateError {
  const words = `actor '${upgrade.name}' version ${upgrade.version} cannot take a state of version ${stored.version}`
  return new UnfitStateError(`${words}: ${why}`, { cause })
}

const NEWER = 'it was written by a newer version. Run that version, or a newer one.'
