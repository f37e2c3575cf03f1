/**
 * The producer machine around a window, sends and a disk that refuses at random.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { createRunner, perform, producerMachine } from '../../../actors/index.ts'
import type { ActionTable, ProducerEvent } from '../../../actors/index.ts'
import { valueName } from '../../support/machine-table.ts'

type Step = 'send' | 'confirm' | 'expire' | 'refuse' | 'space' | 'fence' | 'fail' | 'close'

const windowCount = 3

/** A window as the runtime keeps it: the machine is told only when it is reached and when it has room again. */
class World {
  readonly runner = createRunner(producerMachine)
  readonly said: string[] = []
  readonly rejected: string[] = []
  waiting = 0
  inFlight = 0
  confirmed = 0
  expired = 0
  admits = true
  refuses = false
  #full = false

  readonly #table: ActionTable<typeof producerMachine> = {
    admitWaiting: () => (this.admits = true),
    holdAdmission: () => (this.admits = false),
    rejectWaiting: ({ why }) => {
      for (; this.waiting > 0; this.waiting--) this.rejected.push(why)
    },
    announceStalled: ({ cause }) => this.said.push(cause),
    announceFlowing: () => this.said.push('flowing'),
    unexpected: ({ event }) => assert.fail(`${event} in ${this.state}`),
  }

  get state(): string {
    return valueName(this.runner.snapshot.value)
  }

  get isOver(): boolean {
    return ['fenced', 'broken', 'closed'].includes(this.state)
  }

  send(event: ProducerEvent): void {
    perform(this.#table, this.runner.step(event))
    this.#admit()
  }

  take(step: Step): void {
    if (step === 'send') this.#arrive()
    if (step === 'confirm') this.#confirm()
    if (step === 'expire') this.#expire()
    if (step === 'refuse') this.#refuse()
    if (step === 'space') this.#space()
    if (step === 'fence') this.send({ type: 'FENCED' })
    if (step === 'fail') this.send({ type: 'FAILED' })
    if (step === 'close') this.send({ type: 'CLOSE' })
  }

  #arrive(): void {
    // The door of the runtime: no new send once the producer is closing or over.
    if (this.isOver || this.state === 'closing') return
    this.waiting += 1
    this.#admit()
  }

  #admit(): void {
    while (this.admits && this.waiting > 0 && !this.isOver && this.inFlight < windowCount) {
      this.waiting -= 1
      this.inFlight += 1
    }
    if (this.inFlight < windowCount || this.#full) return
    this.#full = true
    this.send({ type: 'FILLED' })
  }

  #confirm(): void {
    if (this.inFlight === 0 || this.refuses) return
    this.inFlight -= 1
    this.confirmed += 1
    this.send({ type: 'ACCEPTED' })
    this.#makeRoom()
  }

  /** The deadline of a send ends, which frees its place in every state. */
  #expire(): void {
    if (this.inFlight === 0) return
    this.inFlight -= 1
    this.expired += 1
    this.#makeRoom()
  }

  #makeRoom(): void {
    if (!this.#full || this.inFlight >= windowCount) return
    this.#full = false
    this.send({ type: 'ROOM' })
  }

  #refuse(): void {
    this.refuses = true
    this.send({ type: 'REFUSED', code: 'disk-full' })
  }

  #space(): void {
    this.refuses = false
    this.send({ type: 'ACCEPTED' })
  }
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 10, arbitrary: fc.constant<Step>('send') },
    { weight: 8, arbitrary: fc.constant<Step>('confirm') },
    { weight: 3, arbitrary: fc.constantFrom<Step>('refuse', 'space', 'expire') },
    { weight: 1, arbitrary: fc.constantFrom<Step>('fence', 'fail', 'close') },
  ),
  { size: '+1', maxLength: 80 },
)

function run(list: readonly Step[]): World {
  const world = new World()
  for (const step of list) {
    const held = !world.admits
    const before = world.inFlight
    world.take(step)
    const admitted = world.inFlight - before
    if (step === 'send' && held) assert.ok(admitted <= 0, `nothing is admitted in ${world.state}`)
    assert.ok(world.inFlight <= windowCount)
  }
  return world
}

/** Confirms until nothing is under way. */
function settle(world: World): void {
  world.take('space')
  for (let turn = 0; turn < 200 && world.inFlight > 0; turn++) world.take('confirm')
}

describe('producerMachine', () => {
  it('PM1: what is sent while storage refuses or the window is full waits, and is admitted later', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const kept = list.filter((step) => !['fence', 'fail', 'close'].includes(step))
        const world = run(kept)
        settle(world)
        assert.equal(world.confirmed + world.expired, kept.filter((step) => step === 'send').length)
        assert.deepEqual([world.state, world.waiting, world.rejected], ['open', 0, []])
      }),
    )
  })

  it('PM1: while storage refuses nothing is admitted, though the window has room', () => {
    const world = run(['send', 'refuse', 'send', 'send'])
    assert.deepEqual([world.state, world.inFlight, world.waiting], ['backingOff.roomy', 1, 2])
    assert.deepEqual(world.said, ['disk-full'])
    world.take('space')
    assert.deepEqual([world.state, world.inFlight, world.said], ['waiting', 3, ['disk-full', 'flowing']])
  })

  it('PM2: a window that was full when storage refused is full when it accepts again', () => {
    const world = run(['send', 'send', 'send', 'send', 'refuse', 'space'])
    assert.deepEqual([world.state, world.inFlight, world.waiting], ['waiting', 3, 1])
  })

  it('PM2: room that comes while storage refuses is used when it accepts again', () => {
    const world = run(['send', 'send', 'send', 'send', 'refuse', 'expire'])
    assert.deepEqual([world.state, world.inFlight, world.waiting], ['backingOff.roomy', 2, 1])
    world.take('space')
    assert.deepEqual([world.state, world.inFlight, world.waiting], ['waiting', 3, 0])
  })

  it('PM3: on every way out what waits is rejected by the name of the way', () => {
    const full: Step[] = ['send', 'send', 'send', 'send']
    assert.deepEqual(run([...full, 'fence']).rejected, ['fenced'])
    assert.deepEqual(run([...full, 'fail']).rejected, ['broken'])
    assert.deepEqual(run([...full, 'refuse', 'close']).rejected, ['disk-full'])
    assert.deepEqual(run([...full, 'close', 'refuse']).rejected, ['disk-full'])
    assert.deepEqual(run([...full, 'close', 'fence']).rejected, ['fenced'])
  })

  it('PM3: whatever happened, nothing waits once the producer is over', () => {
    fc.assert(
      fc.property(steps, fc.constantFrom<Step>('fence', 'fail'), (list, end) => {
        const world = run([...list, end, 'close'])
        assert.deepEqual([world.state, world.waiting], ['closed', 0])
      }),
    )
  })

  it('PM4: sends that wait when it closes are still admitted, and then it ends', () => {
    const world = run(['send', 'send', 'send', 'send', 'send', 'close', 'send'])
    assert.deepEqual([world.state, world.waiting], ['closing', 2])
    settle(world)
    assert.deepEqual([world.confirmed, world.rejected], [5, []])
    world.send({ type: 'DRAINED' })
    assert.equal(world.state, 'closed')
  })

  it('a refusal is told under its own code, and the end has its mark', () => {
    const world = new World()
    // There is one code so far; another one must not be told as that.
    const code = 'too-slow' as 'disk-full'
    world.send({ type: 'REFUSED', code })
    assert.deepEqual(world.said, [code])
    world.waiting = 1
    world.send({ type: 'CLOSE' })
    assert.deepEqual(world.rejected, [code])
    assert.ok(!world.runner.snapshot.hasTag('final'))
    world.send({ type: 'DRAINED' })
    assert.ok(world.runner.snapshot.hasTag('final'))
  })
})
