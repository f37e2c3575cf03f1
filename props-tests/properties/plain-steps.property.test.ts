/**
 * Plain steps against XState's own `machine.transition`, step for step.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { AnyMachineSnapshot } from 'xstate'
import type { TypedEvent } from '../../actors/index.ts'
import { calmSpec } from '../support/calm-machine.ts'
import { machineSpec, specimenOf, type NodeSpec } from '../support/random-machine.ts'
import { StepRecorder, type Taken } from '../support/step-recorder.ts'

/** Which event comes next, and whether the plain step or XState's goes on. */
const steps = fc.array(fc.record({ pick: fc.nat(), isPlain: fc.boolean() }), { minLength: 1, maxLength: 12 })
type Steps = readonly { readonly pick: number; readonly isPlain: boolean }[]

/** Every event that the machine knows, its timers among them, and one it does not. */
function eventsOf({ machine }: StepRecorder): TypedEvent[] {
  return ['unknown', ...machine.events].map((type) => ({ type: type === '*' ? 'any' : type }))
}

/** Steps both ways as long as the machine is active; returns how many steps were plain. */
function compare(spec: NodeSpec, picks: Steps): { readonly plain: number; readonly all: number } {
  const recorder = new StepRecorder(specimenOf(spec).machine)
  const events = eventsOf(recorder)
  let snapshot = recorder.first
  let [plain, all] = [0, 0]
  for (const { pick, isPlain } of picks) {
    if (snapshot.status !== 'active') break
    const event = events[pick % events.length] as TypedEvent
    const ours = recorder.plainly(snapshot, event)
    const theirs = recorder.byXState(snapshot, event)
    all += 1
    plain += ours === undefined ? 0 : 1
    if (ours !== undefined) {
      assert.deepEqual(told(ours.next, snapshot), told(theirs.next, snapshot))
      assert.deepEqual(plainOf([named(ours), ours.said]), plainOf([named(theirs), theirs.said]))
    }
    const next = isPlain ? (ours ?? theirs).next : theirs.next
    if (next === undefined) break
    snapshot = next
  }
  return { plain, all }
}

/** A cycle without end has a name of ours when it was found by a plain step. */
function named({ error }: Taken): string | undefined {
  return /Infinite loop|moves on by itself/.test(error ?? '') ? 'endless' : error
}

/** All fields in their order, and whether it is the snapshot from before. */
function told(next: AnyMachineSnapshot | undefined, before: AnyMachineSnapshot): unknown {
  if (next === undefined) return undefined
  const fields = Object.entries(next).filter(([name]) => name !== 'machine')
  return { fields: plainOf(fields), isSame: next === before, meta: next.getMeta(), machine: next.machine.id }
}

/** State nodes by their ids, for they hold the whole machine; children by what they are, for their ids are counted. */
function plainOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if ('sessionId' in value) return `ref of ${String(Reflect.get(value, 'src'))}`
  if ('config' in value) return `state ${String(Reflect.get(value, 'id'))}`
  if (value instanceof Set) return [...value]
  if (Array.isArray(value)) return value.map(plainOf)
  return Object.entries(value).map(([key, part]) => [key.startsWith('x:') ? 'x' : key, plainOf(part)])
}

describe('a plain step', () => {
  it('PS1, PA1, PG1, WY1, CF1, CH1, CH2, SK1, MI1, MI2: is what XState makes of it, of calm machines and of all others', () => {
    fc.assert(
      fc.property(fc.oneof(calmSpec, machineSpec), steps, (spec, picks) => void compare(spec, picks)),
      { numRuns: 400 },
    )
  })

  it('is most of the steps of calm machines, so that the comparison says something', () => {
    const runs = fc.sample(fc.tuple(calmSpec, steps), { numRuns: 200, seed: 7 })
    const counts = runs.map(([spec, picks]) => compare(spec, picks))
    const [plain, all] = [counts.map((one) => one.plain), counts.map((one) => one.all)].map((list) =>
      list.reduce((sum, one) => sum + one, 0),
    ) as [number, number]
    assert.ok(plain > all / 2, `${plain} of ${all} steps were plain`)
  })
})
