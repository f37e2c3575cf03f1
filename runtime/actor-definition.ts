/**
 * What the runtime makes of a definition of actors.
 *
 * Owns: the defaults of supervision, and refusing what is no definition. Leaves making definitions to `actors/`.
 *
 * AF1. What is no definition, or two definitions of one name, are refused when the runtime is opened.
 */
import type { ActorDefinition, SupervisionOptions } from '../actors/index.ts'
import { InvalidOptionError } from './errors.ts'
import { checkName } from './option-check.ts'

/** Supervision with its defaults. */
export type Supervision = Required<SupervisionOptions>

const DEFAULT_SUPERVISION: Supervision = {
  maxAttempts: 5,
  minDelayMs: 100,
  maxDelayMs: 60_000,
  whenExhausted: 'skip',
}

export const EFFECT_TIMEOUT_MS = 300_000
export const IDEMPOTENCY_COUNT = 10_000

export function supervisionOf({ supervision }: ActorDefinition): Supervision {
  return { ...DEFAULT_SUPERVISION, ...supervision }
}

/** Refuses what is no definition. */
export function checkDefinition(definition: unknown, where: string): asserts definition is ActorDefinition {
  const isObject = typeof definition === 'object' && definition !== null
  const logic: unknown = isObject ? Reflect.get(definition, 'logic') : undefined
  const isLogic =
    typeof logic === 'object' && logic !== null && typeof Reflect.get(logic, 'turn') === 'function'
  if (!isObject || !isLogic) {
    throw new InvalidOptionError(`${where} must be a definition that defineActor made`, NOT_WRITTEN)
  }
  checkName(Reflect.get(definition, 'name'), `${where}: the name of a definition`)
}

const NOT_WRITTEN = { outcome: 'not-written' } as const
