/**
 * The report of a failed check, for a person who sees one for the first time.
 *
 * Owns: its order: which guarantee broke and how, where to look, what happened, how to see it again.
 * Leaves to `time-line.ts` the middle, to `hints.ts` and `clues.ts` the advice.
 *
 * RDF1. The first line names the guarantee; the next sentence says what was found, with the message.
 * RDF2. The lines to paste stand on lines of their own, unbroken; the shell's names this check alone.
 */
import type { CheckCounts, FailureReport } from '../failure.ts'
import { cluesOf } from './clues.ts'
import { hintFor } from './hints.ts'
import { sceneOf } from './scene.ts'
import type { Scene } from './scene.ts'
import { columnsMax, timeLineOf, wrap } from './time-line.ts'
import { clean, cut, messageText } from './words.ts'

/** What else a report can say. */
export interface DescribeOptions {
  /** Where the picture was written, or why not. */
  readonly picture?: string
}

const rowsMax = 32
const textLettersMax = 600
const messagesMax = 12
const labelWidth = 18

const guarantees: Readonly<Record<string, string>> = {
  G1: 'confirm',
  G2: 'no loss',
  G3: 'no gap',
  G4: 'no repeat on retry',
  G5: 'delivered means durable',
  G6: 'ack after work',
  G7: 'exactly once inside',
  G8: 'nothing hangs',
  G9: 'no silent corruption',
  G10: 'one owner',
  G11: 'bounded',
  G12: 'loss only on request',
}

/**
 * Tells a failure: at most 100 columns, without colour.
 *
 * @example console.error(describeFailure(error.failure))
 */
export function describeFailure(failure: FailureReport, options: DescribeOptions = {}): string {
  const { invariant, violation, history, title } = failure
  const scene = sceneOf(history, violation, rowsMax)
  const clues = cluesOf({ history, violation, scene, reference: failure.reference })
  const lines = [
    ...wrap(`${invariant.name}: ${title} broke ${guaranteeText(invariant.guarantee)}`, columnsMax),
    '',
    ...wrap(cut(violation.text, textLettersMax), columnsMax - 2).map((line) => `  ${line}`),
    '',
    ...labelled('What should hold', invariant.about),
    ...clues.flatMap((clue) => labelled('Seen in this run', clue)),
    ...labelled('Where to look', hintFor(invariant.name)),
    '',
    `  What happened (${scene.told} of ${scene.all} events). > marks what shows it, X a crash.`,
    ...messageLines(scene),
    '',
    ...timeLineOf(scene, cut(invariant.name, 40)),
    '',
    '  Run this case alone, in the test or from a shell:',
    `    ${failure.replayLine}`,
    `    UNLOST_REPLAY=${quoted(`${failure.replay}@${title}`)} node --test your.test.js`,
    ...(options.picture === undefined ? [] : labelled('Picture', options.picture)),
    ...labelled('Search', searchText(failure)),
  ]
  return lines.join('\n')
}

function guaranteeText(guarantee: string): string {
  const name = guarantees[guarantee]
  return name === undefined ? 'a guarantee' : `guarantee ${guarantee} "${name}"`
}

/** For a shell: titles hold blanks and quotes. */
const quoted = (text: string): string => `'${clean(text).replaceAll("'", String.raw`'\''`)}'`

function labelled(label: string, text: string): string[] {
  const [first = '', ...rest] = wrap(text, columnsMax - 2 - labelWidth)
  return [
    `  ${label.padEnd(labelWidth)}${first}`,
    ...rest.map((line) => `  ${' '.repeat(labelWidth)}${line}`),
  ]
}

function messageLines({ messages }: Scene): string[] {
  const lines = messages
    .slice(0, messagesMax)
    .flatMap((message) => wrap(`${message.letter} = ${messageText(message)}`, columnsMax - 4))
  const more = messages.length - messagesMax
  return [...lines, ...(more > 0 ? [`… and ${more} more messages`] : [])].map((line) => `    ${line}`)
}

function searchText({ counts, shrinking }: FailureReport): string {
  const short = shrinking.isCutShort ? '; the time for that ran out, so a shorter case may exist' : ''
  const tried = `${shrinking.tried} smaller case${shrinking.tried === 1 ? '' : 's'} tried`
  return `found in run ${counts.runs}, after ${countsText(counts)}; then ${tried}${short}.`
}

/** `34 crashes, 5 other faults, 120 messages and 160 runs of handlers`. */
export function countsText({ crashes, faults, messages, handlerRuns }: CheckCounts): string {
  return `${count(crashes, 'crash', 'es')}, ${count(faults, 'other fault')}, ${count(messages, 'message')} and ${count(handlerRuns, 'handler run')}`
}

const count = (size: number, noun: string, plural = 's'): string =>
  `${size} ${noun}${size === 1 ? '' : plural}`
