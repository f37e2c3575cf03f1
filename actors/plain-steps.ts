/**
 * Steps of a machine whose way is known before: most of what a busy actor does. They give what XState gives, without
 * asking it for the way anew each time.
 *
 * Owns: which steps are plain, and taking them. Leaves every other step to XState's `machine.transition`.
 *
 * PS1. A plain step gives the snapshot, and says to the scope, what `machine.transition` gives and says.
 * PS2. Whether a step is plain is known before any code of the user runs, so that none runs twice: by the machine, its
 *     states and the type of the event. Only after a guard that throws is XState asked as well.
 * PS3. A snapshot with more in it than is known here is left to XState: another version may mean something by it.
 */
import type { AnyMachineSnapshot, AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate'
import type { TypedEvent } from './actor-logic.ts'
import { Configuration } from './configuration.ts'
import type { Microstep } from './microstep.ts'
import { passesOf, type Passes } from './plain-guard.ts'
import { moveOf, type Move } from './plain-move.ts'

/** A transition that an event may take. */
interface Way {
  readonly passes: Passes
  readonly move: Move
}

type Ways = readonly Way[] | undefined

interface Known {
  readonly configuration: Configuration
  /** By type of event; undefined where one of them is not plain. */
  readonly ways: Map<string, Ways>
}

/** Nothing in these states wants the event. */
const STAY: Move = { acts: [], to: undefined }

/** More types of events than a program has: an endless supply of them must take no memory. */
const TYPES_MAX = 256

const FIELDS = new Set(
  '_nodes can children context error getMeta hasTag historyValue machine matches output status tags toJSON value'.split(
    ' ',
  ),
)

export class PlainSteps {
  readonly #machine: AnyStateMachine
  readonly #byLeaf = new Map<AnyStateNode, Known>()
  readonly #byNodes = new WeakMap<readonly AnyStateNode[], Known>()

  constructor(machine: AnyStateMachine) {
    this.#machine = machine
  }

  /** What an event does in these states; undefined when only XState can tell, or when a guard throws. */
  find(snapshot: AnyMachineSnapshot, event: TypedEvent): Move | undefined {
    const known = this.#byNodes.get(nodesOf(snapshot)) ?? this.#look(snapshot)
    if (known?.configuration.isResting !== true || isReserved(event.type)) return undefined
    const { type } = event
    const ways = known.ways.has(type) ? known.ways.get(type) : this.#waysOf(known, type)
    return ways === undefined ? undefined : firstOf(ways, snapshot, event)
  }

  #look(snapshot: AnyMachineSnapshot): Known | undefined {
    const nodes = nodesOf(snapshot)
    const leaf = nodes.at(-1)
    if (leaf === undefined) return undefined
    const known = this.#knownOf(leaf)
    const line = known.configuration.nodes
    const isLine = nodes.length === line.length && nodes.every((node, index) => node === line[index])
    if (!isLine || !hasKnownForm(snapshot)) return undefined
    this.#byNodes.set(nodes, known)
    return known
  }

  #knownOf(leaf: AnyStateNode): Known {
    const known = this.#byLeaf.get(leaf)
    if (known !== undefined) return known
    const fresh = { configuration: new Configuration(leaf), ways: new Map<string, Ways>() }
    this.#byLeaf.set(leaf, fresh)
    this.#byNodes.set(fresh.configuration.nodes, fresh)
    return fresh
  }

  #waysOf({ configuration, ways }: Known, type: string): Ways {
    const all = configuration.candidates(type)
    const plain = all.map((each) => this.#wayOf(each, configuration)).filter((way) => way !== undefined)
    const found = plain.length === all.length ? plain : undefined
    if (ways.size < TYPES_MAX) ways.set(type, found)
    return found
  }

  #wayOf(transition: AnyTransitionDefinition, from: Configuration): Way | undefined {
    const configurationOf = (leaf: AnyStateNode): Configuration => this.#knownOf(leaf).configuration
    const passes = passesOf(this.#machine, transition.guard)
    const move = moveOf(this.#machine, transition, { from, configurationOf })
    return passes === undefined || move === undefined ? undefined : { passes, move }
  }
}

/** Undefined when a guard throws: XState has words for it. */
function firstOf(ways: readonly Way[], snapshot: AnyMachineSnapshot, event: TypedEvent): Move | undefined {
  try {
    return ways.find(({ passes }) => passes(snapshot, event))?.move ?? STAY
  } catch {
    return undefined
  }
}

/** Takes a step that was found. */
export function take({ acts, to }: Move, step: Microstep): AnyMachineSnapshot {
  for (const act of acts) act(step)
  return step.end(to)
}

function nodesOf(snapshot: AnyMachineSnapshot): readonly AnyStateNode[] {
  return Reflect.get(snapshot, '_nodes') as readonly AnyStateNode[]
}

function hasKnownForm(snapshot: AnyMachineSnapshot): boolean {
  const keys = Object.keys(snapshot)
  return keys.length === FIELDS.size && keys.every((key) => FIELDS.has(key))
}

/** XState itself makes more of these than of others; only of a timer it does not. */
function isReserved(type: string): boolean {
  return type.startsWith('xstate.') && !type.startsWith('xstate.after.')
}
