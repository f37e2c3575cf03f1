/**
 * One life of a child that speaks in lines: its start, its lines, its end.
 *
 * Owns: starting and killing it, and cutting what it writes into lines. Leaves the words to those who use it.
 *
 * CP1. `over` resolves only after the last line that the child wrote was given out, also when it was killed.
 */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** How a life ended. */
export interface End {
  readonly code: number | null
  readonly signal: string | null
  /** What it wrote to standard error. */
  readonly stderr: string
}

export interface ChildPlan {
  /** The script beside this file, such as `kill-child.ts`. */
  readonly script: string
  /** Given to it as JSON in its first argument. */
  readonly orders: unknown
  /** Called for each line. What it throws ends the life and rejects `over`. */
  readonly onLine: (line: unknown) => void
  /** A command to run it under, such as a tracer. */
  readonly under?: readonly string[]
  /** The folder of a bundled copy to run it from. Default: this folder, with types and a loader. */
  readonly scripts?: string
  /** After so long it counts as hanging and is ended by SIGTERM, which a tracer passes on. Default: never. */
  readonly hangMs?: number
}

/** The arguments that run a script of this folder with this Node. */
export function nodeArguments(script: string, orders: unknown, scripts?: string): string[] {
  if (scripts !== undefined) {
    return [process.execPath, join(scripts, script.replace(/\.ts$/, '.js')), JSON.stringify(orders)]
  }
  const path = fileURLToPath(new URL(`./${script}`, import.meta.url))
  return [process.execPath, '--import', 'tsx', path, JSON.stringify(orders)]
}

export class ChildLife {
  readonly over: Promise<End>
  readonly #child: ChildProcess
  readonly #plan: ChildPlan
  #rest = ''
  #stderr = ''
  #failure: unknown

  constructor(plan: ChildPlan) {
    this.#plan = plan
    const [command = '', ...words] = [
      ...(plan.under ?? []),
      ...nodeArguments(plan.script, plan.orders, plan.scripts),
    ]
    const { hangMs: timeout } = plan
    const hanging = timeout === undefined ? {} : { timeout, killSignal: 'SIGTERM' as const }
    this.#child = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'], ...hanging })
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#take(text))
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text))
    this.over = new Promise((resolve, reject) => {
      this.#child.on('error', reject)
      this.#child.on('close', (code, signal) => {
        if (this.#failure === undefined) resolve({ code, signal, stderr: this.#stderr })
        else reject(this.#failure)
      })
    })
  }

  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(name)
  }

  /** A line cut off by the end of the process is none. */
  #take(text: string): void {
    const parts = (this.#rest + text).split('\n')
    this.#rest = parts.pop() ?? ''
    try {
      for (const part of parts) if (this.#failure === undefined) this.#plan.onLine(JSON.parse(part))
    } catch (error) {
      this.#failure = error
      this.signal('SIGKILL')
    }
  }
}
