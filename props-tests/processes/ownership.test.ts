/**
 * One owner (G10), with real processes: races, kills and stopped owners.
 */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { decodeIdentity, ownerName } from '../../persistence/internal.ts'
import type { Command, Reply } from './store-child.ts'
import { StoreProcess } from './store-process.ts'

const CLAIM_ROUNDS = 24
const OPEN_ROUNDS = 6
/** A second takeover within this time is refused. */
const TAKEOVER_GRACE_MS = 1_000

describe('ownership between processes', { skip: process.platform === 'win32' }, () => {
  let root = ''
  let left: StoreProcess
  let right: StoreProcess
  const others: StoreProcess[] = []
  before(async () => {
    root = fs.mkdtempSync(join(tmpdir(), 'unlost-owners-'))
    ;[left, right] = await Promise.all([StoreProcess.start(), StoreProcess.start()])
  })
  after(async () => {
    for (const one of [left, right, ...others]) await one.kill()
    fs.rmSync(root, { recursive: true })
  })

  const another = async () => {
    const started = await StoreProcess.start()
    others.push(started)
    return started
  }
  const directories = (name: string, count: number) =>
    Array.from({ length: count }, (_, i) => {
      const directory = join(root, `${name}-${i}`)
      fs.mkdirSync(directory)
      return directory
    })

  /**
   * Both get the command at once; returns the process that won. On a machine that is very busy, the second of two
   * takeovers may come so late that it is a takeover of its own: then the later one has won.
   */
  async function race(command: Command): Promise<StoreProcess> {
    const replies = await Promise.all([left.ask(command), right.ask(command)])
    const winners = replies.filter((reply) => reply.code === '')
    if (winners.length === 2 && 'takeover' in command && command.takeover) return laterOf(command, replies)
    assert.equal(winners.length, 1, `one wins: ${replies.map((reply) => reply.message || 'won').join(' | ')}`)
    const loser = replies.find((reply) => reply.code !== '')
    assert.equal(loser?.code, 'UNLOST_LOCKED', loser?.message)
    return replies[0]?.code === '' ? left : right
  }

  function laterOf({ directory }: Command, replies: readonly Reply[]): StoreProcess {
    const epochs = replies.map(({ values }) => Number(values.at(-1)))
    const [mine = NaN, other = NaN] = epochs.map((epoch) => claimedAtMs(directory, epoch))
    assert.ok(Math.abs(mine - other) >= TAKEOVER_GRACE_MS, `two takeovers won, ${mine - other} ms apart`)
    return mine > other ? left : right
  }

  function claimedAtMs(directory: string, epoch: number): number {
    const identity = decodeIdentity(fs.readFileSync(join(directory, ownerName(epoch))))
    assert.ok(identity !== undefined)
    return identity.claimedAtMs
  }

  for (const [kind, rounds] of [
    ['claim', CLAIM_ROUNDS],
    ['open', OPEN_ROUNDS],
  ] as const) {
    it(`OW1: two processes race to ${kind} a fresh directory: one wins, ${rounds} times`, async () => {
      for (const directory of directories(`fresh-${kind}`, rounds)) {
        const winner = await race({ kind, directory, takeover: false })
        if (kind === 'open') await winner.must({ kind: 'release', directory })
      }
    })

    it(`OW1: two processes race to ${kind} after a killed owner: one wins, ${rounds} times`, async () => {
      const owner = await another()
      const all = directories(`dead-${kind}`, rounds)
      for (const directory of all) await owner.must({ kind, directory, takeover: false })
      await owner.kill()
      for (const directory of all) {
        const winner = await race({ kind, directory, takeover: false })
        if (kind === 'open') await winner.must({ kind: 'release', directory })
      }
    })

    it(`OW2, OW4: two processes race to ${kind} over a stopped owner: one wins, ${rounds} times`, async () => {
      const owner = await another()
      const all = directories(`stopped-${kind}`, rounds)
      for (const directory of all) await owner.must({ kind, directory, takeover: false })
      owner.stop()
      for (const directory of all) {
        const refused = await left.ask({ kind, directory, takeover: false })
        assert.equal(refused.code, 'UNLOST_LOCKED')
        const winner = await race({ kind, directory, takeover: true })
        if (kind === 'open') await winner.must({ kind: 'release', directory })
      }
      owner.resume()
      if (kind === 'open') for (const directory of all) await expectFenced(owner, directory)
    })
  }

  async function expectFenced(owner: StoreProcess, directory: string): Promise<void> {
    const reply = await owner.ask({ kind: 'append', directory, text: 'of a zombie' })
    assert.equal(reply.code, 'UNLOST_FENCED', reply.message)
  }

  it('G10: an owner stopped at work and replaced confirms nothing more; what it confirmed is there', async () => {
    for (const directory of directories('zombie', 3)) await zombieTrial(directory)
  })

  async function zombieTrial(directory: string): Promise<void> {
    const zombie = await another()
    await zombie.must({ kind: 'open', directory, takeover: false })
    const flooding = zombie.ask({ kind: 'flood', directory })
    await zombie.untilConfirmed(30)
    zombie.stop()
    await left.must({ kind: 'open', directory, takeover: true })
    const found = await left.must({ kind: 'texts', directory })
    zombie.resume()
    await left.must({ kind: 'append', directory, text: 'of the new owner' })
    const end: Reply = await flooding
    assert.equal(end.code, 'UNLOST_FENCED', end.message)
    assert.deepEqual(found.slice(0, zombie.confirmed.length), zombie.confirmed)
    await left.must({ kind: 'release', directory })
    await left.must({ kind: 'open', directory, takeover: false })
    assert.deepEqual(await left.must({ kind: 'texts', directory }), [...found, 'of the new owner'])
    await left.must({ kind: 'release', directory })
    await zombie.kill()
  }

  it('OL2: a killed owner is followed at once, with all that it confirmed', async () => {
    for (const directory of directories('killed', 3)) {
      const owner = await another()
      await owner.must({ kind: 'open', directory, takeover: false })
      const flooding = owner.ask({ kind: 'flood', directory })
      await owner.untilConfirmed(10)
      await owner.kill()
      void flooding
      const [previous] = await left.must({ kind: 'open', directory, takeover: false })
      assert.equal(previous, 'crashed')
      const found = await left.must({ kind: 'texts', directory })
      assert.deepEqual(found.slice(0, owner.confirmed.length), owner.confirmed)
      await left.must({ kind: 'release', directory })
    }
  })
})
