/**
 * The command line of `npm run demo:actors`.
 *
 * Owns: names, defaults and checks of the options, and the text of `--help`.
 */
import { UsageError } from '../webhooks/errors.ts'
import { oneOf, parsed, seedOf, wholeNumber } from '../webhooks/words.ts'

/** What can be taken out, to see the checks go red. */
export const SABOTAGES = ['no-fsync', 'by-hand', 'no-effect-id'] as const
export type Sabotage = (typeof SABOTAGES)[number]

export interface DemoOptions {
  readonly help: boolean
  readonly forks: number
  readonly kills: number
  readonly seed: number
  /** Where the data and the outside's book go; undefined: a temporary directory. */
  readonly directory: string | undefined
  readonly sabotage: Sabotage | undefined
}

export const USAGE = `npm run demo:actors -- [options]

  --forks <count>      in how many forks the webhooks of @octokit/webhooks-examples happen (default 120)
  --kills <count>      how often the child is killed with SIGKILL (default 12)
  --seed <number>      decides what happens when, and when the kills strike (default: drawn, and printed)
  --directory <path>   where the data goes; must be new or empty, and is kept (default: a temporary one)
  --sabotage <what>    take a safeguard out and see the checks go red:
                       no-fsync       say that a turn is durable before it is
                       by-hand        feed the actors with sends of one's own, acknowledged in a second commit
                       no-effect-id   do an effect again that had been done, instead of knowing it by its id
  --help               print this`

const SPECIFICATION = {
  help: { type: 'boolean', default: false },
  forks: { type: 'string', default: '120' },
  kills: { type: 'string', default: '12' },
  seed: { type: 'string' },
  directory: { type: 'string' },
  sabotage: { type: 'string' },
} as const

/** A smaller run might be over before a kill can hurt. */
const SABOTAGE_FORKS_MIN = 20

/** @throws UsageError for an unknown option or a value that makes no sense. */
export function parseOptions(words: readonly string[]): DemoOptions {
  const values = parsed(words, SPECIFICATION)
  const options: DemoOptions = {
    help: values.help,
    forks: wholeNumber('forks', values.forks, 1),
    kills: wholeNumber('kills', values.kills, 0),
    seed: seedOf(values.seed),
    directory: values.directory,
    sabotage: oneOf('sabotage', values.sabotage, SABOTAGES),
  }
  if (options.sabotage !== undefined && (options.forks < SABOTAGE_FORKS_MIN || options.kills < 2)) {
    throw new UsageError(`--sabotage needs at least 2 kills and ${SABOTAGE_FORKS_MIN} forks to be seen`)
  }
  return options
}
