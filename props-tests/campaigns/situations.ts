/**
 * Situations that a campaign must have met: where one never happened, its silence proves nothing.
 *
 * Owns: the list, with what each means. Leaves to the kinds of tasks noticing them.
 *
 * SI1. A campaign in which one of these never happened is not a good one, whatever else it found.
 */
import type { Tally } from './tally.ts'

export const situations = {
  'torn-tail-dropped': 'a crash left parts of a frame; they were set aside, and the rest opened by itself',
  'batch-cut': 'a crash struck while a batch was written, and nothing of it was there afterwards',
  'unconfirmed-kept': 'a crash struck before a batch was confirmed, and all of it was there afterwards',
  'crash-in-recovery': 'a process died while it opened what another had left',
  'crash-in-rotation': 'a process died while it made the next segment',
  'crash-in-checkpoint': 'a process died while it wrote a checkpoint',
  'crash-in-trim': 'a process died while it freed what was done with',
  'crash-in-release': 'a process died while it closed its journal',
  'idle-mark-lost': 'the machine died while the mark that says "all this is durable" was written',
  'sync-failed': 'a sync failed; what it was to keep was kept, lost, half kept or taken back',
  'sync-lied': 'a sync failed and left bytes that can be read and are not on the platter',
  'enospc-recovered': 'the disk was full, said so, and took more when space was back',
  fenced: 'an owner was stopped, replaced, and told so when it went on',
  'zombie-confirmed': 'an owner that was being replaced confirmed something, and its successor had it',
  'corruption-refused': 'damage was refused by name when the directory was opened',
  'read-refused': 'damage was refused by name by the read that met it',
  'padding-damaged': 'damage hit bytes that mean nothing, and everything was there',
  'last-frame-lost':
    'damage hit the last frames before a crash, of which nothing proves that they had been durable',
  'stale-block': 'a block showed what it had held before',
  'misdirected-block': 'a block lay where another one belongs',
  redelivered: 'a message came again, because the process died before its end was durable',
  'dead-lettered': 'a message used up its attempts and came to the dead letters',
  'hand-over-cut':
    'a process died after a handler had returned, before what it handed over was committed with its ack',
  'timer-over-restart': 'a delayed message came in a later process than the one that sent it',
  'clock-jumped-back':
    'the wall clock was set back while messages were out, and everything came all the same',
  'handed-over': 'what a handler handed over was committed with its ack',
} as const

export type Situation = keyof typeof situations

/** Those that never happened. */
export function missing(tally: Tally): Situation[] {
  return (Object.keys(situations) as Situation[]).filter((name) => tally.count('situations', name) === 0)
}
