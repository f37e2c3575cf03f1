/**
 * What happens on which day, from the payloads and the seed.
 *
 * Owns: which webhooks concern a pull request or an issue, the forks in which they happen again, and the days.
 * Leaves to `actors.ts` what an actor makes of one.
 *
 * The examples know four pull requests and issues. So that there are many, the whole input happens in many forks of its
 * repositories, in each in another order. Delivery `n` carries payload `n % payloads.length` in fork
 * `n / payloads.length`. Nothing in the examples is merged; in every other fork a pull request that is closed is merged,
 * and this is all that is changed of a payload.
 */
import { loadPayloads, type InputChoice, type Payload } from '../webhooks/input.ts'
import { chance } from '../webhooks/kill-plan.ts'
import type { Happened } from './lifecycle.ts'

export type Kind = 'pull-request' | 'issue'

/** A webhook about one pull request or issue. */
export interface Webhook {
  readonly kind: Kind
  /** `octo-org/octo-repo#7` in its fork. */
  readonly subject: string
  /** As in GitHub's header `x-github-event`. */
  readonly name: string
  readonly payload: Payload
}

export interface Day {
  /** Days since the first one. */
  readonly day: number
  /** In the order in which they are sent. */
  readonly deliveries: readonly number[]
}

interface Example {
  readonly name: string
  readonly payload: Payload
}

/** The last one is for those who are waited for. */
export const DAYS = [0, 10, 20, 40, 60] as const
/** On how many of the days something happens to a subject. */
const BUSY_DAYS = DAYS.length - 1

export class Script {
  readonly #examples: readonly Example[]
  readonly forks: number
  readonly days: readonly Day[]

  constructor({ seed, forks }: { readonly seed: number; readonly forks: number }) {
    this.#examples = examplesOf({ path: undefined, keyPaths: [] })
    this.forks = forks
    this.days = this.#plan(chance(seed, 'script'))
  }

  get count(): number {
    return this.#examples.length * this.forks
  }

  webhook(delivery: number): Webhook {
    const example = this.#examples[delivery % this.#examples.length]
    if (example === undefined) throw new RangeError(`there is no delivery ${delivery}`)
    const fork = Math.floor(delivery / this.#examples.length)
    const subject = subjectOf(example.payload)
    if (subject === undefined) throw new RangeError(`delivery ${delivery} is about nothing`)
    const { kind, place } = subject
    return {
      kind,
      subject: `${place}@${fork}`,
      name: example.name,
      payload: fork % 2 === 0 ? example.payload : merged(example.payload),
    }
  }

  #plan(draw: () => number): Day[] {
    const all = Array.from({ length: this.count }, (_, delivery) => delivery)
    shuffle(all, draw)
    const busy = new Map<string, number[]>()
    const dayOf = (delivery: number): number => {
      const { subject } = this.webhook(delivery)
      const days = busy.get(subject) ?? someDays(draw)
      busy.set(subject, days)
      return days[Math.floor(draw() * days.length)] ?? 0
    }
    const chosen = all.map((delivery) => [dayOf(delivery), delivery] as const)
    return DAYS.map((day, index) => ({
      day,
      deliveries: chosen.filter(([at]) => at === index).map(([, delivery]) => delivery),
    }))
  }
}

/** At least one of the days on which something happens. */
function someDays(draw: () => number): number[] {
  const days = Array.from({ length: BUSY_DAYS }, (_, index) => index).filter(() => draw() < 0.5)
  return days.length > 0 ? days : [Math.floor(draw() * BUSY_DAYS)]
}

function shuffle(list: number[], draw: () => number): void {
  for (let i = list.length - 1; i > 0; i -= 1) {
    const j = Math.floor(draw() * (i + 1))
    const [a = 0, b = 0] = [list[i], list[j]]
    list[i] = b
    list[j] = a
  }
}

function examplesOf(input: InputChoice): Example[] {
  const payloads = loadPayloads(input)
  return payloads.flatMap((payload) =>
    subjectOf(payload) === undefined ? [] : [{ name: nameOf(payload), payload }],
  )
}

/** The examples come without their header; its word follows from what a payload holds. */
function nameOf(payload: Payload): string {
  const holds = (field: string): boolean => payload[field] !== undefined
  if (holds('thread')) return 'pull_request_review_thread'
  if (holds('pull_request'))
    return holds('review')
      ? 'pull_request_review'
      : holds('comment')
        ? 'pull_request_review_comment'
        : 'pull_request'
  return holds('comment') ? 'issue_comment' : 'issues'
}

/** What a payload is about. An issue that is a pull request says so. */
function subjectOf(payload: Payload): { kind: Kind; place: string } | undefined {
  const pull = payload['pull_request']
  const about = (pull ?? payload['issue']) as { number: number; pull_request?: unknown } | undefined
  if (about === undefined) return undefined
  const { full_name: name } = payload['repository'] as { full_name: string }
  const isPull = pull !== undefined || about.pull_request !== undefined
  return { kind: isPull ? 'pull-request' : 'issue', place: `${name}#${about.number}` }
}

function merged(payload: Payload): Payload {
  if (payload['action'] !== 'closed' || payload['pull_request'] === undefined) return payload
  return { ...payload, pull_request: { ...(payload['pull_request'] as object), merged: true } }
}

/** What a webhook is to the machine of its subject. */
export function happened(delivery: number, { subject, name, payload }: Webhook): Happened {
  const pull = payload['pull_request'] as { merged?: boolean } | undefined
  return { type: `${name}.${String(payload['action'])}`, delivery, subject, merged: pull?.merged === true }
}
