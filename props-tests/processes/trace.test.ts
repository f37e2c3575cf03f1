/**
 * A real process under a tracer: the disk has it before anybody hears of it (G1).
 */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { ChildLife } from './child-process.ts'
import type { Orders } from './kill-words.ts'
import { readTrace, underTrace, whyNoTrace } from './system-calls.ts'
import type { SystemCall } from './system-calls.ts'
import { checkTrace } from './trace-check.ts'

const SENDS = 300
const CONTROL_SENDS = 20
const reason = whyNoTrace()
if (reason !== undefined) console.log(`NOTICE: the order of system calls was NOT checked: ${reason}`)

describe('the system calls of a process that sends', { skip: reason ?? false }, () => {
  let root = ''
  let right: readonly SystemCall[] = []
  before(() => {
    root = fs.mkdtempSync(join(tmpdir(), 'unlost-trace-'))
  })
  after(() => {
    fs.rmSync(root, { recursive: true })
  })

  async function trace(orders: Partial<Orders> & { sends: number }, name: string): Promise<SystemCall[]> {
    const file = join(root, `${name}.trace`)
    const all: Orders = { mode: 'send', directory: join(root, name), life: 1, again: [], ...orders }
    const child = new ChildLife({
      script: 'kill-child.ts',
      orders: all,
      onLine: () => {},
      under: underTrace(file),
    })
    const { code, stderr } = await child.over
    assert.equal(code, 0, stderr)
    return readTrace(fs.readFileSync(file, 'latin1'))
  }

  it('BR1: the write and the sync of its frame end before each confirmation, and so does the sync of its name', async (t) => {
    right = await trace({ sends: SENDS }, 'right')
    const verdict = checkTrace(right)
    t.diagnostic(`${verdict.confirmations} confirmations in ${verdict.segments} segments`)
    assert.deepEqual(verdict.complaints, [])
    assert.equal(verdict.confirmations, SENDS)
    assert.ok(verdict.segments >= 2, 'the journal went on into another file')
  })

  it('BR1: the same check goes red for a store that confirms early', async () => {
    const verdict = checkTrace(await trace({ sends: CONTROL_SENDS, early: true }, 'early'))
    assert.equal(verdict.confirmations, CONTROL_SENDS)
    assert.ok(verdict.complaints.length > 0, 'it complains')
    assert.match(verdict.complaints.join(), /not (?:written|synced) before|was never written/)
  })

  it('BR1: the same check goes red for the right trace with its syncs taken out, failed or too late', () => {
    const isSync = ({ name }: SystemCall): boolean => name === 'fdatasync' || name === 'fsync'
    const isNaming = (call: SystemCall): boolean => isSync(call) && !call.path.includes('/segment-')
    const failed = right.map((call) => (isSync(call) ? { ...call, result: -1 } : call))
    const late = right.map((call) => (isSync(call) ? { ...call, ended: Infinity } : call))
    const unsynced = right.filter((call) => !isSync(call))
    const unnamed = right.filter((call) => !isNaming(call))
    for (const wrong of [failed, late, unsynced, unnamed]) {
      assert.equal(checkTrace(wrong).complaints.length, SENDS)
    }
  })
})
