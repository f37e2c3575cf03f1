/**
 * Expecting a check to fail: in an example the bug is there on purpose.
 *
 * Owns: telling the expected failure from any other. Your own tests just await the check.
 */
import assert from 'node:assert/strict'
import { CheckFailedError } from '../../props-tests/index.ts'

/** Awaits that `check` finds the guarantee of this name broken, and shows the report as a person would see it. */
export async function expectBroken(name: string, check: Promise<unknown>): Promise<void> {
  await assert.rejects(check, (error) => {
    if (!(error instanceof CheckFailedError)) return false
    console.log(`${error.message}\n`)
    assert.equal(error.violation.invariant, name)
    return true
  })
}
