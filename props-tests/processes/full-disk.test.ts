/**
 * A real disk without space: sends are refused by name, acks work and free space, and all goes on by itself.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { ChildLife } from './child-process.ts'
import type { FullLine } from './full-child.ts'

const DISK_BYTES = 1024 * 1024
const mount = `mount -t tmpfs -o size=${DISK_BYTES} none "$0"`

/** A command runs in a mount table of its own, with a small disk at `directory` that goes away with it. */
function onSmallDisk(directory: string): string[] {
  return ['unshare', '-Urm', 'sh', '-c', `${mount} && exec "$@"`, directory]
}

function whyNoDisk(): string | undefined {
  const [command, ...words] = [...onSmallDisk(tmpdir()), 'true']
  assert.ok(command !== undefined)
  const { error, status, stderr } = spawnSync(command, words, { encoding: 'utf8' })
  if (error !== undefined) return `unshare is not there (${error.message})`
  return status === 0 ? undefined : `no disk may be mounted here: ${stderr.trim()}`
}

const reason = process.platform === 'linux' ? whyNoDisk() : 'this is not Linux'
if (reason !== undefined) console.log(`NOTICE: a full disk was NOT tried: ${reason}`)

describe('a full disk', { skip: reason ?? false }, () => {
  let root = ''
  before(() => {
    root = fs.mkdtempSync(join(tmpdir(), 'unlost-full-'))
  })
  after(() => {
    fs.rmSync(root, { recursive: true })
  })

  it('S4, S5, UP3: refuses by name, takes acks, goes on by itself, and has lost nothing', async (t) => {
    const lines: FullLine[] = []
    const child = new ChildLife({
      script: 'full-child.ts',
      orders: { directory: join(root, 'data') },
      onLine: (line) => void lines.push(line as FullLine),
      under: onSmallDisk(root),
    })
    const { code, stderr } = await child.over
    assert.equal(code, 0, `${stderr} after ${JSON.stringify(lines.at(-1))}`)
    const refused = lines.filter((line) => line.say === 'refused')
    assert.equal(refused.length, 2, 'it was full twice')
    for (const line of refused) {
      assert.equal(line.code, 'UNLOST_DISK_FULL')
      assert.equal(line.outcome, 'not-written')
    }
    assert.ok(
      lines.some(({ say }) => say === 'went-on'),
      'it went on when space was back',
    )
    assert.ok(!lines.some(({ say }) => say === 'broken'), 'it never broke')
    const confirmed = lines.flatMap((line) => (line.say === 'confirmed' ? [line.id] : []))
    const acked = lines.flatMap((line) => (line.say === 'acked' ? [line.id] : []))
    t.diagnostic(`${confirmed.length} confirmed on ${DISK_BYTES} bytes`)
    assert.ok(confirmed.length > 100, 'it was filled')
    assert.deepEqual(acked, confirmed, 'each message once, in order, also after it was opened again')
  })
})
