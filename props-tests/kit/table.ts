/**
 * One transaction over the rows of a table outside.
 *
 * Owns: that all of it takes effect or none, and that rows are copies. Leaves when it happens to `outside.ts`.
 *
 * TB1. A transaction that throws changes nothing.
 * TB2. A row that was read or written is a copy: changing it changes no table.
 */
import { CheckUsageError } from './errors.ts'
import { spell } from './json.ts'
import type { Rows } from './world.ts'

/** Runs `work` over `rows` (texts by key). `changed` has what each touched key holds afterwards. */
export function inTransaction<Row, Result>(
  rows: Map<string, string>,
  work: (rows: Rows<Row>) => Result,
): { readonly result: Result; readonly changed: ReadonlyMap<string, unknown> } {
  const touched = new Map<string, string | undefined>()
  const read = (key: string): string | undefined => (touched.has(key) ? touched.get(key) : rows.get(key))
  const keys = (): string[] =>
    [...new Set([...rows.keys(), ...touched.keys()])].filter((key) => read(key) !== undefined)
  const view: Rows<Row> = {
    get: (key) => parse(read(key)) as Row | undefined,
    has: (key) => read(key) !== undefined,
    set: (key, row) => touched.set(key, spell(row)),
    delete: (key) => {
      const had = read(key) !== undefined
      touched.set(key, undefined)
      return had
    },
    get size() {
      return keys().length
    },
    entries: () =>
      keys()
        .toSorted()
        .map((key): [string, Row] => [key, parse(read(key)) as Row]),
  }
  const result = work(view)
  if (result instanceof Promise) throw new CheckUsageError('the work of a transaction must be synchronous')
  return { result, changed: apply(rows, touched) }
}

function apply(
  rows: Map<string, string>,
  touched: ReadonlyMap<string, string | undefined>,
): Map<string, unknown> {
  const changed = new Map<string, unknown>()
  for (const [key, text] of touched) {
    if (text === rows.get(key)) continue
    changed.set(key, parse(text) ?? null)
    if (text === undefined) rows.delete(key)
    else rows.set(key, text)
  }
  return changed
}

function parse(text: string | undefined): unknown {
  return text === undefined ? undefined : JSON.parse(text)
}
