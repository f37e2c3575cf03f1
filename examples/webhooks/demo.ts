/**
 * The demonstration: real webhooks through the runtime, in a process that is killed over and over.
 *
 * Owns: the order of things. Leaves the exit code to `stage.ts`, the work to the files beside it; begin with `sender.ts` and `handler.ts`, which are
 * what an application would write. Everything else is there to kill them and to judge.
 */
import { join } from 'node:path'
import { audit, type Verdict } from './audit.ts'
import { UsageError } from './errors.ts'
import { EXAMPLES, loadPayloads, type Payload } from './input.ts'
import { planKills } from './kill-plan.ts'
import { readEntries } from './ledger.ts'
import { parseOptions, USAGE, type DemoOptions } from './options.ts'
import { runPhases, type Place, type Story } from './phases.ts'
import { Progress } from './progress.ts'
import { describeTable, describeTotals, failures } from './report.ts'
import { conclude, makeRoot, onStage, say } from './stage.ts'
import { PAYLOAD_BYTES_MAX } from './topic.ts'

const GOOD = 'All checks hold: nothing lost, nothing twice, nothing out of order.'

async function main(words: readonly string[]): Promise<number> {
  const options = parseOptions(words)
  if (options.help) return say([USAGE], 0)
  const payloads = checkedPayloads(options)
  const place = makePlace(options.directory)
  say(introduction(options, payloads, place), 0)
  const progress = new Progress(process.stdout)
  const story = await runPhases(options, { place, plan: planKills(options), progress })
  const verdict = judge(options, { story, payloads, place })
  say(['', ...describeTotals(story.totals), '', ...describeTable(verdict, story), ''], 0)
  return conclude({ ...options, root: place.root }, failures(verdict), GOOD)
}

function checkedPayloads({ input }: DemoOptions): readonly Payload[] {
  const payloads = loadPayloads(input)
  const tooLarge = payloads.findIndex((each) => Buffer.byteLength(JSON.stringify(each)) > PAYLOAD_BYTES_MAX)
  if (tooLarge === -1) return payloads
  throw new UsageError(`object ${tooLarge + 1} of the input is larger than ${PAYLOAD_BYTES_MAX} bytes`)
}

/** The ledger lies beside the data: in the runtime's own directory it would be a stranger. */
function makePlace(wanted: string | undefined): Place & { readonly root: string } {
  const root = makeRoot(wanted)
  return { root, dataDirectory: join(root, 'data'), ledgerFile: join(root, 'ledger.jsonl') }
}

function introduction(
  { messages, kills, seed, input, sabotage }: DemoOptions,
  payloads: readonly Payload[],
  { dataDirectory }: Place,
): string[] {
  const source = input.path ?? EXAMPLES
  const megabytes = Math.ceil((messages / payloads.length) * (JSON.stringify(payloads).length / 1e6))
  return [
    `${payloads.length} payloads of ${source}, repeated to ${messages.toLocaleString('en-US')} messages (${megabytes} MB)`,
    `key: ${input.keyPaths.join(', else ')}; data: ${dataDirectory}`,
    `${kills} kills, seed ${seed} (the same kills again: --seed ${seed})`,
    ...(sabotage === undefined ? [] : [`SABOTAGE: ${sabotage}. The checks must go red.`]),
    '',
  ]
}

function judge(
  { messages, kills, input }: DemoOptions,
  { story, payloads, place }: { story: Story; payloads: readonly Payload[]; place: Place },
): Verdict {
  return audit({
    messages,
    kills: { planned: kills, made: story.kills },
    isConfirmed: (delivery) => story.confirmed.has(delivery),
    entries: readEntries(place.ledgerFile),
    totals: story.totals,
    payloads,
    input,
  })
}

await onStage(main, 'npm run demo')
