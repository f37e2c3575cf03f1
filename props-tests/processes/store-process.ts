/**
 * A child process that holds stores, and can be stopped, continued and killed.
 *
 * Owns: starting it, asking it, its signals. Leaves what it can do to `store-child.ts`.
 */
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Command, Confirmed, Reply } from './store-child.ts'

const CHILD = fileURLToPath(new URL('./store-child.ts', import.meta.url))

export class StoreProcess {
  /** What a flood confirmed so far. */
  readonly confirmed: string[] = []
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, (reply: Reply) => void>()
  #lastId = 0
  #onConfirmed: (() => void) | undefined

  private constructor(child: ChildProcess) {
    this.#child = child
    child.on('message', (message: Reply | Confirmed) => this.#receive(message))
  }

  /** Resolves once the child listens. */
  static async start(): Promise<StoreProcess> {
    const started = new StoreProcess(fork(CHILD, { execArgv: ['--import', 'tsx'] }))
    await new Promise((resolve) => started.#waiting.set(0, resolve))
    return started
  }

  ask(command: Command): Promise<Reply> {
    this.#lastId += 1
    const id = this.#lastId
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      this.#child.send({ id, command })
    })
  }

  /** As `ask`, for what must succeed. */
  async must(command: Command): Promise<readonly string[]> {
    const reply = await this.ask(command)
    assert.equal(reply.code, '', reply.message)
    return reply.values
  }

  /** Resolves when a flood confirmed this many. */
  async untilConfirmed(count: number): Promise<void> {
    while (this.confirmed.length < count) {
      await new Promise<void>((resolve) => {
        this.#onConfirmed = resolve
      })
    }
  }

  stop(): void {
    this.#child.kill('SIGSTOP')
  }

  resume(): void {
    this.#child.kill('SIGCONT')
  }

  /** Resolves when the process is over. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const over = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await over
  }

  #receive(message: Reply | Confirmed): void {
    if ('confirmed' in message) {
      this.confirmed.push(message.confirmed)
      this.#onConfirmed?.()
      return
    }
    const resolve = this.#waiting.get(message.id)
    assert(resolve !== undefined, 'every reply has its command')
    this.#waiting.delete(message.id)
    resolve(message)
  }
}
