/**
 * What a machine asks for that cannot be made durable, found when the actor is defined.
 *
 * Owns: the rules, each with its reason and its remedy. Leaves to the turn what shows only there.
 *
 * MF1. A refusal names the place in the machine, the reason, and what to write instead.
 * MF2. A machine that breaks no rule is not changed by the look at it.
 */
import type { AnyStateMachine, AnyStateNode } from 'xstate'
import { canonicalJson } from './canonical-json.ts'
import { NotDurableError, UnstorableError, type Refused } from './errors.ts'
import { actionsOf, builtInOf, enteredWith, guardsOf, nodesOf } from './machine-walk.ts'

/** Longest delay: about 285,000 years. Beyond it a due time is no exact number. */
export const DELAY_MAX_MS = Number.MAX_SAFE_INTEGER - 2 ** 46

/**
 * @param isRoot whether the machine is the actor itself, and not a child of one.
 * @throws NotDurableError for the first rule that the machine breaks.
 */
export function refuseWhatCannotLast(machine: AnyStateMachine, where: string, isRoot: boolean): void {
  checkContext(machine, where)
  for (const { place, action } of actionsOf(machine)) checkAction(machine, action, { where, place, isRoot })
  for (const { place, guard } of guardsOf(machine)) checkGuard(machine, guard, `${where}, ${place}`)
  for (const node of nodesOf(machine)) {
    for (const delay of Object.keys((node.config.after ?? {}) as object)) {
      checkDelay(
        machine,
        Number.isNaN(Number(delay)) ? delay : Number(delay),
        `${where}, ${node.id} after ${delay}`,
      )
    }
    for (const invoke of node.invoke) checkChild(machine, invoke, `${where}, invoke in ${node.id}`)
    checkInvokedIds(node, where)
  }
}

/** Of two children that begin at the same time under one id, the second one fails every turn. */
function checkInvokedIds(node: AnyStateNode, where: string): void {
  const places = new Map<string, string>()
  for (const { id: place, invoke } of enteredWith(node)) {
    for (const { id } of invoke) {
      const other = places.get(id)
      places.set(id, place)
      if (other === undefined) continue
      const both = other === place ? 'there' : `in ${other} and in ${place}, which begin together`
      refuse(`${where}, invoke in ${place}`, {
        rule: 'child-id-taken',
        reason: `two children would have the id '${id}': it is invoked twice ${both}`,
        remedy: 'Give each child an id of its own',
      })
    }
  }
}

function checkContext(machine: AnyStateMachine, where: string): void {
  const context: unknown = machine.config.context
  if (typeof context !== 'function')
    checkStatic(context, where, { name: 'context', how: 'context: () => ({ … })' })
}

/** @throws NotDurableError for a first state that stands in the definition and that JSON would change. */
export function checkStatic(
  first: unknown,
  where: string,
  { name, how }: { readonly name: string; readonly how: string },
): void {
  try {
    canonicalJson(first, name)
  } catch (cause) {
    if (!(cause instanceof UnstorableError)) throw cause
    refuse(where, {
      rule: 'static-context',
      reason: `'${name}' holds what does not survive a restart: ${cause.path} is ${cause.what}`,
      remedy: `Keep plain data in it, and let a function make it: ${how}`,
      cause,
    })
  }
}

interface Spot {
  readonly where: string
  readonly place: string
  readonly isRoot: boolean
}

function checkAction(machine: AnyStateMachine, action: unknown, spot: Spot): void {
  const builtIn = builtInOf(action)
  if (builtIn === undefined) return
  const where = `${spot.where}, ${spot.place}`
  if (builtIn.type === 'xstate.spawnChild') checkSpawn(machine, builtIn as ChildAsked, where)
  if (builtIn.type === 'xstate.sendTo' && builtIn['to'] === '#_parent' && spot.isRoot)
    refuse(where, NO_PARENT)
  if (builtIn.type === 'xstate.sendTo' && (builtIn['to'] ?? undefined) === undefined) refuse(where, NO_TARGET)
  if (builtIn.type === 'xstate.raise' || builtIn.type === 'xstate.sendTo') {
    checkDelay(machine, builtIn['delay'], where)
  }
}

function checkSpawn(machine: AnyStateMachine, spawn: ChildAsked, where: string): void {
  if (spawn.id === undefined) refuse(where, UNNAMED_CHILD)
  checkChild(machine, spawn, where)
}

interface ChildAsked {
  readonly id?: unknown
  readonly src?: unknown
}

function checkChild(machine: AnyStateMachine, child: ChildAsked, where: string): void {
  if (typeof child.src !== 'string' || child.src.startsWith('xstate.invoke.')) return
  if (machine.implementations.actors[child.src] === undefined) {
    missing(where, `the actor '${child.src}'`, `setup({ actors: { ${child.src}: … } })`)
  }
}

function checkDelay(machine: AnyStateMachine, delay: unknown, where: string): void {
  if (typeof delay === 'string' && machine.implementations.delays[delay] === undefined) {
    missing(where, `the delay '${delay}'`, `setup({ delays: { ${delay}: … } })`)
  }
  const resolved: unknown = typeof delay === 'string' ? machine.implementations.delays[delay] : delay
  if (typeof resolved === 'number') checkDelayMs(resolved, where)
}

/** @throws NotDurableError for a delay that never ends, or is no number. */
export function checkDelayMs(delayMs: number, where: string): void {
  if (delayMs <= DELAY_MAX_MS) return
  refuse(where, {
    rule: 'endless-delay',
    reason: `a delay of ${delayMs} ms has no due time that could be written down`,
    remedy: 'Leave the delayed event out, or give it a delay in ms that ends',
  })
}

function checkGuard(machine: AnyStateMachine, guard: unknown, where: string): void {
  const inner: unknown = typeof guard === 'function' && 'guards' in guard ? guard.guards : []
  if (Array.isArray(inner)) for (const each of inner) checkGuard(machine, each, where)
  const isObject = typeof guard === 'object' && guard !== null && 'type' in guard
  const name: unknown = isObject ? guard.type : guard
  if (typeof name === 'string' && machine.implementations.guards[name] === undefined) {
    missing(where, `the guard '${name}'`, `setup({ guards: { ${name}: … } })`)
  }
}

function missing(where: string, what: string, how: string): never {
  return refuse(where, {
    rule: 'missing-code',
    reason: `${what} has no code`,
    remedy: `Give it in ${how}, or correct the name`,
  })
}

function refuse(where: string, refused: Refused): never {
  throw new NotDurableError(where, refused)
}

const NO_TARGET: Refused = {
  rule: 'unknown-target',
  reason: 'sendTo has no target; XState would send to the actor itself',
  remedy: 'Give it one: an id of a child, ({ self }) => self, or deliver(definition.at(key), event)',
}

const NO_PARENT: Refused = {
  rule: 'send-parent',
  reason: 'a durable actor has no parent that sendParent could reach',
  remedy: 'Answer with reply(…), or send to an address: deliver(other.at(key), event)',
}

export const UNNAMED_CHILD: Refused = {
  rule: 'unnamed-child',
  reason: 'a child without an id cannot be found again after a restart',
  remedy: "Give it one: spawnChild('name', { id: 'worker' })",
}
