/**
 * Timers over an upgrade: one that a state waits for in vain is found, one that is taken out on purpose is not.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { forwardTo, setup } from 'xstate'
import { defineActor } from '../../../actors/index.ts'
import type { ActorDefinition, ActorLogic, StoredState } from '../../../actors/index.ts'
import { Scope } from '../../../runtime/internal.ts'
import { CheckFailedError, checkActor } from '../../index.ts'
import { lintMigration } from '../../kit/migration-lint.ts'

type Go = { type: 'GO' }
interface Data {
  readonly value: unknown
  readonly timers?: Readonly<Record<string, { readonly event: { readonly type: string } }>>
}
type Migrate = (data: Data) => unknown

/** A machine that goes to the state `on` by itself, and further after a while. */
function machineOf(on: string, after: object | undefined, id = 'lamp') {
  return setup({ types: { events: {} as Go } }).createMachine({
    id,
    initial: 'off',
    states: { off: { on: { GO: on } }, [on]: after === undefined ? {} : { after }, gone: {} },
  })
}

function lamp(on: string, after: object | undefined, migrate?: Migrate): ActorDefinition {
  return defineActor('lamp', {
    machine: machineOf(on, after),
    ...(migrate !== undefined && { version: 2, migrate: migrate as never }),
  })
}

const before = lamp('on', { 1000: 'gone' })

const renamed: Migrate = (data) => ({ ...data, value: data.value === 'on' ? 'lit' : data.value })
const renamedWhole: Migrate = (data) => {
  const timers = Object.entries(data.timers ?? {}).map(([name, timer]) => {
    const type = timer.event.type.replace('.lamp.on', '.lamp.lit')
    return [name, { ...timer, event: { type } }] as const
  })
  return { ...(renamed(data) as Data), timers: Object.fromEntries(timers) }
}
const forgetful: Migrate = ({ timers: _gone, ...rest }) => rest

const scope = (turn: number): Scope => new Scope({ actor: 'lamp', key: 'a' }, turn, 1_767_225_600_000)

/** What is said of the upgrade of an actor that took one event. */
function found(older: ActorLogic, logic: ActorLogic): string[] {
  const first = older.begin(scope(1), undefined)
  const { state } = older.turn(scope(2), first.state, { kind: 'event', event: { type: 'GO' } })
  const { version, hash } = older
  const stored: StoredState = { version, hash, text: older.save(state) }
  return lintMigration(logic, stored, older.timers(state)).faults.map(
    ({ invariant, text }) => `${invariant}: ${text}`,
  )
}

const over = (after: ActorDefinition): string => found(before.logic, after.logic).join('\n')

describe('timers over an upgrade', () => {
  const check = (definition: ActorDefinition): Promise<unknown> =>
    checkActor(definition, {
      ...{ seed: 5, runs: 20, deaths: 60, shrinkLimitMs: 500, pictures: false },
      events: [{ type: 'GO' }],
      upgradeFrom: before,
    })

  it('ML3, MT1: checkActor finds a renamed state whose timer still has the old name', async () => {
    const error: unknown = await check(lamp('lit', { 1000: 'gone' }, renamed)).catch(
      (thrown: unknown) => thrown,
    )
    assert.ok(error instanceof CheckFailedError, String(error))
    assert.equal(error.violation.invariant, 'failed-migration')
    assert.match(error.violation.text, /waits for 'xstate\.after\.1000\.lamp\.lit'/)
    assert.match(
      error.violation.text,
      /bears the event 'xstate\.after\.1000\.lamp\.on'.*rename it in migrate/,
    )
  })

  it('ML3: checkActor passes a migration that renames the timer too', async () => {
    await check(lamp('lit', { 1000: 'gone' }, renamedWhole))
  })

  it('MT1: a migration that leaves the timers out, and a delay with another number, lose the timer', () => {
    assert.match(
      over(lamp('on', { 1000: 'gone' }, forgetful)),
      /^failed-migration.*is not in what migrate gives/,
    )
    assert.match(over(lamp('on', { 2000: 'gone' })), /^failed-migration.*xstate\.after\.2000\.lamp\.on/)
  })

  it('MT1: the timer of a child is lost in the same way', () => {
    const parent = (on: string, rename?: (data: Data) => unknown): ActorDefinition => {
      const inner = machineOf(on, { 1000: 'gone' }, 'lamp')
      const machine = setup({ types: { events: {} as Go }, actors: { inner } }).createMachine({
        invoke: { id: 'child', src: 'inner' },
        on: { GO: { actions: forwardTo('child') } },
      })
      const migrate = (data: {
        readonly children: { readonly child: { readonly snapshot: Data } }
      }): never => {
        const { child } = data.children
        const snapshot = rename?.(child.snapshot)
        return { ...data, children: { child: { ...child, snapshot } } } as never
      }
      return defineActor('lamp', {
        machine,
        ...(rename !== undefined && { version: 2, migrate: migrate as never }),
      })
    }
    const older = parent('on').logic
    assert.match(
      found(older, parent('lit', renamed).logic).join(),
      /waits for 'xstate\.after\.1000\.lamp\.lit'/,
    )
    assert.deepEqual(found(older, parent('lit', renamedWhole).logic), [])
  })

  it('MT2: a delay that the new version has no more is no loss, nor is one that nothing waits for', () => {
    assert.equal(over(lamp('on', undefined)), '')
    assert.equal(over(lamp('on', undefined, forgetful)), '')
    assert.equal(over(lamp('lit', undefined, renamed)), '')
    assert.equal(over(lamp('on', { 1000: 'gone' })), '')
    assert.equal(over(lamp('lit', { 1000: 'gone' }, renamedWhole)), '')
    assert.equal(
      over(lamp('on', { 1000: 'gone' }, (data) => ({ ...(forgetful(data) as Data), value: 'gone' }))),
      '',
    )
  })
})
