/**
 * What `docs/testing.md` shows that is made from the code: the report of a real failure, and the list of guarantees.
 *
 * Owns: the failing check, and where its report and the lists stand on the page.
 * Leaves writing the page to `generate-testing.ts`, and holding it to `props-tests/docs/testing-page.test.ts`.
 */
import { ackFirst } from '../examples/kit/ack-before-work.ts'
import { mailOf } from '../examples/kit/doubles.ts'
import { anyOrder, customerOf } from '../examples/kit/orders.ts'
import { CheckFailedError, checkTopic, describeFailure } from '../props-tests/index.ts'
import type { CommonOptions, FailureReport, Invariant } from '../props-tests/index.ts'
import { behaviourInvariants, hostInvariants } from '../props-tests/actor-invariants.ts'
import { allInvariants } from '../props-tests/invariants/index.ts'
import { kitInvariants } from '../props-tests/kit/kit-invariants.ts'

const picture = '/tmp/unlost-pictures/work-after-ack-3c1f0e9a52.svg'

/** Runs the check that the page shows, and returns how it fails. */
export async function failing(options: CommonOptions): Promise<FailureReport> {
  try {
    await checkTopic({
      title: 'receipts',
      values: anyOrder,
      key: customerOf,
      start: (world) => ({ handler: ackFirst(mailOf(world)) }),
      pictures: false,
      ...options,
    })
  } catch (error) {
    if (error instanceof CheckFailedError) return error.failure
    throw error
  }
  throw new PageError('the check of the page found nothing')
}

/** Raised when the page or its check is not as expected. */
export class PageError extends Error {
  override readonly name = 'PageError'
}

/** The page with this report and these lists. */
export function withFailure(page: string, failure: FailureReport): string {
  const report = `\`\`\`text\n${describeFailure(failure, { picture })}\n\`\`\``
  return replaced(page, 'report', report)
}

/** The page with the guarantees as they are now. */
export function withGuarantees(page: string): string {
  const handlers = replaced(page, 'handlers', listOf(Object.values(kitInvariants)))
  const names = new Set<string>(Object.keys(kitInvariants))
  const actors = replaced(handlers, 'actors', listOf(Object.values(behaviourInvariants)))
  const hosts = replaced(actors, 'hosts', listOf(Object.values(hostInvariants)))
  return replaced(hosts, 'library', listOf(allInvariants.filter(({ name }) => !names.has(name))))
}

function listOf(invariants: ReadonlyArray<Pick<Invariant, 'name' | 'about'>>): string {
  return invariants.map(({ name, about }) => `- \`${name}\`: ${about}`).join('\n')
}

function replaced(page: string, name: string, content: string): string {
  const [before, rest] = page.split(`<!-- ${name} -->\n`)
  const after = rest?.split(`\n<!-- end of ${name} -->`)[1]
  if (before === undefined || after === undefined) throw new PageError(`the page has no place for ${name}`)
  return `${before}<!-- ${name} -->\n\n${content}\n\n<!-- end of ${name} -->${after}`
}

/** The word that replays the failure of the page. */
export function replayOf(page: string): string {
  const word = /replay: '([\d:-]+)' \}\)$/m.exec(page)?.[1]
  if (word === undefined) throw new PageError('the page has no report')
  return word
}
