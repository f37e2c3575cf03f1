/**
 * The program that is killed: it opens the runtime, does one phase of the work, and closes.
 *
 * Owns: the order of a life. Leaves the work to `sender.ts` and `handler.ts`.
 *
 * Nothing in here prepares for the kill. There is no signal handler, no state that must be saved in time: whatever
 * was confirmed is on disk already.
 */
import type { Runtime } from '../../runtime/index.ts'
import { handleAll } from './handler.ts'
import { loadPayloads } from './input.ts'
import type { Totals } from './ledger.ts'
import type { Leave, Opening, Report, Work } from './protocol.ts'
import { sendMissing } from './sender.ts'
import { openDemoRuntime } from './topic.ts'

async function live(work: Work, left: Promise<void>): Promise<void> {
  const startedMs = performance.now()
  const runtime = await openDemoRuntime(work)
  tell({ kind: 'opened', opening: openingOf(runtime, performance.now() - startedMs) })
  const totals = await doPhase(runtime, work)
  tell({ kind: 'finished', totals })
  await left
  await runtime.close()
}

async function doPhase(runtime: Runtime, work: Work): Promise<Totals | undefined> {
  if (work.phase === 'handle') return handleAll(runtime, work, tell)
  await sendMissing(runtime, work, { payloads: loadPayloads(work.input), tell })
  return undefined
}

function openingOf({ recovery }: Runtime, openMs: number): Opening {
  const { durationMs: journalMs, previous, messages, bytesSetAside, leasesReturned } = recovery
  return { openMs, journalMs, previous, messages, bytesSetAside, leasesReturned }
}

function tell(report: Report): void {
  process.send?.(report)
}

async function main(work: Work, left: Promise<void>): Promise<void> {
  try {
    await live(work, left)
  } catch (error) {
    process.exitCode = 1
    tell({ kind: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    await left
  }
  process.disconnect()
}

const left = new Promise<void>((resolve) => {
  process.on('message', (message: Work | Leave) => {
    if (message.kind === 'work') void main(message, left)
    else resolve()
  })
})
// A parent that is gone cannot hold our confirmations.
process.once('disconnect', () => process.exit())
tell({ kind: 'booted' })
