/**
 * A loop over a consumer, `for await (const message of consumer)`, told to the history as runs of its messages.
 *
 * Owns: when such a run begins and ends, and for which message the code of a loop works.
 * Leaves the messages themselves to the real iterator.
 *
 * RL1. Code works for the message that it took or looked at last, and so does all that it begins meanwhile: promises,
 *      timers, functions that it calls. What runs beside it keeps its own.
 * RL2. A run ends where the loop has settled its message and goes on. What the loop goes on from without an end is still
 *      under way, until its end, the end of its lease, or of the loop.
 */
import type { Consumer, Message } from '../../runtime/index.ts'
import { never } from './fenced-store.ts'
import type { Life } from './life.ts'
import { context } from './notes.ts'
import type { Context, LoopNote, RunNote } from './notes.ts'
import { recordedMessage } from './recorded-message.ts'

type Result = IteratorResult<Message<unknown>, undefined>

export class RecordedLoop implements AsyncIterableIterator<Message<unknown>, undefined> {
  readonly #life: Life
  readonly #group: string
  readonly #inner: AsyncIterator<Message<unknown>, undefined>
  readonly #loop: LoopNote
  /** Whose code runs it, ahead of its first message and after its last. */
  readonly #outer = context.getStore()
  /** What it took and has not ended, in order. */
  readonly #open = new Set<RunNote>()
  #latest: RunNote | undefined

  constructor(life: Life, consumer: Consumer<unknown>, group: string) {
    this.#life = life
    this.#group = group
    this.#inner = consumer[Symbol.asyncIterator]()
    this.#loop = life.beginLoop(consumer.topic, group)
  }

  async next(): Promise<Result> {
    const life = this.#life
    const hadOne = this.#latest !== undefined
    this.#goOn()
    if (hadOne && life.passStep('as a loop asked for its next message')) return never()
    const result = await this.#take()
    if (life.isDead) return never()
    if (result.done === true) {
      this.#over('comes to the end of its loop: its consumer was closed')
      return this.#done()
    }
    const note = life.begin(this.#group, result.value, true)
    this.#latest = note
    this.#open.add(note)
    if (life.passStep('as a loop had taken a message')) return never()
    return this.#taken(note, result.value)
  }

  async return(): Promise<Result> {
    this.#goOn()
    this.#over('leaves its loop, by a break, a return or an error')
    enter(this.#outer)
    return (await this.#inner.return?.()) ?? { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async #take(): Promise<Result> {
    try {
      return await this.#inner.next()
    } catch (error) {
      if (this.#life.isDead) return never()
      this.#over('loses its loop: the runtime is broken')
      throw error
    }
  }

  /** The fields are read by the very code that goes on with the message, so that it is known which code that is. */
  #taken(note: RunNote, message: Message<unknown>): Result {
    const life = this.#life
    const looked = (): void => enter({ life, run: note })
    const asked = (settling: Promise<unknown>): Promise<unknown> =>
      settling.finally(() => {
        if (this.#latest !== note) this.#end(note)
      })
    const value = recordedMessage(life, { note, message }, { looked, asked })
    return {
      get done(): false {
        looked()
        return false
      },
      get value() {
        looked()
        return value
      },
    }
  }

  #done(): Result {
    const outer = this.#outer
    return {
      get done(): true {
        enter(outer)
        return true
      },
      value: undefined,
    }
  }

  #goOn(): void {
    const note = this.#latest
    this.#latest = undefined
    if (note?.isSettled === true) this.#end(note)
  }

  #end(note: RunNote): void {
    this.#open.delete(note)
    if (note.end === undefined) this.#life.end(note, 'went-on', undefined)
  }

  #over(text: string): void {
    for (const note of this.#open) {
      if (note.end === undefined && !note.isSettled) this.#life.end(note, 'left', undefined)
    }
    this.#life.endLoop(this.#loop, text)
  }
}

/** The code that runs now is that of `of`, until it is told otherwise, and so is all that it begins. */
function enter(of: Context | undefined): void {
  const now = context.getStore()
  if (of !== undefined && now !== undefined && now.run !== of.run) context.enterWith(of)
}
