/**
 * Which functions of the platform a turn must not call.
 *
 * Owns: the list. Leaves noticing their calls to `turn-traps.ts`.
 */
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const modules = (name: string): Record<string, unknown> => require(name) as Record<string, unknown>
const cryptoModule = modules('node:crypto')
const children = modules('node:child_process')
const files = modules('node:fs') as Record<string, unknown> & { readonly promises: object }
const SEEING = [
  'existsSync',
  'readFile',
  'readFileSync',
  'readdirSync',
  'statSync',
  'createReadStream',
] as const
const CHANGING = [
  ...[
    'appendFile',
    'appendFileSync',
    'copyFileSync',
    'createWriteStream',
    'mkdirSync',
    'renameSync',
    'rmSync',
  ],
  ...['unlinkSync', 'writeFile', 'writeFileSync'],
] as const

/** A function of the platform's, and what it is called in a report. */
export interface Trap {
  readonly owner: object
  readonly name: string
  readonly told: string
  /** It acts on the world, and does not only look. */
  readonly acts: boolean
}

/** All of them, beside the clock itself. */
export const traps: readonly Trap[] = [
  look(Math, 'random', 'Math.random()'),
  look(performance, 'now', 'performance.now()'),
  ...['uptime', 'hrtime', 'memoryUsage', 'cpuUsage', 'resourceUsage'].map((name) =>
    look(process, name, `process.${name}()`),
  ),
  look(process.hrtime, 'bigint', 'process.hrtime.bigint()'),
  look(globalThis.crypto, 'randomUUID', 'crypto.randomUUID()'),
  look(globalThis.crypto, 'getRandomValues', 'crypto.getRandomValues()'),
  ...['randomUUID', 'randomBytes', 'randomInt', 'randomFillSync', 'randomFill'].map((name) =>
    look(cryptoModule, name, `crypto.${name}()`),
  ),
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch'].map((name) =>
    act(globalThis, name, `${name}()`),
  ),
  act(process, 'nextTick', 'process.nextTick()'),
  ...SEEING.map((name) => look(files, name, `fs.${name}()`)),
  ...CHANGING.map((name) => act(files, name, `fs.${name}()`)),
  ...['readFile', 'readdir', 'stat'].map((name) => look(files.promises, name, `fs.promises.${name}()`)),
  ...['writeFile', 'appendFile', 'mkdir', 'rm', 'unlink', 'rename'].map((name) =>
    act(files.promises, name, `fs.promises.${name}()`),
  ),
  ...['exec', 'execFile', 'execFileSync', 'execSync', 'fork', 'spawn', 'spawnSync'].map((name) =>
    act(children, name, `child_process.${name}()`),
  ),
  ...['http', 'https'].flatMap((owner) =>
    ['request', 'get'].map((name) => act(modules(`node:${owner}`), name, `${owner}.${name}()`)),
  ),
  ...['connect', 'createConnection'].map((name) => act(modules('node:net'), name, `net.${name}()`)),
]

function look(owner: object, name: string, told: string): Trap {
  return { owner, name, told, acts: false }
}

function act(owner: object, name: string, told: string): Trap {
  return { owner, name, told, acts: true }
}
