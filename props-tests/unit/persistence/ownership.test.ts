import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { LockedError, nodeDisk } from '../../../persistence/index.ts'
import { systemProcesses, takeOwnership } from '../../../persistence/internal.ts'
import type { OwnershipPorts, Processes, Sight } from '../../../persistence/internal.ts'

const ALIVE = (stopped: boolean): Sight => ({ kind: 'seen', processStart: '50', threadStart: '51', stopped })

/** Two processes on one machine, of which the test says how they look to each other. */
function processAt(pid: number, nowMs: number, sight: Sight): Processes {
  return {
    identify: (takeover) => ({
      pid,
      processStart: '50',
      thread: `${pid}/task/${pid}`,
      threadStart: '51',
      bootId: 'boot',
      pidNamespace: 'pid:[1]',
      hostname: 'host',
      nonce: `nonce-${pid}`,
      claimedAtMs: nowMs,
      takeover,
    }),
    look: () => sight,
  }
}

describe('takeOwnership', () => {
  let directory = ''
  let pausesMs = 0
  beforeEach(() => {
    directory = fs.mkdtempSync(join(tmpdir(), 'unlost-ownership-'))
    pausesMs = 0
  })
  afterEach(() => {
    fs.rmSync(directory, { recursive: true })
  })

  function ports(processes: Processes, fresh = false): OwnershipPorts {
    return {
      disk: nodeDisk,
      processes,
      staleMs: 5_000,
      isLockFresh: () => Promise.resolve(fresh),
      pause: (durationMs) => {
        pausesMs += durationMs
        return Promise.resolve()
      },
    }
  }
  const first = (nowMs = 0, takeover = false) =>
    takeOwnership(ports(processAt(1, nowMs, ALIVE(false))), directory, takeover)
  const refused = (attempt: Promise<unknown>, message: RegExp) =>
    assert.rejects(attempt, (error) => {
      assert.ok(error instanceof LockedError)
      assert.match(error.message, message)
      return true
    })
  const owners = () => fs.readdirSync(directory).filter((name) => name.startsWith('owner-'))

  it('OW1: gives a fresh directory to the first, under epoch 1, and a closed one to the next', async () => {
    const claim = await first()
    assert.equal(claim.epoch, 1)
    claim.close({ segmentId: 1, epoch: 1, byteLength: 0, chain: 0 })
    const next = await takeOwnership(ports(processAt(2, 0, ALIVE(false)), true), directory, false)
    assert.equal(next.epoch, 2)
  })

  it('OW1: of many that looked at the same owner, one claims and the others are refused', async () => {
    await first()
    const gone = ports(processAt(2, 60_000, { kind: 'gone' }))
    const attempts = Array.from({ length: 8 }, () => takeOwnership(gone, directory, false))
    const settled = await Promise.allSettled(attempts)
    const winners = settled.filter((one) => one.status === 'fulfilled')
    assert.equal(winners.length, 1)
    for (const one of settled) assert.ok(one.status === 'fulfilled' || one.reason instanceof LockedError)
    assert.equal(owners().length, 2)
  })

  it('OW2: refuses while the owner lives, stopped or not, and says what to do', async () => {
    await first()
    const other = (stopped: boolean) => ports(processAt(2, 86_400_000, ALIVE(stopped)))
    await refused(
      takeOwnership(other(false), directory, false),
      /open in process 1 on host since 1970-01-01.*takeover: true/s,
    )
    await refused(takeOwnership(other(true), directory, false), /stopped.*takeover: true/s)
    assert.equal(owners().length, 1, 'a refusal changes nothing')
    const taken = await takeOwnership(other(true), directory, true)
    assert.equal(taken.epoch, 2)
  })

  it('OW2: goes on at once after an owner that died, even with its lock still fresh', async () => {
    await first()
    const claim = await takeOwnership(ports(processAt(2, 1, { kind: 'gone' }), true), directory, false)
    assert.equal(claim.epoch, 2)
    assert.equal(pausesMs, 0)
  })

  it('OW3: an owner that cannot be seen keeps it while its claim or its lock is young', async () => {
    await first()
    const unseen = (nowMs: number, fresh: boolean) => ports(processAt(2, nowMs, { kind: 'hidden' }), fresh)
    await refused(takeOwnership(unseen(4_999, false), directory, false), /cannot be seen.*5000 ms/s)
    await refused(takeOwnership(unseen(60_000, true), directory, false), /cannot be seen/)
    const claim = await takeOwnership(unseen(60_000, false), directory, false)
    assert.equal(claim.epoch, 2)
  })

  it('OW3: a claim from a clock that was ahead is not young for ever', async () => {
    await first(1_000_000)
    const unseen = ports(processAt(2, 0, { kind: 'hidden' }))
    assert.equal((await takeOwnership(unseen, directory, false)).epoch, 2)
  })

  it('OW4: refuses a takeover right after another, unless that owner is stopped or is this process', async () => {
    await first(0, true)
    const at = (pid: number, nowMs: number, stopped: boolean) => ports(processAt(pid, nowMs, ALIVE(stopped)))
    await refused(takeOwnership(at(2, 999, false), directory, true), /took over a moment ago/)
    assert.equal((await takeOwnership(at(2, 999, true), directory, true)).epoch, 2)
    assert.equal((await takeOwnership(at(2, 1_000, false), directory, true)).epoch, 3)
    assert.equal((await takeOwnership(at(3, 2_000, false), directory, true)).epoch, 4)
  })

  it('OW4: a takeover of an owner that took over from nobody, or from a clock ahead of ours, is done at once', async () => {
    const at = (pid: number, nowMs: number) => ports(processAt(pid, nowMs, ALIVE(false)))
    await first(0)
    assert.equal((await takeOwnership(at(2, 1), directory, true)).epoch, 2)
    await refused(takeOwnership(at(3, 1), directory, true), /process 2 .*took over a moment ago/)
    assert.equal((await takeOwnership(at(3, 0), directory, true)).epoch, 3)
  })

  it('OW4: an owner that cannot be seen may be taken over at any time', async () => {
    await first(0, true)
    const unseen = ports(processAt(2, 0, { kind: 'hidden' }), true)
    assert.equal((await takeOwnership(unseen, directory, true)).epoch, 2)
  })

  it('OW3: a claim is young from its first moment until staleMs later', async () => {
    await first(7)
    const unseen = (nowMs: number) => ports(processAt(2, nowMs, { kind: 'hidden' }))
    await refused(takeOwnership(unseen(7), directory, false), /takeover: true to replace it/)
    assert.equal((await takeOwnership(unseen(5_007), directory, false)).epoch, 2)
  })

  it('OW2: the refusal says whose directory it is, since when, and what to do', async () => {
    await first()
    const other = (stopped: boolean) => ports(processAt(2, 5, ALIVE(stopped)))
    await refused(
      takeOwnership(other(false), directory, false),
      /unlost-ownership-\w+ is open in process 1 on host since 1970-01-01T00:00:00.000Z. Close it there, or open with/,
    )
    await refused(
      takeOwnership(other(true), directory, false),
      /is stopped. Let it go on and close, or open with/,
    )
  })

  it('OW5: waits a short while for an owner file that is being written', async () => {
    await first()
    const [name = ''] = owners()
    const path = join(directory, name)
    const whole = fs.readFileSync(path)
    fs.writeFileSync(path, '')
    const other = ports(processAt(2, 0, ALIVE(false)))
    const writing: OwnershipPorts = {
      ...other,
      pause: (durationMs) => {
        if (pausesMs >= 50) fs.writeFileSync(path, whole)
        return other.pause(durationMs)
      },
    }
    await refused(takeOwnership(writing, directory, false), /open in process 1/)
  })

  it('OW5: an owner file that never becomes whole is of a dead owner, after a fifth of a second', async () => {
    await first()
    fs.writeFileSync(join(directory, owners()[0] ?? ''), '{"pid":')
    const claim = await takeOwnership(ports(processAt(2, 0, ALIVE(false)), true), directory, false)
    assert.equal(claim.epoch, 2)
    assert.equal(pausesMs, 190, 'twenty looks')
  })
})

describe('identify', { skip: process.platform !== 'linux' }, () => {
  it('OI1: names this process, this thread, this boot, and is another one each time', () => {
    const one = systemProcesses.identify(false)
    const two = systemProcesses.identify(true)
    assert.equal(one.pid, process.pid)
    for (const field of [
      'processStart',
      'thread',
      'threadStart',
      'bootId',
      'pidNamespace',
      'hostname',
    ] as const) {
      assert.notEqual(one[field], '')
      assert.equal(one[field], two[field])
    }
    assert.notEqual(one.nonce, two.nonce)
    assert.equal(two.takeover, true)
  })
})
