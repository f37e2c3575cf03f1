/**
 * What a turn must not look at: the clock, chance, and everything that acts on the world at once.
 *
 * Owns: noticing it while one synchronous piece of the user's code runs, and the line that did. Leaves what becomes of
 * it to `turn-lint.ts`.
 *
 * TT1. The code gets the real answer: a trap notices and changes nothing.
 * TT2. Nothing else runs while the piece does, as it is synchronous; when the last check is over the platform is its
 *      own again.
 * TT3. What XState or the library itself looks at is not the user's doing; nor is what Node.js does on its way.
 */
import { syncBuiltinESMExports } from 'node:module'
import { whileInstalled } from './installed.ts'
import { traps } from './trap-list.ts'
import type { Trap } from './trap-list.ts'

/** Something that a turn looked at or did, and must not. */
export interface Trapped {
  readonly name: string
  /** The first line of the code that did, if it can be told. */
  readonly where: string
  /** It acted on the world, and did not only look. */
  readonly acts: boolean
}

type AnyFunction = (...args: unknown[]) => unknown

const RealDate = Date

/** What the piece of code that runs now looked at; undefined while none runs. */
let current: Trapped[] | undefined

/** Has traps ready while `work` goes on. They notice nothing but what runs within `trapped`. */
export const withTraps = whileInstalled(install)

/** Runs `work`, and adds to `found` what it looked at. What it throws is thrown. */
export function trapped<Result>(found: Trapped[], work: () => Result): Result {
  const before = current
  current = found
  try {
    return work()
  } finally {
    current = before
  }
}

function note(name: string, acts: boolean): void {
  const found = current
  if (found === undefined) return
  // Whatever is needed to make the stack is not looked at.
  current = undefined
  const where = callerOf(new Error('where').stack ?? '')
  current = found
  if (where === undefined || found.some((one) => one.name === name && one.where === where)) return
  found.push({ name, where, acts })
}

function install(): () => void {
  const undo = [trapDate(), trapFormat(), trapPid(), ...traps.map(set)]
  syncBuiltinESMExports()
  return () => {
    for (const each of undo.toReversed()) each()
    syncBuiltinESMExports()
  }
}

function set({ owner, name, told, acts }: Trap): () => void {
  const own = Object.getOwnPropertyDescriptor(owner, name)
  const real: unknown = Reflect.get(owner, name)
  if (typeof real !== 'function') return () => {}
  const replaced: AnyFunction = (...args) => {
    note(told, acts)
    return Reflect.apply(real as AnyFunction, owner, args)
  }
  Object.defineProperty(owner, name, { value: replaced, configurable: true, writable: true })
  // A function may have others of its own, as process.hrtime has.
  Object.setPrototypeOf(replaced, real)
  return () => {
    if (own === undefined) Reflect.deleteProperty(owner, name)
    else Object.defineProperty(owner, name, own)
  }
}

/** `Date` without a time given is the clock. */
function trapDate(): () => void {
  const replaced: DateConstructor = new Proxy(RealDate, {
    construct: (target, args: unknown[], made): object => {
      if (args.length === 0) note('new Date()', false)
      return Reflect.construct(target, args, made === replaced ? target : made) as object
    },
    apply: (target, self, args: unknown[]) => {
      note('Date()', false)
      return Reflect.apply(target, self, args as [])
    },
    get: (target, name) => {
      if (name !== 'now') return Reflect.get(target, name) as unknown
      return () => {
        note('Date.now()', false)
        return target.now()
      }
    },
  })
  globalThis.Date = replaced
  return () => {
    globalThis.Date = RealDate
  }
}

/** A format of dates that is given no time takes that of the clock. */
function trapFormat(): () => void {
  const own: unknown = Object.getOwnPropertyDescriptor(Intl.DateTimeFormat.prototype, 'format')
  return trapGetter(Intl.DateTimeFormat.prototype, 'format', function (this: Intl.DateTimeFormat) {
    const format = Reflect.apply(Reflect.get(own as object, 'get') as AnyFunction, this, []) as (
      date?: Date | number,
    ) => string
    return (...dates: [] | [Date | number]) => {
      if (dates[0] === undefined) note('Intl.DateTimeFormat for now', false)
      return format(...dates)
    }
  })
}

/** Each process has another one. */
function trapPid(): () => void {
  const { pid } = process
  return trapGetter(process, 'pid', () => {
    note('process.pid', false)
    return pid
  })
}

function trapGetter(owner: object, name: string, get: () => unknown): () => void {
  const own = Object.getOwnPropertyDescriptor(owner, name)
  if (own?.configurable !== true) return () => {}
  Object.defineProperty(owner, name, { get, configurable: true, enumerable: own.enumerable === true })
  return () => void Object.defineProperty(owner, name, own)
}

/** The line that called a trap; undefined where that is the library's or XState's own. */
function callerOf(stack: string): string | undefined {
  const lines = stack
    .split('\n')
    .slice(1)
    .filter((line) => !/turn-traps|Proxy|at Reflect\./.test(line))
  if (lines[0]?.includes('node:internal') === true) return undefined
  const caller = lines.find((line) => !line.includes('node:internal'))
  if (caller === undefined) return 'a place that cannot be told'
  if (/node_modules\/xstate\/|\/(?:actors|kit)\/[a-z-]+\.[jt]s:/.test(caller) && isOwn(caller))
    return undefined
  return caller
    .trim()
    .replace(/^at (?:at )?/, '')
    .replace('file://', '')
}

const here = import.meta.url.replace(/props-tests\/kit\/[^/]*$/, '').replace('file://', '')

function isOwn(line: string): boolean {
  return (
    line.includes('node_modules/xstate/') ||
    line.includes(`${here}actors/`) ||
    line.includes(`${here}props-tests/kit/`)
  )
}
