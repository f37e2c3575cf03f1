/**
 * The words that a campaign is started with.
 *
 * Owns: reading them. A word that is not known is refused by name, so that a mistyped run never is another one.
 */
import { randomInt } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'

export interface CampaignOptions {
  readonly minutes: number
  readonly seed: number
  readonly workers: number
  readonly bug: string | undefined
  readonly only: readonly string[]
  readonly replay: string | undefined
  readonly isPartial: boolean
  readonly isHelp: boolean
}

export const usage = `npm run campaign -- [--minutes 1] [--seed S] [--workers (cores)] [--only kind,kind]
                    [--partial]           do not demand that every situation was met
                    [--replay 'task']     run one task, or one failing case, again
                    [--bug 'name']        plant a bug, to see it found`

export class CampaignOptionError extends TypeError {
  override readonly name = 'CampaignOptionError'
}

/** Throws `CampaignOptionError`. */
export function readOptions(words: readonly string[]): CampaignOptions {
  const { values } = parsed(words)
  return {
    minutes: numberOf('minutes', values.minutes ?? '1'),
    seed: numberOf('seed', values.seed ?? String(randomInt(2 ** 31 - 1))),
    workers: Math.max(1, numberOf('workers', values.workers ?? String(availableParallelism()))),
    bug: values.bug,
    only: values.only === undefined ? [] : values.only.split(','),
    replay: values.replay,
    isPartial: values.partial ?? false,
    isHelp: values.help ?? false,
  }
}

function parsed(words: readonly string[]) {
  const [text, flag] = [{ type: 'string' }, { type: 'boolean' }] as const
  const options = {
    minutes: text,
    seed: text,
    workers: text,
    bug: text,
    only: text,
    replay: text,
    partial: flag,
    help: flag,
  }
  try {
    return parseArgs({ args: [...words], options, strict: true })
  } catch (error) {
    throw new CampaignOptionError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}

function numberOf(name: string, text: string): number {
  const value = Number(text)
  if (text === '' || !(value >= 0)) throw new CampaignOptionError(`--${name} must be a number, not "${text}"`)
  return value
}
