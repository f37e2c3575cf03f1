/**
 * Events that the check sends to actors, and what became of them.
 *
 * Owns: sending them, and sending them again after a failure under the same key until their caller knows.
 * Leaves the steps to `actor-scenario.ts`.
 *
 * AO1. An event has one idempotency key in all lives, so that it is taken once.
 * AO2. Nothing is sent again while its fate may still be told.
 */
import type { ActorDefinition } from '../../actors/index.ts'
import { UnlostError } from '../../persistence/index.ts'
import type { ActorRef, Runtime } from '../../runtime/index.ts'
import type { PostMode, Posted } from './actor-facts.ts'
import type { ActorWatch } from './actor-watch.ts'
import { spell } from './json.ts'
import type { Life } from './life.ts'
import { rejectionCode } from './words.ts'

/** What is to be sent. */
export interface Letter {
  readonly definition: string
  readonly key: string
  readonly event: { readonly type: string }
  readonly mode: PostMode
  readonly input: unknown
}

interface Order {
  readonly letter: Letter
  readonly posted: Posted
  isAsked: boolean
  isDone: boolean
  /** Its caller has waited long enough: from now on it is enough that it is stored. */
  isPatient: boolean
}

const AGAIN_MS = 50
const AGAIN_COUNT = 5
const sender = 'sender'

export class ActorOrders {
  readonly #watch: ActorWatch
  readonly #isSafe: (actor: string, offset: number) => boolean
  readonly #orders: Order[] = []
  #refs = new Map<string, ActorDefinition>()
  #runtime: Runtime | undefined

  constructor(watch: ActorWatch, isSafe: (actor: string, offset: number) => boolean) {
    this.#watch = watch
    this.#isSafe = isSafe
  }

  get posted(): readonly Posted[] {
    return this.#orders.map(({ posted }) => posted)
  }

  /** An event that no actor may be sent: the check itself is wrong. */
  refused: unknown

  get unconfirmed(): number {
    return this.#orders.filter(({ isDone }) => !isDone).length
  }

  /** A new life: what is open is sent again. */
  begin(life: Life, runtime: Runtime, definitions: readonly ActorDefinition[]): void {
    this.#runtime = runtime
    this.#refs = new Map(definitions.map((each) => [each.name, each]))
    for (const order of this.#orders) {
      if (order.isDone) continue
      order.isAsked = false
      order.posted.isRetried = true
    }
    this.place(life)
  }

  add(life: Life, letter: Letter): void {
    const id = `e${this.#orders.length + 1}`
    const { definition: actor, key, event, mode } = letter
    const text = JSON.stringify(event)
    const index = this.#tell(life, `sends ${text} to ${actor}/${key}${words[mode]}`)
    const told = { toldAt: undefined, offset: undefined, toldLife: undefined }
    const isExact = this.#refs.get(actor)?.schema === undefined
    const posted: Posted = {
      id,
      isExact,
      actor,
      key,
      text,
      mode,
      index,
      ...told,
      life: life.number,
      isRetried: false,
    }
    const order = { letter, posted, isAsked: false, isDone: false, isPatient: false }
    this.#orders.push(order)
    this.#send(life, order)
  }

  /** Asks under the same key what was answered already. */
  askAgain(life: Life): void {
    const answered = this.#orders.filter(
      ({ posted, isDone, isPatient }) => posted.mode === 'ask' && isDone && !isPatient,
    )
    for (const order of answered.slice(-AGAIN_COUNT)) {
      order.isDone = false
      order.posted.isRetried = true
      this.#send(life, order)
    }
  }

  /** Sends what nobody is waiting for. */
  place(life: Life): void {
    if (life.isDead || life.isBroken) return
    for (const order of this.#orders) if (!order.isDone && !order.isAsked) this.#send(life, order)
  }

  #send(life: Life, order: Order): void {
    const { letter, posted } = order
    const definition = this.#refs.get(letter.definition)
    if (this.#runtime === undefined || definition === undefined || life.isDead) return
    order.isAsked = true
    try {
      const ref = this.#runtime.actor(definition, letter.key, { input: letter.input })
      this.#hear(
        life,
        order,
        posted.mode === 'ask' && !order.isPatient
          ? this.#ask(life, order, ref)
          : this.#post(life, order, ref),
      )
    } catch (error) {
      this.#failed(life, order, error)
    }
  }

  async #ask(life: Life, { letter, posted }: Order, ref: ActorRef): Promise<void> {
    const reply: unknown = await ref.ask(letter.event, { idempotencyKey: posted.id })
    if (life.isDead) return
    const text = JSON.stringify(reply) ?? 'null'
    this.#told(life, posted, `gets the answer ${text} to ${posted.text}`)
    this.#watch.note(life, { what: 'reply', ...of(posted), text, posted })
  }

  async #post(life: Life, { letter, posted, isPatient }: Order, ref: ActorRef): Promise<void> {
    const until = posted.mode === 'processed' && !isPatient ? 'processed' : 'stored'
    const receipt = await ref.send(letter.event, { idempotencyKey: posted.id, until })
    if (life.isDead) return
    posted.offset = receipt.offset
    this.#told(
      life,
      posted,
      `is told that ${posted.text} is ${until} (${posted.actor}/${posted.key}, offset ${receipt.offset})`,
    )
    const isSafe = this.#isSafe(posted.actor, receipt.offset)
    this.#watch.note(life, { what: 'stored', ...of(posted), text: posted.text, posted, isSafe })
    if (until === 'processed')
      this.#watch.note(life, { what: 'processed', ...of(posted), text: posted.text, posted })
  }

  #told(life: Life, posted: Posted, text: string): void {
    posted.toldAt = this.#tell(life, text)
    posted.toldLife = life.number
  }

  #hear(life: Life, order: Order, sending: Promise<void>): void {
    sending.then(
      () => void (order.isDone ||= !life.isDead),
      (error: unknown) => this.#failed(life, order, error),
    )
  }

  /** Ends that are final for its caller; all others are asked again. */
  #failed(life: Life, order: Order, error: unknown): void {
    if (life.isDead) return
    const { posted } = order
    const code = rejectionCode(error)
    this.#told(life, posted, `is told that ${posted.text} for ${posted.actor}/${posted.key} failed: ${code}`)
    const what = FINAL[code]
    if (what !== undefined) {
      order.isDone = true
      this.#watch.note(life, { what, ...of(posted), text: spell(code), posted })
      return
    }
    posted.isRetried = true
    if (!(error instanceof UnlostError) || REFUSED.has(code)) {
      order.isDone = true
      this.refused ??= error
      return
    }
    if (ENDED.has(code)) return
    order.isPatient = true
    life.clock.schedule(AGAIN_MS, () => {
      order.isAsked = false
      this.place(life)
    })
  }

  #tell(life: Life, text: string): number {
    return life.tell({ kind: 'note', who: sender, text }) ?? -1
  }
}

const words: Readonly<Record<PostMode, string>> = {
  send: '',
  processed: ', until it is processed',
  ask: ', and asks for an answer',
}
const FINAL: Readonly<Record<string, 'no-reply' | 'turn-failed'>> = {
  UNLOST_NO_REPLY: 'no-reply',
  UNLOST_TURN_FAILED: 'turn-failed',
}
/** The process ends with these: the next one asks again. */
const ENDED: ReadonlySet<string> = new Set(['UNLOST_CLOSED', 'UNLOST_BROKEN', 'UNLOST_FENCED'])
const REFUSED: ReadonlySet<string> = new Set([
  'UNLOST_INVALID_EVENT',
  'UNLOST_INVALID_VALUE',
  'UNLOST_INVALID_OPTION',
])

function of({ actor, key }: Posted): { readonly actor: string; readonly key: string } {
  return { actor, key }
}
