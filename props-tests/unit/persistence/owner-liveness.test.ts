import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { decodeIdentity, encodeIdentity, livenessOf, systemProcesses } from '../../../persistence/internal.ts'
import type { OwnerIdentity, Processes, Sight } from '../../../persistence/internal.ts'

const self: OwnerIdentity = {
  pid: 100,
  processStart: '5000',
  thread: '100/task/101',
  threadStart: '5001',
  bootId: 'boot-a',
  pidNamespace: 'pid:[1]',
  hostname: 'host-a',
  nonce: 'nonce-self',
  claimedAtMs: 1_000_000,
  takeover: false,
}
const owner: OwnerIdentity = { ...self, pid: 200, thread: '200/task/201', nonce: 'nonce-owner' }
const seen: Sight = { kind: 'seen', processStart: '5000', threadStart: '5001', stopped: false }

function verdict(found: Sight, changed: Partial<OwnerIdentity> = {}, view: Partial<OwnerIdentity> = {}) {
  const processes: Processes = { identify: () => self, look: () => found }
  return livenessOf({ ...owner, ...changed }, { ...self, ...view }, processes)
}

describe('livenessOf', () => {
  it('OL1: a stopped owner is alive', () => {
    assert.deepEqual(verdict({ ...seen, stopped: true }), { liveness: 'alive', stopped: true })
    assert.deepEqual(verdict(seen), { liveness: 'alive', stopped: false })
  })

  it('OL2: an ended process is dead, and so is one whose id another process has now', () => {
    assert.equal(verdict({ kind: 'gone' }).liveness, 'dead')
    assert.equal(verdict({ ...seen, processStart: '6000' }).liveness, 'dead')
  })

  it('OL3: a thread that ended no longer owns, nor does one whose id another thread has now', () => {
    assert.equal(verdict({ ...seen, threadStart: '6000' }).liveness, 'dead')
  })

  it('OL4: what cannot be seen is unknown, even where the numbers agree', () => {
    assert.equal(verdict({ kind: 'hidden' }).liveness, 'unknown')
    assert.equal(verdict(seen, { bootId: 'boot-b' }).liveness, 'unknown')
    assert.equal(verdict(seen, { pidNamespace: 'pid:[2]' }).liveness, 'unknown')
    assert.equal(verdict(seen, { bootId: '', hostname: 'host-b' }, { bootId: '' }).liveness, 'unknown')
    assert.equal(verdict(seen, { processStart: '' }).liveness, 'unknown')
    assert.equal(verdict({ ...seen, processStart: '' }).liveness, 'unknown')
  })

  it('OL1: only an owner that is alive is called stopped', () => {
    const stopped: Sight = { ...seen, stopped: true }
    assert.deepEqual(verdict({ ...stopped, processStart: '6000' }), { liveness: 'dead', stopped: false })
    assert.deepEqual(verdict(stopped, { bootId: 'boot-b' }), { liveness: 'unknown', stopped: false })
  })

  it('OL4: a machine that has boot ids is known by them, whatever its name', () => {
    assert.equal(verdict(seen, { hostname: 'host-b' }).liveness, 'alive')
  })

  it('OL4: a machine without boot ids is known by its name', () => {
    assert.equal(verdict(seen, { bootId: '' }, { bootId: '' }).liveness, 'alive')
  })
})

describe('OwnerIdentity', () => {
  it('OI1: reads back what was written', () => {
    assert.deepEqual(decodeIdentity(encodeIdentity(self)), self)
  })

  it('OI1: reads nothing from any part of it, nor with a field missing or of another type', () => {
    const bytes = encodeIdentity(self)
    for (let length = 0; length < bytes.length - 1; length += 1) {
      assert.equal(decodeIdentity(bytes.subarray(0, length)), undefined, `${length} bytes`)
    }
    assert.equal(decodeIdentity(new Uint8Array(bytes.length)), undefined)
    for (const text of ['null', '5', '[]', '"pid"']) {
      assert.equal(decodeIdentity(new TextEncoder().encode(text)), undefined, text)
    }
    for (const field of Object.keys(self)) {
      for (const wrong of [undefined, null, {}]) {
        const bent = new TextEncoder().encode(JSON.stringify({ ...self, [field]: wrong }))
        assert.equal(decodeIdentity(bent), undefined, `${field} = ${JSON.stringify(wrong)}`)
      }
    }
  })
})

describe('systemProcesses', { skip: process.platform !== 'linux' }, () => {
  it('OL1: sees this very thread as alive', () => {
    const me = systemProcesses.identify(false)
    assert.deepEqual(livenessOf(me, me, systemProcesses), { liveness: 'alive', stopped: false })
  })

  it('OL2, SY2: sees a killed process as dead even while nobody has waited for it', async () => {
    // The shell starts a child, tells its id, and never waits for it, so that it stays behind as a zombie.
    const shell = spawn('sh', ['-c', 'sleep 600 & echo $!; exec sleep 600'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    try {
      const [line] = await once(shell.stdout, 'data')
      const pid = Number(String(line))
      const thread = `${pid}/task/${pid}`
      const sight = systemProcesses.look(pid, thread)
      assert.equal(sight.kind, 'seen')
      process.kill(pid, 'SIGKILL')
      await untilKilled(pid, thread)
      assert.equal(process.kill(pid, 0), true, 'it is still listed')
      assert.equal(systemProcesses.look(pid, thread).kind, 'gone')
    } finally {
      shell.kill('SIGKILL')
    }
  })

  it('OL3: sees a thread that is not of the process as gone', () => {
    const me = systemProcesses.identify(false)
    assert.equal(systemProcesses.look(me.pid, `${me.pid}/task/1`).kind, 'gone')
  })

  it('OL4: makes no path of what stands in an owner file', () => {
    const me = systemProcesses.identify(false)
    assert.equal(systemProcesses.look(me.pid, '../etc').kind, 'hidden')
    assert.equal(systemProcesses.look(me.pid, '').kind, 'hidden')
  })
})

/** A kill takes a moment; each look is a real look at the process. */
async function untilKilled(pid: number, thread: string): Promise<void> {
  while (systemProcesses.look(pid, thread).kind === 'seen') {
    await new Promise((resolve) => setImmediate(resolve))
  }
}
