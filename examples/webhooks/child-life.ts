/**
 * A life of the child, as it tells of it to its parent.
 *
 * Owns: the words between the two processes at the child's end. Leaves the work to the child.
 */
import type { Runtime } from '../../runtime/index.ts'
import type { Leave, Report } from './protocol.ts'

export function tell<TEnd>(report: Report<TEnd>): void {
  process.send?.(report)
}

/** Opens the runtime and tells how long it took, and what was found. */
export async function opened(open: () => Promise<Runtime>): Promise<Runtime> {
  const startedMs = performance.now()
  const runtime = await open()
  const { durationMs: journalMs, previous, messages, bytesSetAside, leasesReturned } = runtime.recovery
  const openMs = performance.now() - startedMs
  tell({ kind: 'opened', opening: { openMs, journalMs, previous, messages, bytesSetAside, leasesReturned } })
  return runtime
}

interface Task {
  readonly kind: 'work'
}

type Live<TWork extends Task> = (work: TWork, left: Promise<void>) => Promise<void>

/** Lives when it is given its work; `left` resolves when the parent lets it go. */
export function childLife<TWork extends Task>(live: Live<TWork>): void {
  const left = new Promise<void>((resolve) => {
    process.on('message', (message: TWork | Leave) => {
      if (message.kind === 'leave') resolve()
      else void lived(() => live(message, left), left)
    })
  })
  // A parent that is gone cannot hold our confirmations.
  process.once('disconnect', () => process.exit())
  tell({ kind: 'booted' })
}

async function lived(live: () => Promise<void>, left: Promise<void>): Promise<void> {
  try {
    await live()
  } catch (error) {
    process.exitCode = 1
    tell({ kind: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    await left
  }
  process.disconnect()
}
