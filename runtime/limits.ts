/**
 * The bounds of a runtime: nothing grows without one.
 *
 * Owns: names, defaults and how they relate. Leaves enforcing each to the file that it concerns.
 *
 * LI1. Every queue has a bound here, and being full is back-pressure or an error by name (G11).
 */
import { wholeNumber, type Rules } from './option-check.ts'

export interface Limits {
  /** Largest encoded value of one message, in bytes. Default 1 MiB. */
  readonly valueBytes: number
  /** Sends of one producer that may be under way at once. Default 16,384. */
  readonly windowCount: number
  /** Bytes of one producer that may be under way at once. Default 16 MiB. */
  readonly windowBytes: number
  /** Sends of one producer that may wait for room in the window. Default 65,536. */
  readonly waitingCount: number
  /** Bytes of one producer that may wait for room in the window. Default 64 MiB. */
  readonly waitingBytes: number
  /** How much is gathered into one batch at most, in bytes. Default 1 MiB. */
  readonly batchBytes: number
  /** Recently committed messages kept in memory for consumers that keep up, in bytes. Default 32 MiB. */
  readonly recentBytes: number
  /** Messages of a group in one partition that wait for a retry before it reads no further. Default 10,000. */
  readonly retryCount: number
  /** Actors of a definition whose states are held as objects; all others are bytes. Default 16,384. */
  readonly activeActors: number
  /** Size of a segment file, in bytes. Default 8 MiB. */
  readonly segmentBytes: number
  /** How long nothing may move before a `stalled` event, in milliseconds. Default 10,000. */
  readonly stallMs: number
  /**
   * Longest pause between two tries on a full disk, in milliseconds. Default 1,000. A send whose time ends in the middle
   * of a try waits for its answer, at most so much longer.
   */
  readonly diskRetryMs: number
  /** How often retention and checkpoints are looked at, in milliseconds. Default 1,000. */
  readonly upkeepMs: number
  /** How long `close` waits for running handlers, in milliseconds. Default 30,000. */
  readonly drainTimeoutMs: number
}

const MIB = 1024 * 1024

export const DEFAULT_LIMITS: Limits = {
  valueBytes: MIB,
  windowCount: 16_384,
  windowBytes: 16 * MIB,
  waitingCount: 65_536,
  waitingBytes: 64 * MIB,
  batchBytes: MIB,
  recentBytes: 32 * MIB,
  retryCount: 10_000,
  activeActors: 16_384,
  segmentBytes: 8 * MIB,
  stallMs: 10_000,
  diskRetryMs: 1_000,
  upkeepMs: 1_000,
  drainTimeoutMs: 30_000,
}

export const LIMIT_RULES: Rules = {
  valueBytes: wholeNumber(1, 512 * MIB),
  windowCount: wholeNumber(1),
  windowBytes: wholeNumber(1024),
  waitingCount: wholeNumber(0),
  waitingBytes: wholeNumber(0),
  batchBytes: wholeNumber(4096, 512 * MIB),
  recentBytes: wholeNumber(0),
  retryCount: wholeNumber(1),
  activeActors: wholeNumber(1),
  segmentBytes: wholeNumber(64 * 1024, 1024 * MIB),
  stallMs: wholeNumber(1),
  diskRetryMs: wholeNumber(1),
  upkeepMs: wholeNumber(1),
  drainTimeoutMs: wholeNumber(0),
}

export function resolveLimits(limits: Partial<Limits> = {}): Limits {
  const given = Object.entries(limits).filter(([, value]) => value !== undefined)
  return { ...DEFAULT_LIMITS, ...Object.fromEntries(given) }
}
