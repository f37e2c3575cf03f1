/**
 * How far all actors are, while they work.
 *
 * Owns: the sums over the committed states, and waiting for one. Leaves what the sums should be to the pure run.
 */
import { systemClock, type Runtime } from '../../runtime/index.ts'
import { refOf, type Definitions, type SubjectRef } from './actors.ts'
import type { Past } from './lifecycle.ts'
import { sumsOf, type State, type States, type Sums } from './pure-run.ts'
import type { Kind } from './script.ts'

/** So long without a new state, and nothing more is waited for: the checks will say what is missing. */
const QUIET_MS_MAX = 8_000
/** The same once something is known to be missing. */
const HOPELESS_MS_MAX = 500
/** What comes too often comes late: a look after the last that should come. */
const SETTLE_MS = 200

type Refs = ReadonlyMap<string, { readonly kind: Kind; readonly ref: SubjectRef }>

export class Census {
  readonly #refs: Refs
  readonly #pasts = new Map<string, Past>()
  readonly #onChange: () => void
  #sums: Sums = { events: 0, stale: 0, told: 0 }
  #changed = (): void => {}

  private constructor(refs: Refs, onChange: () => void) {
    this.#refs = refs
    this.#onChange = onChange
  }

  /** Takes the states that there are, and watches from then on. */
  static async of(
    runtime: Runtime,
    { definitions, subjects }: { definitions: Definitions; subjects: ReadonlyMap<string, Kind> },
    onChange: () => void,
  ): Promise<Census> {
    const refs = [...subjects].map(([subject, kind]) => {
      const ref = refOf(runtime, definitions, { kind, subject })
      return [subject, { kind, ref }] as const
    })
    const census = new Census(new Map(refs), onChange)
    for (const [subject, { ref }] of refs) {
      ref.subscribe(({ context }) => census.#note(subject, context))
      const view = await ref.snapshot()
      if (view !== undefined) census.#pasts.set(subject, view.context)
    }
    census.#sums = sumsOf([...census.#pasts.values()])
    return census
  }

  get sums(): Sums {
    return this.#sums
  }

  /** Resolves when all sums are reached, or with false when nothing has happened for too long. */
  async until(wanted: Sums, isHopeless: boolean): Promise<boolean> {
    while (isLess(this.#sums, wanted)) {
      if (!(await this.#change(isHopeless ? HOPELESS_MS_MAX : QUIET_MS_MAX))) return false
    }
    return true
  }

  /** Resolves when nothing happens any more. */
  async settled(): Promise<void> {
    while (await this.#change(SETTLE_MS));
  }

  /** Whether there was a new state within this time. */
  #change(withinMs: number): Promise<boolean> {
    return new Promise<boolean>((resolve) => {
      const cancel = systemClock.schedule(withinMs, () => resolve(false))
      this.#changed = () => {
        cancel()
        resolve(true)
      }
    })
  }

  async states(): Promise<States> {
    const states: Record<string, State> = {}
    for (const [subject, { kind, ref }] of this.#refs) {
      const view = await ref.snapshot()
      if (view !== undefined) states[subject] = { kind, value: view.value, context: view.context }
    }
    return states
  }

  #note(subject: string, past: Past): void {
    const before = this.#pasts.get(subject)
    const [was, is] = [sumsOf(before === undefined ? [] : [before]), sumsOf([past])]
    this.#pasts.set(subject, past)
    this.#sums = {
      events: this.#sums.events + is.events - was.events,
      stale: this.#sums.stale + is.stale - was.stale,
      told: this.#sums.told + is.told - was.told,
    }
    this.#onChange()
    this.#changed()
  }
}

function isLess(sums: Sums, wanted: Sums): boolean {
  return sums.events < wanted.events || sums.stale < wanted.stale || sums.told < wanted.told
}
