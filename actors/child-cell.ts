/**
 * Children inside a turn, new ones and those that were committed.
 *
 * Owns: which kind of cell a child is, and its site.
 *
 * CC1. A child is made only of what can be made again after a restart: somebody can reach it, and its logic has a name.
 */
import type { AnyActorRef } from 'xstate'
import { NotDurableError } from './errors.ts'
import { adopt } from './live-system.ts'
import { MachineCell } from './machine-cell.ts'
import type { ChildPlan, MachinePlan } from './machine-plan.ts'
import { UNNAMED_CHILD } from './machine-refusals.ts'
import type { ChildState } from './machine-state.ts'
import { OutsideCell, type ChildSite } from './outside-cell.ts'
import { joinPlace } from './places.ts'
import { PureCell } from './pure-cell.ts'
import type { Around, Cell, MakeChild, SpawnAsked } from './turn-run.ts'

export const makeChild: MakeChild = (plan, child, around) =>
  'state' in child ? revive(plan, child, around) : begin(plan, child, around)

function begin(plan: MachinePlan, { actorRef, src, input, isHeld }: SpawnAsked, around: Around): Cell {
  if (actorRef === undefined) throw new NotDurableError(`spawn of '${String(src)}'`, NO_CODE)
  if (!isHeld && actorRef.id === actorRef.sessionId) throw new NotDurableError('spawnChild', UNNAMED_CHILD)
  const name = plan.sourceName(src)
  const child = name === undefined ? undefined : plan.child(name)
  if (name === undefined || child === undefined)
    throw new NotDurableError(`spawn of '${actorRef.id}'`, UNKNOWN_CODE)
  const sync = Reflect.get(actorRef, '_syncSnapshot') === true
  const site = siteOf({ ref: adopt(actorRef, around.run.generation()), src: name, sync }, around)
  return around.run.born(beginAt(site, child, input))
}

function beginAt(site: ChildSite, child: ChildPlan, input: unknown): Cell {
  switch (child.kind) {
    case 'machine':
      return MachineCell.begin(child.plan, site, input)
    case 'pure':
      return PureCell.begin(child.logic, site, input)
    case 'outside':
      return new OutsideCell(site, { input })
  }
}

function revive(plan: MachinePlan, child: ChildState, around: Around): Cell {
  const site = siteOf(child, around)
  const how = plan.child(child.src) as ChildPlan
  if (child.kind === 'machine' && how.kind === 'machine')
    return MachineCell.revive(how.plan, site, child.state)
  if (child.kind === 'pure' && how.kind === 'pure') return PureCell.revive(how.logic, site, child.state)
  return new OutsideCell(site, child.state as never)
}

function siteOf(
  child: { readonly ref: AnyActorRef; readonly src: string; readonly sync: boolean },
  around: Around,
): ChildSite {
  const { ref, src, sync } = child
  return {
    ...around,
    ref,
    src,
    sync,
    id: ref.id,
    place: within(around.place, ref.id),
    code: within(around.code, src),
  }
}

function within(outer: string | undefined, part: string): string {
  const inner = joinPlace([part])
  return outer === undefined ? inner : `${outer}/${inner}`
}

const NO_CODE = {
  rule: 'missing-code',
  reason: 'there is no actor of this name',
  remedy: 'Give it in setup({ actors }), or correct the name',
} as const

const UNKNOWN_CODE = {
  rule: 'unknown-child-code',
  reason: 'its logic is not among the actors of the machine, so it cannot be found again after a restart',
  remedy:
    "Name it in setup({ actors: { worker } }), or machine.provide, and spawn 'worker' or that very logic",
} as const
