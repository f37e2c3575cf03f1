/**
 * How far a group is behind.
 *
 * Owns: the counting. Leaves nothing behind: it reads state and changes none.
 *
 * LAG1. `ready + leased + delayed` is every message the group is not done with; dead letters are not counted.
 */
import type { Desk } from './desk.ts'
import type { Feed } from './feed.ts'
import type { MailboxReader } from './mailbox-reader.ts'

export interface PartitionLag {
  readonly partition: number
  /** Waiting to be handed out (also those behind an earlier message of their key). */
  readonly ready: number
  readonly leased: number
  /** Not due yet: delayed by their sender, or waiting for a retry. Known once the group has read them. */
  readonly delayed: number
  /** Age of the oldest message that is not done, in milliseconds; 0 when there is none. */
  readonly oldestAgeMs: number
}

export interface Lag {
  readonly total: number
  readonly partitions: readonly PartitionLag[]
}

export async function measureLag(desk: Desk, reader: MailboxReader): Promise<Lag> {
  const partitions = await Promise.all(desk.parts.feeds.map((feed) => partitionLag(desk, feed, reader)))
  const total = partitions.reduce((sum, { ready, leased, delayed }) => sum + ready + leased + delayed, 0)
  return { total, partitions }
}

async function partitionLag(desk: Desk, feed: Feed, reader: MailboxReader): Promise<PartitionLag> {
  const { lane, mailbox } = feed
  const belowFloor = [...lane.open.keys()].filter((offset) => offset < lane.floor).length
  const undone = Math.max(0, mailbox.next - lane.floor) - lane.done.size + belowFloor
  const leased = desk.activeIn(feed)
  const delayed = feed.delayedCount
  const ready = Math.max(0, undone - leased - delayed)
  return {
    partition: mailbox.partition,
    ready,
    leased,
    delayed,
    oldestAgeMs: await oldestAge(desk, feed, reader),
  }
}

async function oldestAge(desk: Desk, feed: Feed, reader: MailboxReader): Promise<number> {
  const { lane, mailbox } = feed
  let oldest = lane.floor
  for (const offset of lane.open.keys()) oldest = Math.min(oldest, offset)
  if (oldest >= mailbox.next) return 0
  const message = await reader.message(mailbox.mailbox, oldest)
  return message === undefined ? 0 : Math.max(0, desk.parts.dueClock.nowMs() - message.timestampMs)
}
