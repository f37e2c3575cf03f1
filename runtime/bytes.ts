/**
 * A growing buffer to write into, and a cursor to read from.
 *
 * Owns: little-endian numbers and text in a `Buffer`. Leaves what they mean to its callers.
 *
 * BY1. A writer grows by doubling; `take` hands its bytes out and starts afresh. What it hands out
 *     holds on to at most about twice its length, whatever the writer was made for.
 * BY2. A reader that is asked for more than there is throws; it never returns short bytes.
 */
import assert from 'node:assert/strict'

const NOTHING = Buffer.alloc(0)

/** From so many characters on, counting bytes is cheaper than the room for three a character. */
const LONG_CHARS = 4096

/** Room in which `value` fits as UTF-8, in bytes. */
export function utf8Room(value: string): number {
  return value.length < LONG_CHARS ? value.length * 3 : Buffer.byteLength(value)
}

export class ByteWriter {
  #buffer: Buffer
  #length = 0
  readonly #roomBytes: number

  /** Room for `roomBytes` is made at the first write. */
  constructor(roomBytes = 1024) {
    this.#buffer = NOTHING
    this.#roomBytes = roomBytes
  }

  get length(): number {
    return this.#length
  }

  /** What is written so far, and the room behind it. Another one after it grew. */
  get buffer(): Buffer {
    return this.#buffer
  }

  /** Makes room for `count` bytes and returns where they begin. */
  reserve(count: number): number {
    const at = this.#length
    if (at + count > this.#buffer.length) this.#grow(at + count)
    this.#length += count
    return at
  }

  u8(value: number): void {
    const at = this.reserve(1)
    this.#buffer[at] = value
  }

  u32(value: number): void {
    const at = this.reserve(4)
    this.u32At(at, value)
  }

  u32At(at: number, value: number): void {
    const buffer = this.#buffer
    buffer[at] = value
    buffer[at + 1] = value >>> 8
    buffer[at + 2] = value >>> 16
    buffer[at + 3] = value >>> 24
  }

  f64(value: number): void {
    const at = this.reserve(8)
    this.#buffer.writeDoubleLE(value, at)
  }

  bytes(value: Uint8Array): void {
    const at = this.reserve(value.length)
    this.#buffer.set(value, at)
  }

  /** Writes `value` as UTF-8 and returns its length in bytes. */
  utf8(value: string): number {
    const at = this.reserve(utf8Room(value))
    const written = this.#buffer.write(value, at, 'utf8')
    this.#length = at + written
    return written
  }

  /** Text with its length in front. */
  text(value: string): void {
    const at = this.reserve(4)
    this.u32At(at, this.utf8(value))
  }

  /** Takes back everything from `length` on. */
  rewind(length: number): void {
    this.#length = length
  }

  /** The bytes written; the writer starts afresh and never touches them again. */
  take(): Buffer {
    const taken = this.#buffer.subarray(0, this.#length)
    this.#length = 0
    // Whoever keeps a few bytes must not keep a large buffer with them.
    if (taken.length * 2 < this.#buffer.length) return Buffer.from(taken)
    this.#buffer = NOTHING
    return taken
  }

  #grow(atLeast: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#roomBytes, this.#buffer.length * 2, atLeast))
    this.#buffer.copy(grown, 0, 0, this.#length)
    this.#buffer = grown
  }
}

export class ByteReader {
  readonly #buffer: Buffer
  #at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.#buffer = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#at = at
  }

  get position(): number {
    return this.#at
  }

  get done(): boolean {
    return this.#at >= this.#buffer.length
  }

  u8(): number {
    const value = this.#buffer[this.#at]
    assert(value !== undefined, 'a record ends too early')
    this.#at += 1
    return value
  }

  u32(): number {
    const value = this.#buffer.readUInt32LE(this.#at)
    this.#at += 4
    return value
  }

  f64(): number {
    const value = this.#buffer.readDoubleLE(this.#at)
    this.#at += 8
    return value
  }

  skip(count: number): void {
    assert(this.#at + count <= this.#buffer.length, 'a record ends too early')
    this.#at += count
  }

  /** A view, not a copy. */
  bytes(count: number): Buffer {
    this.skip(count)
    return this.#buffer.subarray(this.#at - count, this.#at)
  }

  /** Text with its length in front. */
  text(): string {
    return this.utf8(this.u32())
  }

  utf8(length: number): string {
    this.skip(length)
    return this.#buffer.toString('utf8', this.#at - length, this.#at)
  }
}
