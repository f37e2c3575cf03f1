/**
 * The schema at the door of a topic.
 *
 * Owns: running a Standard Schema, whether it answers at once or later. Leaves codecs to `value-codec.ts`.
 *
 * SC1. A refused value is an `InvalidValueError` that carries the schema's issues.
 * SC2. A schema that answers at once costs no promise.
 * SC3. A schema that answers later is given bytes of its own: the caller may reuse its buffer at once.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { InvalidValueError, wordsOf, type ValueIssue } from './errors.ts'
import type { Topic } from './topic.ts'

/** The value to store: the schema's output, at once or as a promise. */
export function checkValue<Input, Value>(
  topic: Pick<Topic<Input, Value>, 'name' | 'schema'>,
  input: Input,
): Value | Promise<Value> {
  // Without a schema, Input and Value are one type (see `defineTopic`).
  if (topic.schema === undefined) return input as unknown as Value
  const result = runSchema(topic.schema, ownBytes(input), topic.name)
  if (isLater(result)) return Promise.resolve(result).then((settled) => accept(settled, topic.name))
  return accept(result, topic.name)
}

/** Only a schema may look at the input later; a codec copies what it is given at once. */
function ownBytes<Input>(input: Input): Input {
  // The copy is of the same class: `slice` of a Buffer itself would be a view.
  return input instanceof Uint8Array ? (Uint8Array.prototype.slice.call(input) as Input & Uint8Array) : input
}

type Result<Value> = StandardSchemaV1.Result<Value>

function runSchema<Input, Value>(
  schema: StandardSchemaV1<Input, Value>,
  input: Input,
  topic: string,
): Result<Value> | Promise<Result<Value>> {
  try {
    return schema['~standard'].validate(input)
  } catch (cause) {
    throw new InvalidValueError(`topic '${topic}': the schema threw: ${wordsOf(cause)}`, [], cause)
  }
}

/** Not only promises of this realm: whatever has a `then` answers later. */
function isLater<Value>(result: Value | PromiseLike<Value>): result is PromiseLike<Value> {
  return (
    typeof result === 'object' && result !== null && 'then' in result && typeof result.then === 'function'
  )
}

function accept<Value>(result: Result<Value>, topic: string): Value {
  if (result.issues === undefined) return result.value
  const issues = result.issues.map(toIssue)
  const words = issues.map((issue) => `${issue.path.map(String).join('.') || 'value'}: ${issue.message}`)
  throw new InvalidValueError(`topic '${topic}': the schema refused the value: ${words.join('; ')}`, issues)
}

function toIssue(issue: StandardSchemaV1.Issue): ValueIssue {
  const path = (issue.path ?? []).map((part) => (typeof part === 'object' ? part.key : part))
  return { message: issue.message, path }
}
