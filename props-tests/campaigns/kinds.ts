/**
 * The kinds of tasks of a campaign, and which one comes when.
 *
 * Owns: the list and the wheel. Leaves each kind to its file.
 *
 * KN1. The seed of a campaign and the number of a task decide its kind and its seed, whoever runs it.
 * KN2. Every kind comes early, and every process gets to every kind.
 */
import { SimulatedRandom } from '../simulated-random.ts'
import { damageKind } from './damage-kind.ts'
import { journalKind } from './journal-kind.ts'
import { runtimeKind } from './runtime-kind.ts'
import { nestedKind, statesKind } from './states-kinds.ts'
import { takeoverKind } from './takeover-kind.ts'
import { readTask } from './task.ts'
import type { TaskKind, TaskName } from './task.ts'

export const taskKinds: readonly TaskKind[] = [
  journalKind,
  statesKind,
  runtimeKind,
  takeoverKind,
  damageKind,
  nestedKind,
]

const SEED_MAX = 2 ** 31 - 1

/** The `number`-th task of a campaign. */
export function taskAt(seed: number, number: number, kinds: readonly TaskKind[]): TaskName {
  const wheel = wheelOf(kinds)
  const kind = wheel[number % wheel.length]?.name ?? ''
  return { kind, seed: new SimulatedRandom(seed, number).choose(SEED_MAX), path: undefined }
}

/** Each kind once, then those that have shares left, again and again; a prime number of them, so that no worker skips any. */
function wheelOf(kinds: readonly TaskKind[]): readonly TaskKind[] {
  const rounds = Math.max(...kinds.map(({ share }) => share))
  const wheel = Array.from({ length: rounds }, (_, round) =>
    kinds.filter(({ share }) => share > round),
  ).flat()
  while (!isPrime(wheel.length)) wheel.push(...kinds.slice(0, 1))
  return wheel
}

function isPrime(count: number): boolean {
  for (let by = 2; by * by <= count; by += 1) if (count % by === 0) return false
  return true
}

/** The kinds of these names, all when there is none. Throws `TaskNameError`. */
export function kindsNamed(names: readonly string[]): readonly TaskKind[] {
  for (const name of names) readTask(`${name}:0`, taskKinds)
  return names.length === 0 ? taskKinds : taskKinds.filter(({ name }) => names.includes(name))
}
