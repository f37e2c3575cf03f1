/**
 * The world outside the process: doubles of services and tables, which no crash undoes.
 *
 * Owns: what was done to it, in all lives; failing and being slow when a mishap says so.
 * Leaves deciding when a process dies to the life that calls.
 *
 * OU1. A call takes effect at one instant between its begin and its end; a death before that instant leaves nothing, one
 *      after it leaves everything.
 * OU2. A call with a key that was seen before has no effect.
 * OU3. A dead process reaches nothing outside, and hears no answer.
 */
import type { SimulatedRandom } from '../simulated-random.ts'
import { OutsideError } from './errors.ts'
import { never } from './fenced-store.ts'
import { spell } from './json.ts'
import type { Life } from './life.ts'
import { context } from './notes.ts'
import type { EffectNote, Notes } from './notes.ts'
import { inTransaction } from './table.ts'
import type { Outside, OutsideOptions, Rows, Table } from './world.ts'

/** How long one way to the outside takes, in milliseconds; the first is the mildest. */
const LATENCIES_MS = [0, 0, 1, 7, 30] as const
const SLOW_MS = 20_000

type Fate = 'works' | 'fails' | 'fails-after' | 'slow'

interface Call {
  readonly kind: 'call' | 'table'
  readonly name: string
  readonly mayRepeat: boolean
  readonly isKeyed: boolean
  /** Takes effect. Gives what is told of it (nothing for a mere look), and the answer. */
  readonly act: () => {
    readonly told: string | undefined
    readonly answer: unknown
    readonly before?: EffectNote['before']
  }
  /** What is told when it fails before it took effect. */
  readonly meant: string
}

type First = NonNullable<EffectNote['before']>

interface CallEnd {
  /** For which run it was called. */
  readonly run: number | undefined
  readonly told: string
  readonly happened: boolean
  readonly failed: boolean
  readonly before?: EffectNote['before']
}

export class OutsideWorld {
  readonly #notes: Notes
  readonly #random: SimulatedRandom
  /** By name, then by key: the value of the first call. */
  readonly #keys = new Map<string, Map<string, First>>()
  #calls = 0
  #struck: { readonly at: number; readonly fate: Fate } | undefined
  failures = 0

  constructor(notes: Notes, random: SimulatedRandom) {
    this.#notes = notes
    this.#random = random
  }

  /** How many calls were made. */
  get calls(): number {
    return this.#calls
  }

  /** The `nth` call from now suffers. */
  strike(nth: number, fate: Fate): void {
    this.#struck = { at: this.#calls + nth, fate }
  }

  heal(): void {
    this.#struck = undefined
  }

  outside(life: Life, name: string, options: OutsideOptions = {}): Outside {
    return {
      call: (value, { key } = {}) => {
        const text = spell(value)
        const act = (): ReturnType<Call['act']> => {
          const run = context.getStore()?.run?.run
          const before = key === undefined ? undefined : this.#before(name, key, { value: text, run })
          return { told: text, answer: options.answer?.(value), before }
        }
        return this.#perform(life, {
          kind: 'call',
          name,
          mayRepeat: options.repeatable === true,
          isKeyed: key !== undefined,
          act,
          meant: text,
        })
      },
    }
  }

  table<Row>(life: Life, name: string): Table<Row> {
    const rows = this.#rowsOf(name)
    const transaction = <Result>(work: (rows: Rows<Row>) => Result): Promise<Result> => {
      const act = (): ReturnType<Call['act']> => {
        const { result, changed } = inTransaction(rows, work)
        return { told: changed.size === 0 ? undefined : spell(Object.fromEntries(changed)), answer: result }
      }
      const call: Call = {
        kind: 'table',
        name: `table ${name}`,
        mayRepeat: false,
        isKeyed: false,
        act,
        meant: '',
      }
      return this.#perform(life, call) as Promise<Result>
    }
    return {
      transaction,
      get: (key) => transaction((all) => all.get(key)),
      set: (key, row) => transaction((all) => void all.set(key, row)),
      delete: (key) => transaction((all) => void all.delete(key)),
      update: (key, change) =>
        transaction((all) => {
          const row = change(all.get(key))
          all.set(key, row)
          return row
        }),
    }
  }

  async #perform(life: Life, call: Call): Promise<unknown> {
    const run = context.getStore()?.run?.run
    const fate = this.#fate()
    if (life.isDead || life.passStep(`before the call of ${call.name}`)) return never()
    if (fate === 'slow') this.#notes.slow.push(life.recorder.history.length)
    await life.pause(this.#latencyMs() + (fate === 'slow' ? SLOW_MS : 0))
    if (fate === 'fails') {
      this.failures += 1
      this.#note(life, call, { run, told: call.meant, happened: false, failed: true })
      throw new OutsideError(`${call.name} failed, and nothing happened there`)
    }
    const { told, answer, before } = call.act()
    const failed = fate === 'fails-after'
    if (told !== undefined)
      this.#note(life, call, { run, told, happened: before === undefined, failed, before })
    if (life.passStep(`after the call of ${call.name}`)) return never()
    await life.pause(this.#latencyMs())
    if (!failed) return answer
    this.failures += 1
    life.tell({ kind: 'fault', text: `the answer of ${call.name} was lost` })
    throw new OutsideError(`the answer of ${call.name} was lost; it may have happened`)
  }

  #note(life: Life, call: Call, end: CallEnd): void {
    const { run } = end
    const { kind, name, mayRepeat, isKeyed } = call
    const isKnown = !end.happened && !end.failed
    const index = life.tell({
      kind: 'effect',
      run,
      name: isKnown ? `${name} (its key is known: no effect)` : name,
      value: end.told,
      error: end.failed && !end.happened,
    })
    if (index === undefined) return
    const { happened, failed } = end
    const note: EffectNote = {
      index,
      life: life.number,
      run,
      kind,
      name,
      value: end.told,
      happened,
      failed,
      mayRepeat,
      isKeyed,
      before: end.before,
    }
    this.#notes.effects.push(note)
  }

  #fate(): Fate {
    this.#calls += 1
    return this.#struck?.at === this.#calls ? this.#struck.fate : 'works'
  }

  #latencyMs(): number {
    return LATENCIES_MS[this.#random.choose(LATENCIES_MS.length)] ?? 0
  }

  /** What was called with this key before. */
  #before(name: string, key: string, call: First): First | undefined {
    const keys = this.#keys.get(name) ?? new Map<string, First>()
    this.#keys.set(name, keys)
    const before = keys.get(key)
    if (before === undefined) keys.set(key, call)
    return before
  }

  #rowsOf(name: string): Map<string, string> {
    const rows = this.#notes.tables.get(name) ?? new Map<string, string>()
    this.#notes.tables.set(name, rows)
    return rows
  }
}
