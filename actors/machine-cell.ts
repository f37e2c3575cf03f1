/**
 * A machine inside a turn: it steps, and what XState would carry out becomes effects, timers and events to children.
 *
 * Owns: what each kind of action of XState means in a durable turn, and the machine's timers and children.
 * Leaves the step itself to XState's `machine.transition`, the order of things to `inner-cell.ts`.
 *
 * MC1. A machine with its children does in one turn what live actors of XState do in one synchronous run.
 * MC2. A timer that is not armed any more fires into nothing.
 * MC3. Only the emitted events of the actor itself leave it, as those of a child leave only the child in XState.
 */
import type { AnyActorRef, AnyActorScope, AnyMachineSnapshot, ExecutableActionObject } from 'xstate'
import type { TypedEvent } from './actor-logic.ts'
import { NotDurableError } from './errors.ts'
import { checkEvent } from './event-door.ts'
import { InnerCell, type CellSite } from './inner-cell.ts'
import type { First, Taken } from './light-turn.ts'
import { turnSystem } from './live-system.ts'
import { checkDelayMs } from './machine-refusals.ts'
import type { MachinePlan } from './machine-plan.ts'
import { NONE, type ChildState, type MachineState, type Timer } from './machine-state.ts'
import { joinPlace } from './places.ts'
import { TimerBook } from './timer-book.ts'
import { targetData, targetOf } from './timer-target.ts'
import { isAddress, isTopicTarget, plainAddress, replyTarget, type Carrier } from './turn-target.ts'
import type { Around, Cell, SpawnAsked } from './turn-run.ts'

type Action = ExecutableActionObject

interface SendAsked {
  readonly to: unknown
  readonly event: TypedEvent
  readonly id: string | undefined
  readonly delay: number | undefined
}

export class MachineCell extends InnerCell<AnyMachineSnapshot> {
  readonly plan: MachinePlan
  /** What is known of its first step, if that was tried before there was a cell. */
  first: First = undefined
  readonly #old: MachineState | undefined
  readonly #scope: AnyActorScope
  #cells: Map<AnyActorRef, Cell> | undefined
  /** The children as they are in the middle of a step, by id. */
  #named: Map<string, AnyActorRef> | undefined
  readonly #timers: TimerBook

  private constructor(plan: MachinePlan, site: CellSite, old: MachineState | undefined) {
    super(site, old?.snapshot ?? ({ status: 'active' } as AnyMachineSnapshot), old === undefined)
    this.plan = plan
    this.#old = old
    this.#timers = new TimerBook(old?.timers ?? NONE)
    this.#scope = this.#makeScope()
  }

  static begin(plan: MachinePlan, site: CellSite, input: unknown): MachineCell {
    const cell = new MachineCell(plan, site, undefined)
    cell.snapshot = plan.machine.getInitialSnapshot(cell.#scope, input) as AnyMachineSnapshot
    const { error } = cell.snapshot as { readonly error?: unknown }
    const isFailed = cell.snapshot.status === 'error'
    // XState keeps what the first step threw; the root has nobody to tell it to but the caller.
    if (isFailed && (site.toParent === undefined || error instanceof NotDurableError)) throw error
    return cell
  }

  static revive(plan: MachinePlan, site: CellSite, state: MachineState): MachineCell {
    return new MachineCell(plan, site, state)
  }

  #makeScope(): AnyActorScope {
    return {
      self: this.ref,
      id: this.site.id ?? '',
      sessionId: '',
      system: turnSystem,
      logger: ignore,
      // Of all that XState carries out later only the start of what `spawn` made is not an action.
      defer: () => this.#spawned(),
      emit: ignore,
      stopChild: ignore,
      actionExecutor: (action: Action) => this.#collect(action),
    }
  }

  protected override step(event: TypedEvent): AnyMachineSnapshot {
    const { snapshot, plan, first } = this
    this.first = undefined
    if (typeof first === 'object') return this.#carryOn(first)
    const next = first === undefined ? plan.steps.take(snapshot, event, this.#scope) : undefined
    return next ?? (plan.machine.transition(snapshot, event, this.#scope) as AnyMachineSnapshot)
  }

  /** The step was taken already: what was said in it is heard now. */
  #carryOn({ next, said }: Taken): AnyMachineSnapshot {
    for (const action of said) this.#collect(action as Action)
    return next
  }

  protected override withError(error: unknown): AnyMachineSnapshot {
    return { ...this.snapshot, status: 'error', error } as AnyMachineSnapshot
  }

  protected override dropTimers(): void {
    for (const name of this.#timers.names()) this.site.run.effects.push({ kind: 'cancel', timer: name })
    this.#timers.forgetAll()
  }

  protected override startChildren(): void {
    for (const child of this.#children()) {
      if ((child.snapshot as { readonly status: string }).status === 'active') child.start()
    }
  }

  /** XState creates a child where it asks for it, even before this machine has started. */
  #collect(action: Action): void {
    if (action.type === 'xstate.spawnChild')
      this.#adopt({ ...(action.params as Omit<SpawnAsked, 'isHeld'>), isHeld: false })
    if (action.type === 'xstate.stopChild') this.#names().delete(idOf(action.params))
    if (this.isStarted) this.#perform(action)
    else this.later(() => this.#perform(action))
  }

  /** A `spawn` in an assign or in a first context: the child is there at once, and starts after the step. */
  #spawned(): void {
    const ref = this.site.run.made as AnyActorRef & { readonly options: { readonly input: unknown } }
    const asked = { id: ref.id, actorRef: ref, src: ref.src, input: ref.options.input, isHeld: true }
    const child = this.#adopt(asked)
    this.later(() => child.start())
  }

  #perform({ type, params, info, exec }: Action): void {
    const { effects } = this.site.run
    const asked = params
    switch (type) {
      case 'xstate.raise':
        return this.#raise(asked as SendAsked)
      case 'xstate.cancel':
        return this.later(() => this.#cancel((asked as { readonly sendId: string }).sendId))
      case 'xstate.sendTo':
        return this.later(() => this.#sendTo(asked as SendAsked))
      case 'xstate.emit':
        return this.later(() => this.#emit((asked as { readonly event: TypedEvent }).event))
      case 'xstate.log':
        effects.push({
          kind: 'log',
          ...(asked as { readonly label: string | undefined; readonly value: unknown }),
        })
        return
      case 'xstate.spawnChild':
        return this.later(() => this.find((asked as { readonly actorRef: AnyActorRef }).actorRef)?.start())
      case 'xstate.stopChild':
        return this.#stopChild(asked as AnyActorRef | undefined)
      default:
        this.#custom({ type, params: asked, info, exec })
    }
  }

  #custom({ type, params, info, exec }: Action): void {
    if (exec === undefined) return
    const name = this.plan.actionName(type, exec)
    if (name === undefined) throw new NotDurableError(`action '${type}'`, UNNAMED_ACTION)
    const wanted: unknown = params
    const unconfirmed =
      typeof wanted === 'object' && wanted !== null && Reflect.get(wanted, 'unconfirmed') === true
    const { context, event } = info as { readonly context: unknown; readonly event: TypedEvent }
    const code = this.#codeOf(name)
    this.site.run.effects.push({ kind: 'action', name: code, params: wanted, context, event, unconfirmed })
  }

  #codeOf(name: string): string {
    const own = joinPlace([name])
    return this.site.code === undefined ? own : `${this.site.code}/${own}`
  }

  #emit(event: TypedEvent): void {
    if (this.site.toParent === undefined) this.site.run.effects.push({ kind: 'emit', event })
  }

  #raise({ event, id, delay }: SendAsked): void {
    if (typeof delay === 'number') this.later(() => this.#arm(delay, { id: id ?? 'raise', event }))
  }

  #arm(delay: number, timer: Timer): void {
    checkDelayMs(delay, `timer '${timer.id}'`)
    const name = this.site.run.timerName(timer.id)
    const delayMs = Number.isNaN(delay) ? 0 : Math.max(0, delay)
    this.#timers.arm(name, timer)
    this.site.run.effects.push({ kind: 'arm', timer: name, event: timer.event, delayMs })
  }

  /** As in XState: of several under one id only the last one, and none once one of them has fired. */
  #cancel(id: string): void {
    const name = this.#timers.lastOf(id)
    if (name === undefined || this.#timers.get(name)?.loose === true) return
    this.#timers.forget(name)
    this.#timers.loosen(id)
    this.site.run.effects.push({ kind: 'cancel', timer: name })
  }

  #sendTo({ to, event, id, delay }: SendAsked): void {
    if (typeof delay !== 'number') return this.#relay(to, event)
    const target = targetData(to, this.ref)
    if (target === 'none') throw new NotDurableError(`send of '${event.type}'`, UNKNOWN_TARGET)
    this.#arm(delay, { id: id ?? 'send', event, ...(target !== undefined && { to: target }) })
  }

  #relay(to: unknown, event: TypedEvent): void {
    const { effects } = this.site.run
    if (isTopicTarget(to)) {
      const { topic, options } = to
      effects.push({
        kind: 'publish',
        topic,
        value: valueOf(event),
        ...(options !== undefined && { options }),
      })
    } else if (to === replyTarget) {
      effects.push({ kind: 'reply', value: valueOf(event) })
    } else if (isAddress(to)) {
      checkEvent(event, `to ${to.actor}/${to.key}`)
      effects.push({ kind: 'deliver', to: plainAddress(to), event })
    } else {
      this.#tell(to as AnyActorRef, event)
    }
  }

  #tell(to: AnyActorRef, event: TypedEvent): void {
    if (targetData(to, this.ref) === 'none')
      throw new NotDurableError(`send of '${event.type}'`, UNKNOWN_TARGET)
    const isEscalated = event.type === 'xstate.error'
    const error = {
      type: `xstate.error.actor.${this.site.id}`,
      error: Reflect.get(event, 'data'),
      actorId: this.site.id,
    }
    const cell = to === this.ref ? this : this.site.run.cellOf(to)
    cell?.send(isEscalated ? error : event)
  }

  #adopt(asked: SpawnAsked): Cell {
    const names = this.#names()
    const before = names.get(asked.actorRef?.id ?? '')
    const isTaken = before !== undefined && (this.find(before)?.isAlive ?? false)
    if (isTaken) throw new NotDurableError(`spawn of '${before.id}'`, ID_TAKEN)
    const child = this.#keep(this.site.run.makeChild(this.plan, asked, this.#around()))
    names.set(child.ref.id, child.ref)
    return child
  }

  #names(): Map<string, AnyActorRef> {
    const known = this.#old?.snapshot.children as Readonly<Record<string, AnyActorRef>> | undefined
    return (this.#named ??= new Map(Object.entries(known ?? {})))
  }

  #keep(child: Cell): Cell {
    this.#cells ??= new Map()
    this.#cells.set(child.ref, child)
    return child
  }

  #around(): Around {
    const { run, code, place } = this.site
    return { run, code, place, toParent: (event) => this.send(event) }
  }

  #stopChild(ref: AnyActorRef | undefined): void {
    const child = ref === undefined ? undefined : this.find(ref)
    if (child === undefined) return
    this.site.run.release(child.ref)
    if (child.isStarted) this.later(() => child.stop())
    else child.stop()
  }

  find(ref: AnyActorRef): Cell | undefined {
    const known = this.#cells?.get(ref)
    const old = this.#old?.children[ref.id]
    if (known !== undefined || old?.ref !== ref) return known
    return this.#keep(this.site.run.makeChild(this.plan, old, this.#around()))
  }

  /** The actor at the end of a path of ids. */
  at(path: readonly string[]): Cell | undefined {
    const [id, ...rest] = path
    if (id === undefined) return this
    const ref = (this.snapshot.children as Readonly<Record<string, AnyActorRef | undefined>>)[id]
    const child = ref === undefined ? undefined : this.find(ref)
    return rest.length === 0 ? child : child?.at?.(rest)
  }

  /** A timer is due. False when nobody in here waits for it. */
  fire(name: string): boolean {
    const timer = this.#timers.get(name)
    if (timer === undefined) return this.#children().some((child) => child.fire?.(name) === true)
    this.#timers.forget(name)
    this.#timers.loosen(timer.id)
    const to = targetOf(timer.to, this.ref, (path) => this.site.run.root?.at?.(path)?.ref)
    if (to !== undefined) this.#relay(to, timer.event)
    return true
  }

  #children(): readonly Cell[] {
    const refs = Object.values(this.snapshot.children as Readonly<Record<string, AnyActorRef>>)
    return refs.map((ref) => this.find(ref)).filter((child) => child !== undefined)
  }

  /** The state after the turn; the same object when nothing has changed. */
  toState(): MachineState {
    const old = this.#old
    const children = this.#childrenNow()
    const timers = this.#timers.state()
    const isSame = old !== undefined && this.snapshot === old.snapshot && timers === old.timers
    if (isSame && children === old.children) return old
    return { status: this.snapshot.status, snapshot: this.snapshot, children, timers }
  }

  #childrenNow(): Readonly<Record<string, ChildState>> {
    const old = this.#old?.children ?? NONE
    if (this.#cells === undefined && this.snapshot.children === this.#old?.snapshot.children) return old
    const now: Record<string, ChildState> = {}
    let isSame = true
    for (const [id, ref] of Object.entries(this.snapshot.children as Readonly<Record<string, AnyActorRef>>)) {
      const before: ChildState | undefined = old[id]
      const child = this.#cells?.get(ref)?.toChild() ?? before
      if (child === undefined) continue
      now[id] = before?.ref === ref && before.state === child.state ? before : child
      isSame &&= now[id] === before
    }
    const count = Object.keys(now).length
    if (isSame && count === Object.keys(old).length) return old
    // None is the same in memory as it is after a restart: which way a turn is taken depends on it.
    return count === 0 ? NONE : now
  }

  toChild(): ChildState {
    const { ref, src = '', sync = false } = this.site
    return { kind: 'machine', ref, src, sync, state: this.toState() }
  }
}

function idOf(ref: unknown): string {
  return typeof ref === 'object' && ref !== null && 'id' in ref ? String(ref.id) : ''
}

function valueOf(event: TypedEvent): unknown {
  return event.type === 'unlost.value' ? (event as Carrier).value : event
}

function ignore(): void {}

const UNNAMED_ACTION = {
  rule: 'unnamed-action',
  reason: 'a function made during a turn cannot be found again to run it after a crash',
  remedy: "Give it a name in setup({ actions }) and enqueue that: enqueue('name')",
} as const

const ID_TAKEN = {
  rule: 'child-id-taken',
  reason: 'a child of this id is still at work, and would be out of reach for ever',
  remedy: 'Stop it first with stopChild(id), or give each child an id of its own',
} as const

const UNKNOWN_TARGET = {
  rule: 'unknown-target',
  reason: 'the target is no actor of this turn and no address',
  remedy: 'Send to an id of a child, to self, or with deliver(definition.at(key), event)',
} as const
