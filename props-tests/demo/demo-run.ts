/**
 * The demonstration as a user runs it: a process, its lines and its exit code.
 *
 * Owns: starting it and reading its closing table. Leaves judging to the tests.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { checkout } from '../tooling/checkout.ts'

const DEMO = join(checkout, 'examples/webhooks/demo.ts')
const ACTORS_DEMO = join(checkout, 'examples/webhook-actors/demo.ts')

export class DemoRun {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string

  private constructor(exitCode: number, stdout: string, stderr: string) {
    this.exitCode = exitCode
    this.stdout = stdout
    this.stderr = stderr
  }

  /** Resolves when it is over, whatever its exit code. */
  static of(...options: string[]): Promise<DemoRun> {
    return DemoRun.#run(DEMO, options)
  }

  /** The same for the demonstration of durable actors. */
  static ofActors(...options: string[]): Promise<DemoRun> {
    return DemoRun.#run(ACTORS_DEMO, options)
  }

  static #run(program: string, options: readonly string[]): Promise<DemoRun> {
    const words = ['--import', 'tsx', program, ...options]
    return new Promise((resolve) => {
      execFile(process.execPath, words, { cwd: checkout }, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
        resolve(new DemoRun(code, stdout, stderr))
      })
    })
  }

  /** The number in the row of this name; NaN when there is no such row. */
  row(name: string): number {
    const line = this.stdout.split('\n').find((each) => each.startsWith(`  ${name}  `))
    return Number(
      line
        ?.slice(2 + name.length)
        .match(/[\d,]+/)?.[0]
        .replaceAll(',', ''),
    )
  }

  /** The last line that says whether the checks hold. */
  get verdict(): string {
    return this.stdout.trimEnd().split('\n').at(-1) ?? ''
  }

  /** Everything, for the message of a failed assertion. */
  get text(): string {
    return `exit code ${this.exitCode}\n${this.stdout}\n${this.stderr}`
  }
}
