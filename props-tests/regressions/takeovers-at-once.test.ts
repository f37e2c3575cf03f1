import assert from 'node:assert/strict'
import { it } from 'node:test'
import { LockedError } from '../../persistence/index.ts'
import type { Disk } from '../../persistence/index.ts'
import { claim, newestOwner, takeOwnership } from '../../persistence/internal.ts'
import type { OwnerIdentity, OwnershipPorts } from '../../persistence/internal.ts'
import { SimulatedDisk } from '../simulated-disk.ts'
import { wrapDisk } from '../support/disk-wrapper.ts'

const directory = '/data'
const stoppedPid = 1

function identityOf(pid: number, claimedAtMs: number): OwnerIdentity {
  const place = { thread: `${pid}/task/${pid}`, bootId: 'boot', pidNamespace: 'pid:[1]', hostname: 'host' }
  const starts = { processStart: '50', threadStart: '51' }
  return { pid, ...place, ...starts, nonce: `nonce-${pid}`, claimedAtMs, takeover: pid !== stoppedPid }
}

it('OW4: a takeover that began first and looked last does not replace the one that won in between', async () => {
  const disk = new SimulatedDisk()
  disk.makeDirectory(directory)
  claim(disk, { directory, identity: identityOf(stoppedPid, 0) }, undefined)
  let nowMs = 5_000
  const tick = (): number => (nowMs += 1)
  let hasRival = false
  // The loser was slow: between its beginning and its look at the owner another process takes over.
  const slow: Disk = wrapDisk(disk, {
    list: (path) => {
      if (!hasRival) {
        hasRival = true
        claim(disk, { directory, identity: identityOf(2, tick()) }, newestOwner(disk, directory))
      }
      return disk.list(path)
    },
  })
  const ports: OwnershipPorts = {
    disk: slow,
    processes: {
      identify: () => identityOf(3, tick()),
      look: (pid) => ({ kind: 'seen', processStart: '50', threadStart: '51', stopped: pid === stoppedPid }),
    },
    staleMs: 5_000,
    isLockFresh: () => Promise.resolve(false),
    pause: () => Promise.resolve(),
  }
  await assert.rejects(takeOwnership(ports, directory, true), (error) => error instanceof LockedError)
})
