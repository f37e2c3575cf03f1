/**
 * Loops under check: for which message their code works, when their runs end, and what they may not give up.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { abandoned } from '../../kit/abandoned.ts'
import { simulating } from '../../kit/ambient.ts'
import { Simulation } from '../../kit/simulation.ts'
import { quiet, scenarioOf } from '../../kit/simulate.ts'
import type { RunResult } from '../../kit/scenario.ts'
import type { Consumer, Message } from '../../../runtime/index.ts'
import type { Mishap, World } from '../../index.ts'
import { handlerDies, numbersTopic, runRig } from '../../support/kit-rig.ts'

type Loop = (consumer: Consumer<number>, world: World) => Promise<unknown>

const failing = (how: 'fails' | 'slow'): Mishap => ({ do: 'effect', nth: 1, how })

function run(loop: Loop, more: Partial<Parameters<typeof runRig>[0]> = {}): Promise<RunResult> {
  const start = (world: World): { loop: (consumer: Consumer<number>) => unknown } => ({
    // As in a process of its own, nobody waits for it.
    loop: (consumer) => void loop(consumer, world),
  })
  return simulating(() => runRig({ start, steps: [[1, 2, 3]], concurrency: 4, ...more }))
}

/** What was called, and for the message of which value. */
function owners({ notes }: RunResult): string[] {
  return notes.effects.map(({ run: number, value }) => `${value} for ${notes.runs.get(number ?? -1)?.value}`)
}

const ends = ({ history }: RunResult): string[] =>
  history.flatMap((event) => (event.kind === 'ended' ? [event.how] : []))
const mail = (world: World, value: unknown): Promise<unknown> => world.outside('mail').call(value)
const all = ['1 for 1', '2 for 2', '3 for 3']

describe('RL1: code works for the message', () => {
  it('that its loop took last, also after other promises and timers', async () => {
    const result = await run(async (consumer, world) => {
      for await (const message of consumer) {
        const { value } = message
        await world.sleep(5)
        await new Promise((resolve) => globalThis['setTimeout'](resolve, 20))
        await mail(world, value)
        await message.ack()
      }
    })
    assert.deepEqual(owners(result), all)
  })

  it('that it was begun for, though the loop has gone on', async () => {
    const result = await run(async (consumer, world) => {
      const work = async (message: Message<number>): Promise<void> => {
        await world.sleep(40 - 10 * message.value)
        await mail(world, message.value)
        await message.ack()
      }
      for await (const message of consumer) void work(message)
    })
    assert.deepEqual(owners(result).toSorted(), all)
  })

  it('that it looks at, out of a batch or behind a generator', async () => {
    const batched = await run(async (consumer, world) => {
      const batch: Message<number>[] = []
      for await (const message of consumer) {
        // The third has the key of the first, and comes when that is done.
        if (batch.push(message) < 2 && message.value < 3) continue
        const work = batch.splice(0)
        for (const each of work) await mail(world, each.value)
        for (const each of work) await each.ack()
      }
    })
    assert.deepEqual(owners(batched).toSorted(), all)
    const piped = await run(async (consumer, world) => {
      async function* odd(): AsyncGenerator<Message<number>> {
        for await (const message of consumer) yield message
      }
      for await (const message of odd()) {
        await mail(world, message.value)
        await message.ack()
      }
    })
    assert.deepEqual(owners(piped).toSorted(), all)
  })

  it('of nobody, beside the loop and after its end', async () => {
    const result = await run(async (consumer, world) => {
      const beside = world.sleep(30).then(() => mail(world, 'beside'))
      for await (const message of consumer) {
        await message.ack()
        if (message.value === 3) break
      }
      await mail(world, 'after')
      await beside
    })
    assert.deepEqual(owners(result).toSorted(), ['"after" for undefined', '"beside" for undefined'])
  })
})

describe('RL2: the run of a message in a loop', () => {
  it('ends where the loop has settled it and goes on', async () => {
    const result = await run(async (consumer) => {
      for await (const message of consumer) await message.ack()
    })
    assert.deepEqual(ends(result), ['went-on', 'went-on', 'went-on'])
  })

  it('goes on as long as it is not settled, to the end of its lease or of the loop', async () => {
    const late = await run(async (consumer, world) => {
      for await (const message of consumer) void world.sleep(1_000).then(() => message.ack())
    })
    assert.deepEqual(ends(late), ['went-on', 'went-on', 'went-on'])
    const left = await run(async (consumer) => {
      for await (const message of consumer) if (message.value === 2) break
    })
    assert.deepEqual(ends(left), ['left', 'left'])
    const forgotten = await run(async (consumer) => {
      for await (const message of consumer) if (message.attempt > 1) await message.ack()
    })
    assert.deepEqual(ends(forgotten).slice(0, 2), ['overdue', 'overdue'])
  })

  it('may be where its process dies', async () => {
    const once: Loop = async (consumer) => {
      for await (const message of consumer) await message.ack()
    }
    for (const [nth, where] of [
      [1, 'as a loop had taken a message'],
      [2, 'as a loop asked for its next message'],
    ] as const) {
      const { history } = await run(once, { mishaps: { 0: handlerDies(nth) } })
      assert.equal(history.find((event) => event.kind === 'crashed')?.call, where)
    }
  })
})

describe('what a process gives up', () => {
  const nameOf = async (loop: Loop, mishap?: Mishap): Promise<string | undefined> =>
    abandoned(await run(loop, mishap === undefined ? {} : { mishaps: { 0: mishap } }))?.invariant
  const crashing: Loop = async (consumer, world) => {
    for await (const message of consumer) {
      await mail(world, message.value)
      await message.ack()
    }
  }
  const throwing: Loop = async (consumer) => {
    for await (const message of consumer) throw new RangeError(`not ${message.value}`)
  }

  it('AB1: an error that nobody catches is accused where nothing else went wrong, or where it has no end', async () => {
    assert.equal(await nameOf(crashing), undefined)
    assert.equal(await nameOf(crashing, failing('fails')), undefined)
    assert.equal(await nameOf(throwing), 'uncaught-error')
    assert.equal(await nameOf(throwing, { do: 'clock-jump', ms: 1_000 }), 'uncaught-error')
  })

  it('AB1: a lease that is over is accused where nothing held the loop up', async () => {
    const late =
      (ms: number): Loop =>
      async (consumer, world) => {
        for await (const message of consumer) {
          await mail(world, message.value)
          await world.sleep(ms)
          await message.ack().catch(() => {})
        }
      }
    assert.equal(await nameOf(late(40_000)), 'left-behind')
    assert.equal(await nameOf(late(15_000)), undefined)
    assert.equal(await nameOf(late(15_000), failing('slow')), undefined)
  })

  it('AB2: a consumer that is made and never run is told so, unless another of its group runs', async () => {
    const made: Loop = async () => {}
    assert.equal(await nameOf(made), 'left-behind')
  })

  it('AB2: a loop may end when nothing waits for it, or another goes on', async () => {
    const until =
      (last: number): Loop =>
      async (consumer) => {
        for await (const message of consumer) {
          await message.ack()
          if (message.value === last) break
        }
      }
    assert.equal(await nameOf(until(3)), undefined)
    assert.equal(await nameOf(until(1)), 'left-behind')
    const twice: Loop = async (consumer, world) => {
      await until(1)(consumer, world)
      await until(3)(consumer, world)
    }
    assert.equal(await nameOf(twice), undefined)
  })

  it('AM4: an error that nobody catches ends its process, and no other', async () => {
    const { history } = await run(crashing, { mishaps: { 0: failing('fails') } })
    const died = history.filter((event) => event.kind === 'crashed')
    assert.match(died[0]?.call ?? '', /^by an error that nobody caught, OutsideError: mail failed/)
    assert.equal(died.length, 1)
    assert.equal(history.at(-1)?.kind, 'closed')
  })
})

describe('a process that is a loop', () => {
  const inMain = async ({ runtime }: World): Promise<undefined> => {
    for await (const message of runtime.consumer(numbersTopic, { group: 'main' })) await message.ack()
  }

  it('has started, though its main never ends', async () => {
    const workload: Parameters<typeof scenarioOf>[0]['workload'] = ({ send }) => send(numbersTopic, 1)
    const result = await simulating(() => Simulation.run(scenarioOf({ main: inMain, workload }), quiet))
    assert.deepEqual(ends(result), ['went-on'])
  })
})

describe('timers of a process', () => {
  it('AM3: what a timer calls waits in simulated time as well, for whom it was set', async () => {
    const later = (task: () => void): unknown => globalThis['setTimeout'](task, 30_000)
    const result = await run(async (consumer, world) => {
      for await (const message of consumer) {
        message.extend(100_000)
        await new Promise<void>((resolve) => later(() => later(resolve)))
        await mail(world, message.value)
        await message.ack()
      }
    })
    const first = result.history.find((event) => event.kind === 'effect')
    const begun = result.history.find((event) => event.kind === 'begun')
    assert.ok((first?.nowMs ?? 0) - (begun?.nowMs ?? 0) >= 60_000)
    assert.deepEqual(owners(result), all)
  })
})
