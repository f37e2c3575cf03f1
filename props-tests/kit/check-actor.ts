/**
 * `checkActor`: durable actors under every mishap there is.
 *
 * Owns: the two searches: each death along the shortest ways through the actor, and random events with random mishaps.
 * Leaves running to `actor-scenario.ts`, judging to `actor-checkers.ts`, searching and telling to `run-check.ts`.
 *
 * CKA1. The ways come first: each is gone without a mishap, then dies at each system call and each step of a turn.
 * CKA2. The word of a failure says which search found it: `way:<seed>:<way>:<point>`, or that of a random case.
 */
import fc from 'fast-check'
import type { ActorDefinition, ActorTypes, TypedEvent } from '../../actors/index.ts'
import { InvalidOptionError } from '../../runtime/index.ts'
import type { Topic } from '../../runtime/index.ts'
import type { CheckCounts } from '../failure.ts'
import type { Violation } from '../history.ts'
import { hostInvariants } from '../actor-invariants.ts'
import { judgeActors, judgeCode } from './actor-checkers.ts'
import type { ActorFacts } from './actor-facts.ts'
import {
  arbitraryOf,
  calm,
  caseOf,
  distinct,
  isCalmOnly,
  longWays,
  randomItems,
  spread,
  wayOfMessages,
  waysOver,
} from './actor-cases.ts'
import type { Feed } from './actor-cases.ts'
import { runActors } from './actor-scenario.ts'
import type { ActorItem, ActorPlan } from './actor-scenario.ts'
import { waysThrough } from './actor-walk.ts'
import type { Walked, Way } from './actor-walk.ts'
import { nowMs, replayWord, simulating } from './ambient.ts'
import { cases } from './arbitraries.ts'
import type { Case } from './arbitraries.ts'
import type { ActorReport, CheckActorOptions, Checkable } from './check-actor-options.ts'
import { sameJson } from './compare.ts'
import { CheckUsageError } from './errors.ts'
import { failedCheck } from './failed-check.ts'
import { judge } from './judge.ts'
import type { Verdict } from './judge.ts'
import { EffectMemory } from './lost-effects.ts'
import type { Mishap } from './mishap.ts'
import { checkActorOptions } from './option-rules.ts'
import { changedTwice, ownerless, sharedKey, unconfirmedCall } from './outside-checkers.ts'
import { failuresOf, pointsOf, readPoint, spellPoint } from './points.ts'
import type { Point } from './points.ts'
import { PureWorld } from './pure-world.ts'
import { runCheck, seedOf } from './run-check.ts'
import type { RunResult, RunSettings } from './scenario.ts'
import { builtInInvariants } from './telling.ts'
import { withTraps } from './turn-traps.ts'
import { wordsOf } from './words.ts'
import type { World } from './world.ts'

const KEYS = ['a', 'b'] as const
const DEATHS = 300
const TIME_LIMIT_MS = 20_000
/** The part of the time that the ways may take. */
const WAYS_SHARE = 0.5
/** The part that deaths along them have, however long it took to go them. */
const DEATHS_SHARE = 0.2
const EVENTS_TRIED = 40
const CALM = 'calm'
/** Longer than what code usually leaves to a timer in memory. */
const LINGER_MS = 61_000

/**
 * Runs durable actors on the real runtime, over a simulated disk and clock, and lets everything go wrong that can:
 * deaths at each system call along the shortest ways through the machine, and at random along random events, power cuts,
 * failing disks, jumping clocks. Rejects with a report when a guarantee is broken, by the library or by the actor: by a
 * turn that changes its state in place, asks the clock or chance, acts on the world, or remembers something of its own.
 *
 * @param checked - a definition; several, of which the first is sent the events; or a function that makes them in each
 *   life of the process, from a world with doubles of your services
 * @throws CheckFailedError with the report; InvalidOptionError, CheckUsageError when the check itself is wrong.
 * @example
 * await checkActor(account, { events: fc.oneof(deposit, withdraw), invariant: (s) => s.context.balance >= 0 })
 */
export async function checkActor<Types extends ActorTypes>(
  checked: Checkable<Types>,
  options: CheckActorOptions<Types>,
): Promise<ActorReport> {
  checkActorOptions(options)
  const check = new ActorCheck(checked, options as unknown as CheckActorOptions<ActorTypes>)
  return simulating(() => withTraps(() => check.run()))
}

class ActorCheck {
  readonly #options: CheckActorOptions<ActorTypes>
  readonly #plan: ActorPlan
  readonly #title: string
  readonly #definition: string
  readonly #seed: number
  readonly #facts = new WeakMap<RunResult, ActorFacts>()
  readonly #memory = new EffectMemory()
  readonly #events: fc.Arbitrary<TypedEvent>
  readonly #feeds: readonly Feed[]
  readonly #dry: RunResult[] = []
  #walked: Walked = { ways: [], faults: [] }
  #deaths = 0
  #leftOut = 0
  #crashes = 0
  #runs = 0

  constructor(checked: Checkable<ActorTypes>, options: CheckActorOptions<ActorTypes>) {
    const make = makerOf(checked)
    const first = make(new PureWorld().world())[0]
    if (first === undefined) throw new InvalidOptionError('checkActor: there is no definition to check')
    this.#options = options
    this.#definition = first.name
    this.#title = options.title ?? `actor '${first.name}'`
    this.#seed = seedOfWord(options.replay ?? replayWord(this.#title)) ?? seedOf(options)
    this.#events = arbitraryOf<TypedEvent>(options.events as readonly TypedEvent[])
    this.#feeds = feedsOf(options, make(new PureWorld().world()))
    this.#plan = {
      make,
      older: olderOf(options, first),
      topics: new Map(this.#feeds.map(({ topic }) => [topic.name, topic])),
      keys: options.keys ?? KEYS,
      input: options.input,
      invariant: invariantOf(options, first.name),
    }
  }

  async run(): Promise<ActorReport> {
    const beganMs = nowMs()
    const replay = this.#options.replay ?? replayWord(this.#title)
    const { ways, faults } = this.#ways()
    this.#walked = { ways, faults }
    const isWay = replay?.startsWith('way:') === true
    for (const [number, way] of ways.entries())
      await this.#goCalmly(way, number, isWay || replay !== undefined)
    if (replay === undefined) await this.#walk(ways, beganMs)
    if (isWay) await this.#replay(replay, ways)
    await this.#tellOfWays()
    const report = await this.#search(nowMs() - beganMs, replay)
    const elapsedMs = Math.round(nowMs() - beganMs)
    return {
      ...report,
      elapsedMs,
      ways: ways.length,
      deaths: this.#deaths,
      deathsLeftOut: this.#leftOut,
    }
  }

  #ways(): Walked {
    const events = fc.sample(this.#events, { seed: this.#seed, numRuns: EVENTS_TRIED })
    const [first] = this.#plan.make(new PureWorld().world())
    if (first === undefined) return { ways: [], faults: [] }
    const older = this.#plan.older?.(new PureWorld().world())
    const { ways, faults } = waysThrough((older ?? first).logic, distinct(events), this.#options.input)
    const gone = older === undefined ? ways : waysOver(ways, events)
    const all = [...gone, ...wayOfMessages(this.#feeds, this.#seed), ...longWays(events)]
    return { ways: all, faults: older === undefined ? faults : [] }
  }

  /** What promises do when nothing goes wrong is learnt here, also for a replay, which judges nothing but its case. */
  async #goCalmly(way: Way, number: number, isQuiet: boolean): Promise<void> {
    if (!isQuiet) this.#dry.push(await this.#go(way, number, undefined))
    else this.#dry.push(await this.#trial(this.#caseOf(way), calm(), LINGER_MS))
    const dry = this.#dry.at(-1)
    const facts = dry === undefined ? undefined : this.#facts.get(dry)
    if (dry !== undefined && facts !== undefined) this.#memory.learn(facts, dry)
  }

  async #walk(ways: readonly Way[], beganMs: number): Promise<void> {
    const { deaths = DEATHS, timeLimitMs = TIME_LIMIT_MS } = this.#options
    const untilMs = Math.max(beganMs + timeLimitMs * WAYS_SHARE, nowMs() + timeLimitMs * DEATHS_SHARE)
    const all = this.#dry.flatMap((dry, way) =>
      isCalmOnly(ways[way]) ? [] : this.#pointsOf(dry).map((point) => ({ ...point, way })),
    )
    const chosen = spread(all, deaths)
    for (const { way, mishap, step } of chosen) {
      if (nowMs() > untilMs) break
      await this.#go(ways[way] ?? [], way, { step, mishap })
      this.#deaths += 1
    }
    this.#leftOut = all.length - this.#deaths
  }

  #pointsOf(dry: RunResult): Point[] {
    const { faults = {} } = this.#options
    if (faults === false) return []
    const failures = faults.effects === false ? [] : failuresOf(dry)
    const isAllowed = ({ mishap }: Point): boolean =>
      mishap.do !== 'crash' || mishap.death.kind === 'kill' || faults.tornWrites !== false
    return [...failures, ...(faults.crash === false ? [] : pointsOf(dry).filter(isAllowed))]
  }

  async #replay(word: string, ways: readonly Way[]): Promise<void> {
    const match = /^way:(\d+):(\d+):(.*)$/.exec(word)
    const way = ways[Number(match?.[2])]
    if (match === null || Number(match[1]) !== this.#seed || way === undefined)
      throw new CheckUsageError(`replay must be a word that a report of this check printed; it is '${word}'`)
    const point = match[3] ?? ''
    await this.#go(way, Number(match[2]), point === CALM ? undefined : readPoint(point))
  }

  /** Code that gave two results for one event while the ways were looked for, and never again since. */
  async #tellOfWays(): Promise<void> {
    const { ways, faults } = this.#walked
    const [fault] = faults
    if (fault === undefined) return
    const at = Math.max(
      0,
      ways.findIndex((way) => JSON.stringify(way).startsWith(JSON.stringify(fault.way).slice(0, -1))),
    )
    const { history, terms } = await this.#trial(this.#caseOf(ways[at] ?? fault.way), calm())
    const violation = { invariant: fault.invariant, text: fault.text, events: [history.length - 1] }
    throw this.#failed({ violation, history, terms, reference: undefined }, `way:${this.#seed}:${at}:${CALM}`)
  }

  /** Goes a way, and throws what it broke. */
  async #go(way: Way, number: number, point: Point | undefined): Promise<RunResult> {
    const item = this.#caseOf(way)
    const mishapAt = (step: number): Mishap | undefined => (step === point?.step ? point.mishap : undefined)
    const settings = { ...calm(), mishapAt }
    const isCalm = point === undefined
    const lingerMs = isCalm ? LINGER_MS : undefined
    const result = await this.#trial(item, settings, lingerMs)
    this.#runs += 1
    this.#crashes += result.crashes
    const verdict = await judge(result, {
      ...{ invariants: this.#invariants(), equal: sameJson, own: new Set<string>() },
      first: () => this.#judgeCode(result),
      more: () => this.#judge(result),
      reference: undefined,
      again: () => this.#trial(item, settings, lingerMs),
      isTwice: false,
    })
    // Code that remembers something makes another state than the pure run does.
    if (verdict !== undefined && Object.hasOwn(hostInvariants, verdict.violation.invariant))
      await this.#tellOfWays()
    if (verdict !== undefined)
      throw this.#failed(
        verdict,
        `way:${this.#seed}:${number}:${point === undefined ? CALM : spellPoint(point)}`,
      )
    return result
  }

  #failed(verdict: Verdict, replay: string): Error {
    const { invariants = [], pictures } = this.#options
    return failedCheck(verdict, {
      ...{ name: 'checkActor', title: this.#title, invariants, pictures, replay },
      counts: { runs: this.#runs, crashes: this.#crashes, faults: 0, messages: 0, handlerRuns: 0 },
      shrinking: { tried: 0, isCutShort: false },
    })
  }

  #caseOf(way: Way): Case<ActorItem> {
    return caseOf(way, this.#plan.keys[0] ?? 'a', this.#definition)
  }

  #invariants(): readonly Verdictable[] {
    return [...builtInInvariants, ...(this.#options.invariants ?? [])]
  }

  async #trial(item: Case<ActorItem>, settings: RunSettings, lingerMs?: number): Promise<RunResult> {
    const plan = lingerMs === undefined ? this.#plan : { ...this.#plan, lingerMs }
    const result = await runActors(plan, item, settings)
    this.#facts.set(result, result.facts)
    return result
  }

  #judgeCode(result: RunResult): Violation | undefined {
    const facts = this.#facts.get(result)
    return facts === undefined
      ? undefined
      : (judgeCode(facts) ?? ownerless(result) ?? unconfirmedCall(result))
  }

  #judge(result: RunResult): Violation | undefined {
    const facts = this.#facts.get(result)
    if (facts === undefined) return undefined
    return judgeActors(facts) ?? this.#memory.lost(facts, result) ?? changedTwice(result) ?? sharedKey(result)
  }

  #items(): fc.Arbitrary<ActorItem> {
    const isUpgraded = this.#plan.older !== undefined
    return randomItems({
      ...{ definition: this.#definition, keys: this.#plan.keys, events: this.#events },
      ...{ feeds: this.#feeds, isUpgraded },
    })
  }

  #search(spentMs: number, replay: string | undefined): ReturnType<typeof runCheck> {
    const { faults = {}, timeLimitMs = TIME_LIMIT_MS } = this.#options
    return runCheck({
      name: 'checkActor',
      title: this.#title,
      options: {
        ...this.#options,
        seed: this.#seed,
        timeLimitMs: Math.max(1, Math.round(timeLimitMs - spentMs)),
        ...(replay !== undefined && { replay }),
      },
      cases: cases(this.#items(), faults),
      equal: sameJson,
      own: new Set(),
      // Effects may ask the clock and chance; that turns do not is looked at by itself.
      isDecided: false,
      run: (item, settings) => this.#trial(item, settings),
      first: (result) => this.#judgeCode(result),
      more: (result) => this.#judge(result),
      counted: (result) => countsOf(this.#facts.get(result)),
      reference: undefined,
    })
  }
}

/** A way is found again by the seed of its report. */
function seedOfWord(replay: string | undefined): number | undefined {
  const word = /^(?:way:)?(\d+):/.exec(replay ?? '')?.[1]
  return word === undefined ? undefined : Number(word)
}

/** Events that were sent, and turns that are on disk. */
function countsOf(facts: ActorFacts | undefined): Pick<CheckCounts, 'messages' | 'handlerRuns'> {
  const turns = [...(facts?.pure.values() ?? [])].reduce((sum, actor) => sum + actor.turns.length, 0)
  return { messages: facts?.posted.length ?? 0, handlerRuns: turns }
}

type Verdictable = (typeof builtInInvariants)[number]

function makerOf(checked: Checkable<ActorTypes>): ActorPlan['make'] {
  return (world: World) => {
    const made = typeof checked === 'function' ? checked(world) : checked
    const all = (Array.isArray(made) ? made : [made]) as readonly ActorDefinition[]
    for (const one of all) demandDefinition(one)
    return all
  }
}

/** @throws InvalidOptionError where no definition subscribes to a topic. */
function feedsOf(
  { messages = [] }: CheckActorOptions<ActorTypes>,
  definitions: readonly ActorDefinition[],
): Feed[] {
  const subscribed = new Set<unknown>(
    definitions.flatMap(({ subscriptions }) => subscriptions.map(({ topic }) => Reflect.get(topic, 'name'))),
  )
  return messages.map(({ topic, values }) => {
    if (subscribed.has(topic.name))
      return { topic: topic as unknown as Topic<unknown>, values: arbitraryOf(values) }
    throw new InvalidOptionError(
      `checkActor: messages are to be sent to topic '${topic.name}', to which no definition subscribes`,
    )
  })
}

/** @throws InvalidOptionError where there is nothing to upgrade. */
function olderOf({ upgradeFrom }: CheckActorOptions<ActorTypes>, first: ActorDefinition): ActorPlan['older'] {
  if (upgradeFrom === undefined) return undefined
  const make = (world: World): ActorDefinition => {
    const made = typeof upgradeFrom === 'function' ? upgradeFrom(world) : upgradeFrom
    demandDefinition(made)
    return made as ActorDefinition
  }
  const { name, logic } = make(new PureWorld().world())
  if (name !== first.name)
    throw new InvalidOptionError(
      `checkActor: upgradeFrom is '${name}', and what is checked is '${first.name}'`,
    )
  if (logic.version !== first.logic.version || logic.hash !== first.logic.hash) return make
  throw new InvalidOptionError(
    `checkActor: upgradeFrom has the version of what is checked, ${logic.version}: raise the version of the new one`,
  )
}

function demandDefinition(one: unknown): void {
  const logic: unknown = typeof one === 'object' && one !== null ? Reflect.get(one, 'logic') : undefined
  if (typeof logic === 'object' && logic !== null) return
  throw new InvalidOptionError(
    'checkActor: give a definition that defineActor made, a list of them, or a function that makes them',
  )
}

function invariantOf({ invariant }: CheckActorOptions<ActorTypes>, first: string): ActorPlan['invariant'] {
  return (view, actor, key) => {
    if (invariant === undefined || actor !== first) return undefined
    try {
      return invariant(view, { key }) === false ? '' : undefined
    } catch (error) {
      return ` (${wordsOf(error)})`
    }
  }
}
