/**
 * A process with actors on the real disk that sends until it is killed, and says what was confirmed.
 *
 * Owns: the workload: a counter that notes every event, forwards it to another actor and to a topic, with a timer now
 * and then. Leaves judging to its parent.
 */
import * as fs from 'node:fs'
import { defineActor } from '../../actors/index.ts'
import { defineTopic, openRuntime } from '../../runtime/index.ts'

interface Told {
  readonly directory: string
  readonly life: number
  readonly mode: 'work' | 'drain'
  /** Sent by earlier lives and never confirmed. */
  readonly again: readonly string[]
}

interface Notes {
  readonly ids: readonly string[]
  readonly late: readonly string[]
}

type Note = { readonly type: 'NOTE'; readonly id: string } | { readonly type: 'LATE'; readonly id: string }

const told = JSON.parse(process.argv[2] ?? '{}') as Told
const IN_FLIGHT = 16
const KEYS = 5

const out = defineTopic<{ id: string }>('out')

const NOTHING: Notes = { ids: [], late: [] }

const mirror = defineActor('mirror', {
  initial: NOTHING,
  reducer: (state, event: Note) => ({ ...state, ids: [...state.ids, event.id] }),
})

const book = defineActor('book', {
  initial: NOTHING,
  reducer: (state, event: Note, turn): Notes => {
    if (event.type === 'LATE') return { ...state, late: [...state.late, event.id] }
    turn.deliver(mirror.at(turn.self.key), event)
    turn.publish(out, { id: event.id })
    if (event.id.endsWith('0')) turn.after(3, { type: 'LATE', id: event.id })
    return { ...state, ids: [...state.ids, event.id] }
  },
})

function say(line: unknown): void {
  fs.writeSync(1, `${JSON.stringify(line)}\n`)
}

const runtime = await openRuntime(told.directory, {
  actors: [book, mirror],
  limits: { segmentBytes: 64 * 1024, upkeepMs: 10, recentBytes: 16 * 1024 },
})
for (const name of ['gap', 'duplicate', 'step-back', 'corruption', 'data-loss', 'actor-failed'] as const) {
  runtime.on(name, (event) => say({ say: 'broken', what: `${name} ${JSON.stringify(event)}` }))
}

async function send(id: string): Promise<void> {
  say({ say: 'sending', id })
  await runtime.actor(book, keyOf(id)).send({ type: 'NOTE', id }, { idempotencyKey: id })
  say({ say: 'confirmed', id })
}

function keyOf(id: string): string {
  return `k${Number(id.split('-')[1]) % KEYS}`
}

async function sendAll(ids: Iterable<string>): Promise<void> {
  const flights = new Set<Promise<void>>()
  for (const id of ids) {
    const flight = send(id).finally(() => flights.delete(flight))
    flights.add(flight)
    if (flights.size >= IN_FLIGHT) await Promise.race(flights)
  }
  await Promise.all(flights)
}

function* endless(): Generator<string> {
  for (let i = 1; ; i += 1) yield `${told.life}-${i}`
}

await sendAll(told.again)
if (told.mode === 'work') await sendAll(endless())

const published: string[] = []
const consumer = runtime.consumer(out, { group: 'reader' })
const isIdle = async (): Promise<boolean> => {
  const states = await Promise.all(
    Array.from({ length: KEYS }, (_, i) => runtime.actor(book, `k${i}`).snapshot()),
  )
  const ids = states.flatMap((state) => state?.context.ids ?? [])
  const late = states.flatMap((state) => state?.context.late ?? [])
  const due = ids.filter((id) => id.endsWith('0'))
  return late.length >= due.length && published.length >= ids.length
}
let wake: () => void = () => {}
const reading = consumer.run(({ value }) => {
  published.push(value.id)
  wake()
})
for (let i = 0; i < KEYS; i += 1) runtime.actor(book, `k${i}`).subscribe(() => wake())
for (;;) {
  const woken = new Promise<void>((resolve) => (wake = resolve))
  if (await isIdle()) break
  await woken
}
await consumer.close()
await reading
// One more turn of each mirror, so that what was sent to it has been taken.
const states: Record<string, unknown> = {}
for (let i = 0; i < KEYS; i += 1) {
  const key = `k${i}`
  await runtime
    .actor(mirror, key)
    .send({ type: 'NOTE', id: 'end' }, { until: 'processed', idempotencyKey: 'end' })
  const [first, second] = [
    await runtime.actor(book, key).snapshot(),
    await runtime.actor(mirror, key).snapshot(),
  ]
  states[key] = {
    ids: first?.context.ids ?? [],
    late: first?.context.late ?? [],
    mirrored: second?.context.ids ?? [],
  }
}
say({ say: 'done', states, published })
await runtime.close()
