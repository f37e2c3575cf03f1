/**
 * A batch of turns at the one writer's door.
 *
 * Owns: that messages and state of these turns are one unit. Leaves the turns to `actor-turns.ts`.
 *
 * TU1. All of it is in one batch, or nothing (G7).
 * TU2. What was promised to happen after the commit happens after it, or not at all.
 */
import type { UnlostError } from '../persistence/index.ts'
import type { BatchDraft } from './batch-draft.ts'
import { TURN_OVERHEAD_BYTES, type ActorLedgerEvent } from './actor-event.ts'
import type { Outgoing } from './outgoing.ts'
import type { Unit } from './unit.ts'

export interface TurnUnitParts {
  readonly sends: readonly Outgoing[]
  readonly events: readonly ActorLedgerEvent[]
  readonly done: () => void
  readonly failed: (error: UnlostError) => void
}

export class TurnUnit implements Unit {
  readonly hasMessages: boolean
  readonly withdrawn = false
  readonly bytes: number
  readonly #parts: TurnUnitParts

  constructor(parts: TurnUnitParts) {
    this.#parts = parts
    this.hasMessages = parts.sends.length > 0
    this.bytes = weightOf(parts)
  }

  build(draft: BatchDraft): void {
    const { sends, events } = this.#parts
    if (this.hasMessages) draft.messages(sends)
    for (const event of events) draft.event(event)
  }

  confirm(): void {
    this.#parts.done()
  }

  refuse(error: UnlostError): void {
    this.#parts.failed(error)
  }

  postponed(): void {}
}

/** At least what it takes in a batch. */
function weightOf({ sends, events }: TurnUnitParts): number {
  let bytes = 0
  for (const send of sends) bytes += send.bytes
  for (const event of events) bytes += TURN_OVERHEAD_BYTES + bytesOf(event)
  return bytes
}

function bytesOf(event: ActorLedgerEvent): number {
  if (event.kind === 'consumed') return 0
  if (event.kind !== 'turn') return Buffer.byteLength(JSON.stringify(event))
  const { key, state, changes } = event
  const bytes = 3 * key.length + Buffer.byteLength(state)
  return changes === undefined ? bytes : bytes + Buffer.byteLength(JSON.stringify(changes))
}
