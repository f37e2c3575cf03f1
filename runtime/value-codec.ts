/**
 * Values to what is stored of them, and back.
 *
 * Owns: the three codecs and the refusal of what they cannot carry. Leaves the record around a value to `record.ts`.
 *
 * VC1. What `decodeValue` returns shares no memory with the journal.
 * VC2. A value that the codec cannot carry is refused with `InvalidValueError`, never stored in part. What JSON itself
 *     changes (a Date to text, NaN to null) is the codec's own doing.
 */
import { InvalidValueError, UndecodableError, wordsOf } from './errors.ts'
import type { CodecChoice } from './topic.ts'

/** An encoded value: text that will be written as UTF-8, or bytes that are the caller's. */
export type Payload = string | Uint8Array

export function encodeValue<Value>(codec: CodecChoice<Value>, value: Value): Payload {
  if (codec === 'json') return encodeJson(value)
  const bytes = codec === 'binary' ? value : runEncode(codec.encode.bind(codec), value)
  if (!(bytes instanceof Uint8Array)) {
    throw new InvalidValueError('the codec carries a Uint8Array; encode the value or declare another codec')
  }
  return bytes
}

function encodeJson(value: unknown): string {
  const json = runEncode<unknown, string | undefined>(JSON.stringify, value)
  if (json === undefined) throw new InvalidValueError('JSON cannot carry undefined, a function or a symbol')
  return json
}

function runEncode<Value, Encoded>(encode: (value: Value) => Encoded, value: Value): Encoded {
  try {
    return encode(value)
  } catch (cause) {
    throw new InvalidValueError(`the codec refused the value: ${wordsOf(cause)}`, [], cause)
  }
}

export function payloadBytes(payload: Payload): number {
  return typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length
}

/** The value in `bytes`. Throws `UndecodableError`. */
export function decodeValue<Value>(codec: CodecChoice<Value>, bytes: Buffer): Value {
  try {
    // The topic's declaration is the type of what it carries; the schema has checked it at `send`.
    if (codec === 'json') return JSON.parse(bytes.toString('utf8')) as Value
    if (codec === 'binary') return new Uint8Array(bytes) as Value
    return codec.decode(new Uint8Array(bytes))
  } catch (cause) {
    throw new UndecodableError(`the codec cannot read the stored value: ${wordsOf(cause)}`, { cause })
  }
}

/** The codec's name as the ledger keeps it, so that a changed declaration is noticed. */
export function codecName(codec: unknown): string {
  return typeof codec === 'string' ? codec : 'custom'
}
