/**
 * Machines that nobody thought of: nested, parallel, with history, final states, timers, guards, raised events, children.
 *
 * Owns: their arbitrary, and how a description becomes a machine. Leaves running them to `actor-twins.ts`.
 *
 * RM1. A description makes the same machine each time, so that a counterexample can be read and replayed.
 */
import fc from 'fast-check'
import {
  assign,
  cancel,
  createMachine,
  emit,
  enqueueActions,
  log,
  not,
  raise,
  sendParent,
  sendTo,
  setup,
  spawnChild,
  stateIn,
  stopChild,
} from 'xstate'
import type { AnyActorRef, AnyStateMachine } from 'xstate'
import type { Specimen, TwinStep } from './actor-twins.ts'

export const eventTypes = ['A', 'B', 'C'] as const

export type ActionKind =
  | 'count'
  | 'double'
  | 'raise'
  | 'emit'
  | 'log'
  | 'trace'
  | 'later'
  | 'cancel'
  | 'self'
  | 'queue'
  | 'spawn'
  | 'stop'
  | 'tell'
  | 'hire'
  | 'fire'
  | 'call'

export interface ActionSpec {
  readonly kind: ActionKind
  readonly event: (typeof eventTypes)[number]
  readonly ms: number
}

export type GuardSpec = 'none' | 'even' | 'few' | 'odd' | 'in'

export interface TransitionSpec {
  /** Index into all states; beyond them no target. */
  readonly to: number
  readonly guard: GuardSpec
  readonly reenter: boolean
  readonly actions: readonly ActionSpec[]
}

export interface NodeSpec {
  readonly type: 'compound' | 'parallel' | 'final' | 'atomic' | 'shallow' | 'deep'
  readonly entry: readonly ActionSpec[]
  readonly exit: readonly ActionSpec[]
  readonly on: readonly (readonly [string, TransitionSpec])[]
  readonly after: readonly (readonly [number, TransitionSpec])[]
  readonly always: readonly TransitionSpec[]
  readonly onDone: TransitionSpec | undefined
  readonly child: 'none' | 'ticker' | 'short'
  readonly states: readonly NodeSpec[]
}

const action: fc.Arbitrary<ActionSpec> = fc.record({
  kind: fc.constantFrom<ActionKind>(
    'count',
    'count',
    'double',
    'raise',
    'emit',
    'emit',
    'log',
    'trace',
    'trace',
    'later',
    'later',
    'cancel',
    'self',
    'queue',
    'spawn',
    'stop',
    'tell',
    'hire',
    'fire',
    'call',
  ),
  event: fc.constantFrom(...eventTypes),
  ms: fc.constantFrom(0, 5, 10, 25),
})

const actions = fc.array(action, { maxLength: 3 })

const transition: fc.Arbitrary<TransitionSpec> = fc.record({
  to: fc.nat(14),
  guard: fc.constantFrom<GuardSpec>('none', 'none', 'even', 'few', 'odd', 'in'),
  reenter: fc.boolean(),
  actions,
})

const guarded = transition.map((spec) => ({
  ...spec,
  guard: spec.guard === 'none' ? ('few' as const) : spec.guard,
}))

/** A state with at most `depth` levels of states below it. */
function nodeArbitrary(depth: number): fc.Arbitrary<NodeSpec> {
  return fc.record<NodeSpec>({
    type: fc.constantFrom('compound', 'compound', 'parallel', 'final', 'atomic', 'shallow', 'deep'),
    entry: actions,
    exit: actions,
    on: fc.array(fc.tuple(fc.constantFrom(...eventTypes, '*'), transition), { maxLength: 3 }),
    after: fc.array(fc.tuple(fc.constantFrom(0, 5, 10, 30), transition), { maxLength: 2 }),
    always: fc.array(guarded, { maxLength: 1 }),
    onDone: fc.option(transition, { nil: undefined }),
    child: fc.constantFrom('none', 'none', 'none', 'ticker', 'short'),
    states: depth === 0 ? fc.constant([]) : fc.array(nodeArbitrary(depth - 1), { maxLength: 3 }),
  })
}

const node = nodeArbitrary(2)

/** A machine's root: compound, with at least two states below. */
export const machineSpec: fc.Arbitrary<NodeSpec> = fc
  .record({ root: node, states: fc.array(node, { minLength: 2, maxLength: 4 }), isParallel: fc.boolean() })
  .map(({ root, states, isParallel }) => ({
    ...root,
    type: isParallel ? 'parallel' : 'compound',
    states,
    child: 'none',
  }))

export const twinSteps: fc.Arbitrary<TwinStep[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...eventTypes).map((type) => ({ send: { type } })) },
    { weight: 1, arbitrary: fc.constantFrom(0, 5, 7, 30).map((advance) => ({ advance })) },
  ),
  { maxLength: 12 },
)

type Context = { readonly n: number; readonly kid?: AnyActorRef }
type Config = Record<string, unknown>
type Spawn = (src: string, options: object) => AnyActorRef

/** Children of random machines: one ticks, one ends by itself. */
function children(): Record<string, AnyStateMachine> {
  const ticker = setup({
    types: { events: {} as { type: 'A' } | { type: 'B' } | { type: 'C' } },
  }).createMachine({
    id: 'ticker',
    initial: 'wait',
    context: { ticks: 0 },
    on: { A: { actions: sendParent({ type: 'B' }) } },
    states: {
      wait: {
        after: {
          10: {
            target: 'wait',
            reenter: true,
            actions: [
              assign({ ticks: ({ context }) => (context as { ticks: number }).ticks + 1 }),
              sendParent({ type: 'C' }),
            ],
          },
        },
      },
    },
  })
  const short = createMachine({
    id: 'short',
    initial: 'on',
    states: { on: { on: { A: 'off' }, after: { 7: 'off' } }, off: { type: 'final' } },
    output: 'short',
  })
  return { ticker: ticker as AnyStateMachine, short: short as AnyStateMachine }
}

/** A machine made of a description; `trace` is what its own actions write down. */
export function specimenOf(spec: NodeSpec): Specimen {
  const trace: unknown[] = []
  const ids = idsOf(spec)
  const config = {
    id: 'm',
    context: { n: 0 },
    options: { maxIterations: 60 },
    ...nodeConfig(spec, { key: 'm', ids, isRoot: true }),
  }
  const machine = setup({
    actors: children(),
    actions: {
      trace: ({ context, event }, params: { at: string }) => {
        trace.push([params.at, (context as Context).n, event.type])
      },
    },
    guards: {
      even: ({ context }) => (context as Context).n % 2 === 0,
      few: ({ context }) => (context as Context).n < 6,
    },
    delays: { soon: ({ context }) => ((context as Context).n % 3) * 4 },
  }).createMachine(config as never)
  return { machine: machine as unknown as AnyStateMachine, trace }
}

/** Ids of all states below the root, in order. */
function idsOf(spec: NodeSpec, path = 'm'): string[] {
  return statesOf(spec).flatMap((state, index) => [`${path}.s${index}`, ...idsOf(state, `${path}.s${index}`)])
}

function statesOf({ type, states }: NodeSpec): readonly NodeSpec[] {
  const isInner = type === 'compound' || type === 'parallel'
  return isInner && states.some((state) => !isHistory(state)) ? states : []
}

function isHistory({ type }: NodeSpec): boolean {
  return type === 'shallow' || type === 'deep'
}

interface Spot {
  readonly key: string
  readonly ids: readonly string[]
  readonly isRoot: boolean
}

function nodeConfig(spec: NodeSpec, spot: Spot): Config {
  const states = statesOf(spec)
  if (!spot.isRoot && isHistory(spec)) {
    return { id: spot.key, type: 'history', history: spec.type }
  }
  const below = states.map(
    (state, index) =>
      [`s${index}`, nodeConfig(state, { ...spot, key: `${spot.key}.s${index}`, isRoot: false })] as const,
  )
  const first = states.findIndex((state) => !isHistory(state))
  const isLeaf = first === -1
  const type = spec.type === 'final' ? 'final' : spec.type === 'parallel' && !isLeaf ? 'parallel' : undefined
  return {
    id: spot.key,
    ...(type !== undefined && { type }),
    ...(!isLeaf && { states: Object.fromEntries(below) }),
    ...(!isLeaf && type === undefined && { initial: `s${first}` }),
    entry: spec.entry.map((each) => actionConfig(each, `${spot.key} entry`)),
    exit: spec.exit.map((each) => actionConfig(each, `${spot.key} exit`)),
    ...(spec.type === 'final'
      ? { output: ({ context }: { context: Context }) => context.n }
      : moves(spec, spot, isLeaf)),
  }
}

function moves(spec: NodeSpec, spot: Spot, isLeaf: boolean): Config {
  const at = (each: TransitionSpec): Config => transitionConfig(each, spot)
  return {
    on: grouped(spec.on, at),
    after: grouped(spec.after, at),
    always: spec.always.map(at),
    ...(!isLeaf && spec.onDone !== undefined && { onDone: at(spec.onDone) }),
    ...(spec.child !== 'none' && {
      invoke: {
        src: spec.child,
        id: `kid of ${spot.key}`,
        ...(spec.onDone !== undefined && { onDone: at(spec.onDone) }),
      },
    }),
  }
}

function grouped(
  all: readonly (readonly [string | number, TransitionSpec])[],
  at: (spec: TransitionSpec) => Config,
): Config {
  const groups: Record<string, Config[]> = {}
  for (const [key, spec] of all) (groups[String(key)] ??= []).push(at(spec))
  return groups
}

function transitionConfig(
  { to, guard, reenter, actions: all }: TransitionSpec,
  { key, ids, isRoot }: Spot,
): Config {
  const target = ids[to]
  return {
    ...(target !== undefined && { target: `#${target}` }),
    ...(guard !== 'none' && { guard: guardConfig(guard, ids) }),
    reenter: reenter && !isRoot,
    actions: all.map((each) => actionConfig(each, `${key} move`)),
  }
}

function guardConfig(guard: Exclude<GuardSpec, 'none'>, ids: readonly string[]): unknown {
  if (guard === 'odd') return not('even')
  if (guard === 'in') return stateIn(`#${ids[0]}`)
  return guard
}

const count = assign({ n: ({ context }: { context: Context }) => context.n + 1 })

function actionConfig({ kind, event, ms }: ActionSpec, at: string): unknown {
  switch (kind) {
    case 'count':
      return count
    case 'double':
      return assign(({ context }: { context: Context }) => ({ n: (context.n * 2) % 17 }))
    case 'raise':
      return enqueueActions(({ context, enqueue }) => {
        if ((context as Context).n % 3 !== 0) return
        enqueue(count as never)
        enqueue.raise({ type: event })
      })
    case 'emit':
      return emit(({ context }: { context: Context }) => ({ type: 'seen', at, n: context.n }))
    case 'log':
      return log(({ context }: { context: Context }) => `${at} ${context.n}`)
    case 'trace':
      return { type: 'trace', params: { at } }
    case 'later':
      return raise(
        { type: event },
        ms === 25 ? ({ delay: 'soon' } as object) : { delay: ms, id: `late ${at} ${event}` },
      )
    case 'cancel':
      return cancel(`late ${at} ${event}`)
    case 'self':
      return sendTo(({ self }) => self, { type: event }, { delay: ms })
    case 'queue':
      return enqueueActions(({ enqueue, check }) => {
        if (check('few')) enqueue(count as never)
        enqueue.emit({ type: 'queued', at } as never)
      })
    case 'spawn':
      return spawnChild('ticker' as never, { id: 'pet' })
    case 'stop':
      return stopChild('pet')
    case 'tell':
      return enqueueActions(({ enqueue, self }) => {
        const { children: all } = self.getSnapshot() as { children?: Record<string, unknown> }
        if (all?.['pet'] !== undefined) enqueue.sendTo('pet', { type: 'A' })
      })
    case 'hire':
      return assign({
        kid: ({ spawn }) => (spawn as Spawn)('ticker', ms === 25 ? { id: 'pet' } : {}),
      })
    case 'fire':
      return stopChild(({ context }) => (context as Context).kid as AnyActorRef)
    case 'call':
      return enqueueActions(({ context, enqueue }) => {
        const { kid } = context as Context
        if (kid !== undefined) enqueue.sendTo(kid, { type: 'A' })
      })
  }
}
