/**
 * One machine or actor as it is shown to who looks.
 *
 * Owns: its names, its last snapshot that was shown, and its children. Leaves when to show it to `inspection.ts`.
 */
import type { ActorView, InspectedActor } from '../actors/index.ts'
import { InvalidOptionError } from './errors.ts'

export class ShownActor implements InspectedActor {
  readonly id: string
  readonly sessionId: string
  readonly logic: { readonly config: object }
  last: object | undefined
  readonly #parent: ShownActor | undefined
  readonly #children = new Map<string, ShownActor>()
  #news: string | undefined

  constructor(
    names: { readonly id: string; readonly sessionId: string },
    config?: object,
    parent?: ShownActor,
  ) {
    this.id = names.id
    this.sessionId = names.sessionId
    this.logic = { config: config ?? { id: names.id } }
    this.#parent = parent
  }

  /** As tools of XState ask for it. */
  get _parent(): ShownActor | undefined {
    return this.#parent
  }

  get rootId(): string {
    return this.#parent?.rootId ?? this.sessionId
  }

  getSnapshot(): never {
    return (this.last ?? { status: 'active' }) as never
  }

  /** @throws InvalidOptionError: a look changes nothing. */
  send(): never {
    throw new InvalidOptionError(`'${this.id}' is shown only; send with runtime.actor(definition, key)`)
  }

  child(id: string): ShownActor {
    const known = this.#children.get(id)
    if (known !== undefined) return known
    const child = new ShownActor({ id, sessionId: `${this.sessionId}/${id}` }, undefined, this)
    this.#children.set(id, child)
    return child
  }

  /** Whether this is another view than the last one that was asked about. */
  isNews(view: ActorView): boolean {
    const json = JSON.stringify(view)
    const isNews = json !== this.#news
    this.#news = json
    return isNews
  }
}

/** A view in the form of a snapshot. */
export function snapshotOf({ status, value, context, output, error }: ActorView): object {
  return { status, ...(value !== undefined && { value }), context, output, error }
}
