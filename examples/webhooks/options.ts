/**
 * The command line.
 *
 * Owns: names, defaults and checks of the options, and the text of `--help`. Leaves what they do to those who take them,
 * and reading words to `words.ts`.
 */
import { UsageError } from './errors.ts'
import { DEFAULT_KEY_PATHS, type InputChoice } from './input.ts'
import { parsed, oneOf, seedOf, wholeNumber } from './words.ts'

/** What can be taken out, to see the checks go red. */
export const SABOTAGES = ['no-fsync', 'no-dedupe', 'no-message-id'] as const
export type Sabotage = (typeof SABOTAGES)[number]

export interface DemoOptions {
  readonly help: boolean
  readonly messages: number
  readonly kills: number
  readonly seed: number
  /** Where the data and the ledger go; undefined: a temporary directory. */
  readonly directory: string | undefined
  readonly input: InputChoice
  readonly sabotage: Sabotage | undefined
}

export const USAGE = `npm run demo -- [options]

  --messages <count>   how many messages; the input is repeated (default 20000)
  --kills <count>      how often the child is killed with SIGKILL, half of it while sending (default 12)
  --seed <number>      decides when the kills strike (default: drawn, and printed)
  --directory <path>   where data and ledger go; must be new or empty, and is kept (default: a temporary one)
  --input <path>       a JSON file (an object, an array of objects, or .jsonl), or a folder of such files
                       (default: the webhooks of @octokit/webhooks-examples)
  --key <path,...>     where in a payload its key is; of several the first found
                       (default ${DEFAULT_KEY_PATHS.join(',')})
  --sabotage <what>    take a safeguard out and see the checks go red:
                       no-fsync        confirm before the data is durable
                       no-dedupe       count a message that was delivered again as if it were new
                       no-message-id   send again without an id by which the repeat is recognised
  --help               print this`

const SPECIFICATION = {
  help: { type: 'boolean', default: false },
  messages: { type: 'string', default: '20000' },
  kills: { type: 'string', default: '12' },
  seed: { type: 'string' },
  directory: { type: 'string' },
  input: { type: 'string' },
  key: { type: 'string', default: DEFAULT_KEY_PATHS.join(',') },
  sabotage: { type: 'string' },
} as const

/** A smaller run might be over before a kill can hurt. */
const SABOTAGE_MESSAGES_MIN = 500

/** @throws UsageError for an unknown option or a value that makes no sense. */
export function parseOptions(words: readonly string[]): DemoOptions {
  const values = parsed(words, SPECIFICATION)
  const options: DemoOptions = {
    help: values.help,
    messages: wholeNumber('messages', values.messages, 1),
    kills: wholeNumber('kills', values.kills, 0),
    seed: seedOf(values.seed),
    directory: values.directory,
    input: { path: values.input, keyPaths: keyPaths(values.key) },
    sabotage: oneOf('sabotage', values.sabotage, SABOTAGES),
  }
  if (options.sabotage !== undefined) checkSabotage(options)
  return options
}

function keyPaths(text: string): string[] {
  const paths = text.split(',').map((path) => path.trim())
  if (paths.every((path) => path !== '')) return paths
  throw new UsageError(`--key must be paths such as repository.full_name; it is '${text}'`)
}

function checkSabotage({ messages, kills }: DemoOptions): void {
  if (messages >= SABOTAGE_MESSAGES_MIN && kills >= 2) return
  throw new UsageError(`--sabotage needs at least 2 kills and ${SABOTAGE_MESSAGES_MIN} messages to be seen`)
}
