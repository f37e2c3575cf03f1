/**
 * The broker machine among messages, acknowledgements and a disk that answers at random.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { brokerMachine, createRunner, perform } from '../../../actors/index.ts'
import type { ActionTable, BrokerEvent, CommitScope } from '../../../actors/index.ts'
import { valueName } from '../../support/machine-table.ts'

type Kind = 'message' | 'event'
type Step = Kind | 'answer' | 'refuse' | 'refuse events' | 'fail' | 'fence' | 'timer' | 'late' | 'close'

interface Item {
  readonly kind: Kind
  readonly number: number
}

const empty: BrokerEvent = { type: 'COMMITTED', more: false }

/** Carries out what the machine asks, as the runtime has to, and notes what becomes of each item. */
class World {
  readonly runner = createRunner(brokerMachine)
  readonly settled = new Map<number, string>()
  readonly said: string[] = []
  gathered: Item[] = []
  commit: { readonly scope: CommitScope; readonly items: Item[] } | undefined
  timer = false
  releasing = false
  #count = 0
  readonly #answers: BrokerEvent[] = []

  readonly #table: ActionTable<typeof brokerMachine> = {
    commit: ({ scope }) => this.#begin(scope),
    confirm: () => this.#settle(this.#take(), 'confirmed'),
    armRetry: () => (this.timer = true),
    disarmRetry: () => (this.timer = false),
    announceFull: () => this.said.push('full'),
    announceSpace: () => this.said.push('space'),
    announceStalled: ({ cause }) => this.said.push(`stalled ${cause}`),
    announceBroken: ({ why }) => this.said.push(why),
    failPending: ({ why }) => this.#settle([...this.#take(), ...this.gathered.splice(0)], why),
    release: () => {
      assert.equal(this.releasing, false, 'ownership ends once')
      this.releasing = true
    },
    unexpected: ({ event }) => assert.fail(`${event} in ${this.state}`),
  }

  get state(): string {
    return valueName(this.runner.snapshot.value)
  }

  get isDead(): boolean {
    return ['broken', 'fenced', 'releasing', 'closed'].includes(this.state)
  }

  add(kind: Kind): void {
    this.gathered.push({ kind, number: this.#count++ })
    this.send({ type: 'WORK' })
  }

  send(event: BrokerEvent): void {
    perform(this.#table, this.runner.step(event))
    const answer = this.#answers.shift()
    if (answer !== undefined) this.send(answer)
  }

  /** The commit in flight has come to its end. */
  answer(outcome: 'durable' | 'refused' | 'failed' | 'fenced'): void {
    const { commit } = this
    if (commit === undefined) return
    if (outcome === 'failed') return this.send({ type: 'FAILED', reason: 'EIO' })
    if (outcome === 'fenced') return this.send({ type: 'FENCED' })
    if (outcome === 'durable') return this.send({ type: 'COMMITTED', more: this.#has(commit.scope) })
    this.gathered.unshift(...this.#take())
    this.send({ type: 'REFUSED', code: 'disk-full' })
  }

  fire(): void {
    if (!this.timer) return
    this.timer = false
    this.send({ type: 'RETRY' })
  }

  /** Ends whatever is under way, on a disk with space. */
  finish(): void {
    for (let turn = 0; turn < 20 && !this.releasing; turn++) {
      this.answer('durable')
      this.fire()
    }
  }

  #begin(scope: CommitScope): void {
    assert.equal(this.commit, undefined, 'one commit at a time')
    assert.equal(this.releasing, false, 'no commit after the end of ownership')
    const items = this.gathered.filter(({ kind }) => scope === 'all' || kind === 'event')
    this.gathered = this.gathered.filter((item) => !items.includes(item))
    if (items.length === 0) this.#answers.push(empty)
    else this.commit = { scope, items }
  }

  #has(scope: CommitScope): boolean {
    return this.gathered.some(({ kind }) => scope === 'all' || kind === 'event')
  }

  #take(): Item[] {
    const items = this.commit?.items ?? []
    this.commit = undefined
    return items
  }

  #settle(items: readonly Item[], how: string): void {
    for (const { number } of items) {
      assert.equal(this.settled.has(number), false, `item ${number} is settled once`)
      this.settled.set(number, how)
    }
  }
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom<Step>('message', 'event') },
    { weight: 8, arbitrary: fc.constant<Step>('answer') },
    { weight: 4, arbitrary: fc.constantFrom<Step>('refuse', 'refuse events', 'timer') },
    { weight: 1, arbitrary: fc.constantFrom<Step>('fail', 'fence', 'late', 'close') },
  ),
  { size: '+1', maxLength: 80 },
)

function take(world: World, step: Step): void {
  switch (step) {
    case 'message':
    case 'event':
      return world.add(step)
    case 'answer':
      return world.answer('durable')
    case 'refuse':
      // A full disk takes events from its reserve.
      return world.answer(world.commit?.scope === 'events' ? 'durable' : 'refused')
    case 'refuse events':
      return world.answer('refused')
    case 'fail':
      return world.answer('failed')
    case 'fence':
      return world.answer('fenced')
    case 'timer':
      return world.fire()
    case 'late':
      return world.send({ type: 'OVERDUE' })
    case 'close':
      return world.send({ type: 'CLOSE' })
  }
}

function run(list: readonly Step[]): World {
  const world = new World()
  for (const step of list) {
    const wasDead = world.isDead
    const confirmed = [...world.settled.values()].filter((how) => how === 'confirmed').length
    take(world, step)
    if (!wasDead) continue
    assert.equal(world.commit, undefined, `no commit in ${world.state}`)
    const after = [...world.settled.values()].filter((how) => how === 'confirmed').length
    assert.equal(after, confirmed, `nothing is confirmed in ${world.state}`)
  }
  return world
}

describe('brokerMachine', () => {
  it('BM1, BM4: never two commits at once, and none and no confirmation after a failure or a fence', () => {
    fc.assert(fc.property(steps, (list) => void run(list)))
  })

  it('BM2: on a disk with space everything gathered is confirmed in the end, without a close', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const world = run(list.filter((step) => !['fail', 'fence', 'close'].includes(step)))
        world.finish()
        assert.deepEqual([world.state, world.gathered.length, world.timer], ['idle', 0, false])
        assert.ok([...world.settled.values()].every((how) => how === 'confirmed'))
      }),
    )
  })

  it('BM3: while the disk is full every acknowledgement is confirmed without a probe; messages wait', () => {
    const world = run(['message', 'refuse', 'event', 'answer', 'message', 'event', 'answer'])
    assert.equal(world.state, 'full.waiting')
    assert.deepEqual(
      [...world.settled],
      [
        [1, 'confirmed'],
        [3, 'confirmed'],
      ],
    )
    assert.deepEqual([world.gathered.length, world.timer, world.said], [2, true, ['full']])
    take(world, 'timer')
    assert.equal(world.commit?.scope, 'all')
    take(world, 'answer')
    assert.deepEqual([world.state, world.settled.size, world.said], ['idle', 4, ['full', 'space']])
  })

  it('BM3: a steady flow of acknowledgements does not put the probe off', () => {
    const world = run(['message', 'refuse', 'event', 'timer', 'event', 'answer'])
    assert.deepEqual([world.state, world.commit?.scope], ['full.probing', 'all'])
  })

  it('BM5: CLOSE ends in closed whatever the disk does, and every item is settled exactly once', () => {
    fc.assert(
      fc.property(steps, steps, (before, after) => {
        const world = run([...before, 'close', ...after])
        world.finish()
        // Broken or fenced before the close: the close has released; later work is rejected at once.
        assert.equal(world.releasing, true)
        world.send({ type: 'RELEASED' })
        world.add('message')
        assert.equal(world.state, 'closed')
        assert.deepEqual([world.gathered.length, world.commit, world.timer], [0, undefined, false])
      }),
    )
  })

  it('waits longer after each refused probe, and forgets the refusals when there is space', () => {
    const runner = createRunner(brokerMachine)
    const refused: BrokerEvent = { type: 'REFUSED', code: 'disk-full' }
    const way: BrokerEvent[] = [{ type: 'WORK' }, refused, empty, { type: 'RETRY' }, refused, empty]
    const attempts = [...way, ...way]
      .toSpliced(6, 0, { type: 'RETRY' }, empty)
      .flatMap((event) => runner.step(event))
      .flatMap((action) => (action.type === 'armRetry' ? [action.params.attempt] : []))
    assert.deepEqual(attempts, [1, 2, 1, 2])
  })

  it('BM1: a state is marked as committing exactly while a commit is in flight', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const world = new World()
        for (const step of list) {
          take(world, step)
          const marked = world.runner.snapshot.hasTag('committing')
          assert.equal(marked, world.commit !== undefined, world.state)
        }
      }),
    )
  })

  it('BM5: the end has its mark, and a refusal is told under its own code', () => {
    // There is one code so far; another one must not be told as that.
    const code = 'too-slow' as 'disk-full'
    const runner = createRunner(brokerMachine)
    runner.step({ type: 'WORK' })
    const told = runner.step({ type: 'REFUSED', code }).filter(({ type }) => type === 'announceFull')
    assert.deepEqual(told, [{ type: 'announceFull', params: { code } }])
    runner.step({ type: 'FENCED' })
    runner.step({ type: 'CLOSE' })
    assert.ok(!runner.snapshot.hasTag('final'))
    runner.step({ type: 'RELEASED' })
    assert.ok(runner.snapshot.hasTag('final'))
  })
})
