/**
 * A test runner for Stryker that starts no process for a change: it loads the bundled tests anew, and runs them.
 *
 * Owns: loading, running until one fails, and telling. Leaves to Stryker which change is active, and to end a runner that
 * does not answer. The types are spelt out here, so that the sources compile where Stryker is not installed.
 */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { takeTests } from './collected-tests.ts'

const switchName = '__stryker__'

/** Where the changed sources look for what is active; the names are Stryker's. */
interface Switch {
  activeMutant?: string | undefined
  hitCount?: number
  hitLimit?: number
}

interface Options {
  readonly bundled: { readonly testFiles: readonly string[]; readonly setUp: string }
}

/** So often may the places that can be changed be passed in one run; the tests as they are pass some thousands. */
const hitsMax = 3_000_000

class BundleRunner {
  static readonly inject = ['options'] as const
  readonly #bundled: Options['bundled']
  #loads = 0

  constructor(options: Options) {
    this.#bundled = options.bundled
  }

  capabilities(): { reloadEnvironment: boolean } {
    return { reloadEnvironment: true }
  }

  async init(): Promise<void> {
    await import(urlOf(this.#bundled.setUp))
  }

  async dryRun(): Promise<object> {
    const startedMs = performance.now()
    const { titles, failure } = await this.#run(undefined)
    if (failure !== undefined) return { status: 'error', errorMessage: failure }
    // What all tests took is what Stryker measures its patience by: on a busy machine slow is not endless.
    const timeSpentMs = (performance.now() - startedMs) / titles.length
    const tests = titles.map((name, i) => ({ id: `${i} ${name}`, name, status: 0, timeSpentMs }))
    return { status: 'complete', tests }
  }

  async mutantRun({ activeMutant }: { activeMutant: { id: string } }): Promise<object> {
    const { titles, failure } = await this.#run(activeMutant.id)
    const nrOfTests = titles.length
    if (failure === undefined) return { status: 'survived', nrOfTests }
    return { status: 'killed', killedBy: [titles.at(-1) ?? 'loading'], failureMessage: failure, nrOfTests }
  }

  async #run(activeMutant: string | undefined): Promise<{ titles: string[]; failure?: string }> {
    const all = globalThis as Record<string, unknown> as Record<string, Switch | undefined>
    all[switchName] = Object.assign(all[switchName] ?? {}, { activeMutant, hitCount: 0, hitLimit: hitsMax })
    const titles: string[] = []
    try {
      for (const file of this.#bundled.testFiles) await this.#runFile(file, titles)
      return { titles }
    } catch (error) {
      return { titles, failure: String(error) }
    } finally {
      takeTests()
    }
  }

  async #runFile(file: string, titles: string[]): Promise<void> {
    this.#loads += 1
    await import(`${urlOf(file)}?load=${this.#loads}`)
    for (const { title, run } of takeTests()) {
      titles.push(title)
      await run()
    }
  }
}

function urlOf(file: string): string {
  return pathToFileURL(resolve(file)).href
}

export const strykerPlugins = [{ kind: 'TestRunner', name: 'bundled', injectableClass: BundleRunner }]
