/**
 * A definition of the user's as one life of the simulated process has it: the real code, watched.
 *
 * Owns: telling turns, runs of effects and custom actions; freezing what a turn is given; the points at which the process
 * may die in a turn. Leaves what is wrong with any of it to the judges.
 *
 * WD1. The code and its results are the user's own; nothing is added to what it is given.
 * WD2. Whatever a turn is given is frozen all the way down: a turn that changes it in place fails.
 * WD3. What a promise or a custom action calls outside is known as that run's.
 */
import { effectId } from '../../actors/index.ts'
import type {
  ActionCode,
  ActorDefinition,
  ActorEvent,
  ActorLogic,
  ActorView,
  ArmedTimer,
  LoadedState,
  RunReport,
  Runnable,
  StartEffect,
  StoredState,
  TurnResult,
  TurnScope,
} from '../../actors/index.ts'
import type { ActorWatch } from './actor-watch.ts'
import type { Life } from './life.ts'
import { unheard } from './fed-mail.ts'
import { spell } from './json.ts'
import { context } from './notes.ts'
import type { RunNote } from './notes.ts'
import { wordsOfEvent } from './pure-run.ts'
import { freezeDeep } from './turn-lint.ts'
import { wordsOf } from './words.ts'

/** `definition`, watched in `life`. */
export function watched(definition: ActorDefinition, life: Life, watch: ActorWatch): ActorDefinition {
  const subscriptions = definition.subscriptions.map((each) => ({
    ...each,
    event: (message: never) => unheard(each.event(message)),
    key: (message: never) => unheard(each.key(message)),
  }))
  const copy = { ...definition, subscriptions, logic: new WatchedLogic(definition.logic, life, watch) }
  life.actors.set(definition, copy)
  return copy
}

class WatchedLogic implements ActorLogic {
  readonly name: string
  readonly version: number
  readonly hash: string
  readonly #own: ActorLogic
  readonly #life: Life
  readonly #watch: ActorWatch

  constructor(own: ActorLogic, life: Life, watch: ActorWatch) {
    this.name = own.name
    this.version = own.version
    this.hash = own.hash
    this.#own = own
    this.#life = life
    this.#watch = watch
  }

  begin(scope: TurnScope, input: unknown): TurnResult {
    return this.#turn(scope, 'begins', () => this.#own.begin(scope, input))
  }

  turn(scope: TurnScope, state: LoadedState, event: ActorEvent): TurnResult {
    freezeDeep(this.#own.view(state))
    freezeDeep(event)
    return this.#turn(scope, `takes ${wordsOfEvent(event)}`, () => this.#own.turn(scope, state, event))
  }

  #turn({ address, turn }: TurnScope, words: string, take: () => TurnResult): TurnResult {
    const who = `${address.actor}/${address.key}`
    const index = this.#life.tell({ kind: 'note', who, text: `${words}, turn ${turn}` })
    if (index !== undefined) this.#watch.turned(who, turn, index)
    this.#watch.taken(this.#life, who)
    if (this.#life.passStep(`in a turn of ${who}`)) return take()
    try {
      return take()
    } catch (error) {
      this.#life.tell({ kind: 'note', who, text: `throws in turn ${turn}: ${wordsOf(error)}` })
      throw error
    } finally {
      this.#life.passStep(`after a turn of ${who}, before its commit`)
    }
  }

  load(stored: StoredState): LoadedState {
    return this.#own.load(stored)
  }

  save(state: LoadedState): string {
    return this.#own.save(state)
  }

  view(state: LoadedState): ActorView {
    return this.#own.view(state)
  }

  running(state: LoadedState): readonly StartEffect[] {
    return this.#own.running(state)
  }

  timers(state: LoadedState): readonly ArmedTimer[] {
    return this.#own.timers(state)
  }

  orphans(state: LoadedState): readonly ArmedTimer[] {
    return this.#own.orphans(state)
  }

  runnable(src: string): Runnable | undefined {
    const own = this.#own.runnable(src)
    if (own === undefined) return undefined
    return (given) => {
      const note = this.#begin(given.id, `effect ${src}`, { value: given.input })
      this.#watch.started(this.#life, given, this.name)
      let isOver = false
      const over = (how: 'returned' | 'threw', text: string): void => {
        if (isOver) return
        isOver = true
        this.#end(note, how, text)
      }
      const unharmed = this.#guard(given.input, `effect '${given.id}' (${src})`)
      const report: RunReport = {
        done: (output) => {
          unharmed()
          this.#watch.returned(this.#life, `effect '${given.id}' (${src}) gives`, output)
          over('returned', `gives ${spell(output)}`)
          this.#watch.ended({ note, id: given.id, src, output })
          given.report.done(output)
        },
        failed: (error) => {
          unharmed(error)
          over('threw', `fails: ${spell(error)}`)
          given.report.failed(error)
        },
        sent: (event) => {
          this.#watch.returned(this.#life, `effect '${given.id}' (${src}) sends`, event)
          given.report.sent(event)
        },
      }
      const { life } = { life: this.#life }
      const running = context.run({ life, run: note }, () => own({ ...given, report }))
      // What may go on for ever is not waited for.
      if (!running.settles) life.open.delete(note)
      return {
        settles: running.settles,
        tell: (event) => context.run({ life, run: note }, () => running.tell(event)),
        stop: () => {
          over('returned', 'is stopped')
          context.run({ life, run: note }, () => running.stop())
        },
      }
    }
  }

  action(name: string): ActionCode | undefined {
    const own = this.#own.action(name)
    if (own === undefined) return undefined
    return (info, params) => {
      const id = effectId(info.self as object)
      const needsNone = isUnconfirmed(params)
      const note = this.#begin(id, `action ${name}`, { value: params ?? info.event, needsNone })
      this.#watch.acted(this.#life, { id, isUnconfirmed: needsNone }, this.name)
      let isOver = false
      const sends = (text: string): void => void (isOver && this.#watch.late(this.#life, id, text))
      const self = this.#watch.selfOf(info.self as object, id, { actor: this.name, sends })
      const over = (): void => {
        isOver = true
        this.#end(note, 'returned', 'is done')
        this.#watch.ended({ note, id, src: `action ${name}`, output: undefined })
      }
      const failed = (error: unknown): void => this.#end(note, 'threw', `fails: ${wordsOf(error)}`)
      const unharmed = this.#guard([info.context, info.event, params], `custom action '${id}'`)
      try {
        const result = context.run({ life: this.#life, run: note }, () => own({ ...info, self }, params))
        unharmed()
        if (result instanceof Promise) result.then(over, failed)
        else over()
        return result
      } catch (error) {
        unharmed(error)
        failed(error)
        throw error
      }
    }
  }

  /** Freezes what code outside of turns is given; the answer looks whether it was to be changed. */
  #guard(given: unknown, what: string): (error?: unknown) => void {
    freezeDeep(given)
    const before = spell(given)
    return (error) => {
      if (isRefusedChange(error)) this.#watch.changed(this.#life, what, messageOf(error))
      else if (spell(given) !== before) this.#watch.changed(this.#life, what, before)
    }
  }

  #begin(
    id: string,
    what: string,
    given: { readonly value: unknown; readonly needsNone?: boolean },
  ): RunNote {
    const life = this.#life
    const run = life.recorder.nextRun()
    const who = id.slice(0, id.lastIndexOf('/'))
    const value = spell(given.value)
    const begunAt = life.tell({ kind: 'note', who, run, text: `runs ${what} (${id}) with ${value}` }) ?? -1
    const about = { run, group: who, message: `effect ${id}`, value, begunAt }
    return life.beginRun({ ...about, isUnconfirmed: given.needsNone === true })
  }

  #end(note: RunNote, how: 'returned' | 'threw', words: string): void {
    const life = this.#life
    const text = `${note.message} ${words}`
    const index = life.tell({ kind: 'note', who: note.group, run: note.run, text })
    life.open.delete(note)
    if (index === undefined) return
    note.endedAt = index
    note.end = how
  }
}

/** What is frozen was to be changed. An error of a promise is data by now. */
function isRefusedChange(error: unknown): boolean {
  return /read only|not extensible|Cannot (?:delete|assign to|define|add) property/.test(messageOf(error))
}

function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null ? String(Reflect.get(error, 'message')) : ''
}

function isUnconfirmed(params: unknown): boolean {
  return typeof params === 'object' && params !== null && Reflect.get(params, 'unconfirmed') === true
}
