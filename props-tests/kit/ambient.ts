/**
 * The adaptor: where the kit meets the real clock, the environment, and the timers that handlers use.
 *
 * Owns: real time for limits, the seed of a run that has none, `UNLOST_REPLAY`, and that handlers which use the
 * platform's own timers wait in simulated time. Nothing else in the kit knows the real world.
 *
 * AM1. Only code that runs within a simulation has simulated timers; whoever else shares the process keeps the real ones.
 * AM2. When the last check of a process is over, the platform's timers are its own again.
 * AM3. What a timer calls runs for whom it was set: what it begins waits in simulated time as well.
 * AM4. An error that nobody catches in a simulated process is the end of that process, and of nothing else.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { promisify } from 'node:util'
import { UnlostError } from '../../persistence/index.ts'
import { SimulatedCrash } from '../disk-errors.ts'
import { never } from './fenced-store.ts'
import { whileInstalled } from './installed.ts'
import { context } from './notes.ts'
import type { Patience } from './patience.ts'

const require = createRequire(import.meta.url)

/** Real milliseconds since some moment. */
export function nowMs(): number {
  return performance.now()
}

export function drawSeed(): number {
  return Math.floor(Math.random() * 2 ** 31)
}

/** The word of `UNLOST_REPLAY` if it concerns the check of this title: `word`, or `word@title`. */
export function replayWord(title: string): string | undefined {
  const text = process.env['UNLOST_REPLAY']
  if (text === undefined || text === '') return undefined
  const at = text.indexOf('@')
  if (at === -1) return text
  return text.slice(at + 1) === title ? text.slice(0, at) : undefined
}

export function temporaryDirectory(): string {
  return tmpdir()
}

/** A simulated timer, with the verbs of a real one. */
class SimulatedTimer {
  #cancel: () => void = () => {}
  readonly #arm: (timer: SimulatedTimer) => () => void

  constructor(arm: (timer: SimulatedTimer) => () => void) {
    this.#arm = arm
    this.refresh()
  }

  refresh(): this {
    this.#cancel()
    this.#cancel = this.#arm(this)
    return this
  }

  close(): this {
    this.#cancel()
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  hasRef(): boolean {
    return true
  }

  [Symbol.dispose](): void {
    this.#cancel()
  }
}

type Task = (...args: unknown[]) => unknown

/** The functions that are replaced while a check runs. */
interface Timers {
  setTimeout: unknown
  setInterval: unknown
  setImmediate: unknown
  clearTimeout: unknown
  clearInterval: unknown
  clearImmediate: unknown
}

const modules = {
  timers: require('node:timers') as Timers,
  promises: require('node:timers/promises') as { setTimeout: unknown; setImmediate: unknown },
}

/** Runs `work` with simulated timers for whatever runs within its simulations. */
export const simulating = whileInstalled(replaceTimers)

function replaceTimers(): () => void {
  const real = { ...modules.timers }
  const realPromises = { ...modules.promises }
  const replaced = simulatedTimers(real)
  Object.assign(globalThis, replaced)
  Object.assign(modules.timers, replaced)
  Object.assign(modules.promises, simulatedPromises(realPromises))
  syncBuiltinESMExports()
  const unguard = guardRejections()
  return () => {
    const own = pick(real, Object.keys(replaced))
    Object.assign(globalThis, own)
    Object.assign(modules.timers, own)
    Object.assign(modules.promises, pick(realPromises, ['setTimeout', 'setImmediate']))
    syncBuiltinESMExports()
    unguard()
  }
}

function pick(from: object, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, Reflect.get(from, name)]))
}

function simulatedTimers(real: Timers): Timers {
  const start = (name: 'setTimeout' | 'setInterval', isRepeated: boolean): Task => {
    const replaced: Task = (task, delayMs, ...args) => {
      const life = context.getStore()?.life
      if (life === undefined || typeof task !== 'function') return call(real[name], [task, delayMs, ...args])
      const whose = AsyncLocalStorage.snapshot()
      const run = (timer: SimulatedTimer): void => {
        if (life.isDead) return
        if (isRepeated) timer.refresh()
        whose(() => call(task, args))
      }
      return new SimulatedTimer((timer) =>
        life.clock.schedule(Math.max(1, Number(delayMs) || 1), () => run(timer)),
      )
    }
    return replaced
  }
  const setImmediate: Task = (task, ...args) => {
    const life = context.getStore()?.life
    if (life === undefined) return call(real.setImmediate, [task, ...args])
    const whose = AsyncLocalStorage.snapshot()
    const run = (): unknown => life.isDead || whose(() => call(task, args))
    return new SimulatedTimer(() => life.clock.schedule(0, run))
  }
  const stop = (name: 'clearTimeout' | 'clearInterval' | 'clearImmediate'): Task => {
    return (timer) => (timer instanceof SimulatedTimer ? void timer.close() : call(real[name], [timer]))
  }
  const setTimeout = start('setTimeout', false)
  const promises = simulatedPromises(modules.promises)
  Object.defineProperty(setTimeout, promisify.custom, { value: promises.setTimeout })
  Object.defineProperty(setImmediate, promisify.custom, { value: promises.setImmediate })
  return {
    setTimeout,
    setInterval: start('setInterval', true),
    setImmediate,
    clearTimeout: stop('clearTimeout'),
    clearInterval: stop('clearInterval'),
    clearImmediate: stop('clearImmediate'),
  }
}

function simulatedPromises(real: { readonly setTimeout: unknown; readonly setImmediate: unknown }): {
  setTimeout: Task
  setImmediate: Task
} {
  const { setTimeout, setImmediate } = real
  return {
    setTimeout: (delayMs, value, ...rest) => {
      const life = context.getStore()?.life
      if (life === undefined) return call(setTimeout, [delayMs, value, ...rest])
      return pause(life, Number(delayMs) || 1, value)
    },
    setImmediate: (value, ...rest) => {
      const life = context.getStore()?.life
      return life === undefined ? call(setImmediate, [value, ...rest]) : pause(life, 0, value)
    },
  }
}

interface Living {
  readonly isDead: boolean
  readonly clock: { schedule(delayMs: number, task: () => void): unknown }
}

function pause(life: Living, delayMs: number, value: unknown): Promise<unknown> {
  if (life.isDead) return never()
  return new Promise((resolve) => {
    life.clock.schedule(delayMs, () => {
      if (!life.isDead) resolve(value)
    })
  })
}

function call(task: unknown, args: readonly unknown[]): unknown {
  return Reflect.apply(task as Task, undefined, args)
}

/** What nobody catches in a simulated process is told to it. Every other rejection goes to those who listen already. */
function guardRejections(): () => void {
  const others = process.listeners('unhandledRejection')
  const guard = (reason: unknown, promise: Promise<unknown>): void => {
    const life = context.getStore()?.life
    if (life !== undefined) return life.uncaught(reason)
    if (reason instanceof UnlostError || reason instanceof SimulatedCrash) return
    for (const listener of others) listener(reason, promise)
    if (others.length === 0) throw reason
  }
  process.removeAllListeners('unhandledRejection')
  process.on('unhandledRejection', guard)
  return () => {
    process.off('unhandledRejection', guard)
    for (const listener of others) process.on('unhandledRejection', listener)
  }
}

const WAIT_MS = 2
const WAITED_MS_MAX = 1_000

/** Waits for files and sockets that a handler uses, as long as there are more of them than when the check began. */
export function realPatience(): Patience {
  const idle = busyCount()
  const { setTimeout } = { ...modules.timers }
  let waitedMs = 0
  return {
    wait: async () => {
      if (busyCount() <= idle || waitedMs > WAITED_MS_MAX) return false
      waitedMs += WAIT_MS
      await new Promise<void>((resolve) => {
        call(setTimeout, [resolve, WAIT_MS])
      })
      return true
    },
  }
}

/** Requests to the real world that are under way. */
function busyCount(): number {
  return process.getActiveResourcesInfo().filter((name) => /Req|DNS|Zlib|Worker|Process/i.test(name)).length
}
