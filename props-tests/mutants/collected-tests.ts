/**
 * What stands for `node:test` in the bundles of mutation tests: it collects the tests instead of running them.
 *
 * Owns: the list of the file that was loaded last. Leaves running them, over and over, to `bundle-runner.ts`.
 */

type Work = (context: { diagnostic: () => void }) => unknown
interface Options {
  readonly skip?: boolean
}

export interface CollectedTest {
  readonly title: string
  readonly run: () => Promise<void>
}

/** What the `describe` that is being read asked for around each of its tests. */
interface Suite {
  readonly before: Work[]
  readonly after: Work[]
}

/** The bundles are loaded many times, and this file with each: the list is theirs in common. */
const shared = globalThis as { unlostTests?: CollectedTest[] }
const context = { diagnostic: () => undefined }
let suite: Suite = { before: [], after: [] }

export function takeTests(): readonly CollectedTest[] {
  const tests = shared.unlostTests ?? []
  shared.unlostTests = []
  return tests
}

export function describe(_title: string, first: Options | (() => void), body?: () => void): void {
  const [options, run] = typeof first === 'function' ? [{}, first] : [first, body]
  const outer = suite
  suite = { before: [...outer.before], after: [...outer.after] }
  if (options.skip !== true) run?.()
  suite = outer
}

export function it(title: string, first: Options | Work, body?: Work): void {
  const [options, work] = typeof first === 'function' ? [{}, first] : [first, body]
  if (options.skip === true || work === undefined) return
  const { before, after } = suite
  const run = async (): Promise<void> => {
    for (const each of before) await each(context)
    try {
      await work(context)
    } finally {
      for (const each of after) await each(context)
    }
  }
  shared.unlostTests = [...(shared.unlostTests ?? []), { title, run }]
}

export function beforeEach(work: Work): void {
  suite.before.push(work)
}

export function afterEach(work: Work): void {
  suite.after.push(work)
}
