/**
 * Moving a group to another position.
 *
 * Owns: from a target to one offset a partition, and the order of the move. Leaves the lanes to the ledger.
 *
 * SK1. The move is one batch: after a crash the group stands at the old position or at the new one.
 * SK2. An offset that is not kept any more becomes the first that is; one beyond the end, the end.
 */
import type { Broker } from './broker.ts'
import { isDate, toMs } from './clock.ts'
import type { Desk } from './desk.ts'
import { InvalidOptionError } from './errors.ts'
import type { Feed } from './feed.ts'
import type { LedgerEvent } from './ledger-event.ts'
import type { MailboxReader } from './mailbox-reader.ts'
import { checkOptions, finiteNumber, wholeNumber } from './option-check.ts'
import { EventUnit } from './unit.ts'

/** `{ offset }` moves every partition there, or only `partition`. `time` is in milliseconds since 1970, or a Date. */
export type SeekTarget =
  | 'earliest'
  | 'latest'
  | { readonly offset: number; readonly partition?: number }
  | { readonly time: number | Date }

export interface SeekRequest {
  readonly target: SeekTarget
  readonly desk: Desk
  readonly broker: Broker
  readonly reader: MailboxReader
  readonly firstOf: (partition: number) => number
}

interface Move {
  readonly feed: Feed
  /** Not yet held against what is kept. */
  readonly wanted: number
}

export async function seekGroup(request: SeekRequest): Promise<void> {
  checkTarget(request.target)
  const moves = await Promise.all(feedsOf(request).map((feed) => moveOf(request, feed)))
  const end = request.desk.beginSeek(moves.map(({ feed }) => feed))
  try {
    await commitMoves(request, moves)
  } finally {
    end()
  }
}

/** The partitions that move. */
function feedsOf({ target, desk }: SeekRequest): readonly Feed[] {
  const { feeds, topic } = desk.parts
  if (typeof target !== 'object' || !('partition' in target) || target.partition === undefined) return feeds
  if (target.partition < feeds.length)
    return feeds.filter(({ mailbox }) => mailbox.partition === target.partition)
  throw new InvalidOptionError(
    `seek: topic '${topic}' has ${feeds.length} partitions, counted from 0; there is no partition ${target.partition}`,
  )
}

function checkTarget(target: SeekTarget): void {
  if (target === 'earliest' || target === 'latest') return
  if (typeof target !== 'object' || target === null || 'offset' in target === 'time' in target) {
    throw new InvalidOptionError("seek takes 'earliest', 'latest', { offset } or { time }")
  }
  if ('time' in target && isDate(target.time)) return
  const rules =
    'time' in target
      ? { time: finiteNumber(0, 8.64e15) }
      : { offset: wholeNumber(0), partition: wholeNumber(0) }
  checkOptions(target, rules, 'seek')
}

async function moveOf(request: SeekRequest, feed: Feed): Promise<Move> {
  return { feed, wanted: await offsetOf(request, feed) }
}

function offsetOf({ target, reader }: SeekRequest, feed: Feed): number | Promise<number> {
  if (target === 'earliest') return 0
  if (target === 'latest') return Number.MAX_SAFE_INTEGER
  if ('offset' in target) return target.offset
  return reader.offsetAt(feed.mailbox.mailbox, toMs(target.time))
}

function commitMoves(request: SeekRequest, moves: readonly Move[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const unit = new EventUnit(
      (draft) => {
        for (const move of moves) draft.event(eventOf(request, move))
      },
      (error) => (error === undefined ? resolve() : reject(error)),
      256 * (moves.length + 1),
    )
    request.broker.submit(unit)
  })
}

/** What is kept is looked at when the batch is made: nothing leaves the disk between that and the commit. */
function eventOf({ firstOf }: SeekRequest, { feed, wanted }: Move): LedgerEvent {
  const { partition, next } = feed.mailbox
  const offset = Math.min(Math.max(wanted, firstOf(partition)), next)
  return { kind: 'seek', group: feed.lane.group, mailbox: feed.lane.mailbox, offset }
}
