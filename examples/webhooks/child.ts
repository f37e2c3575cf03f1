/**
 * The program that is killed: it opens the runtime, does one phase of the work, and closes.
 *
 * Owns: the order of a life. Leaves the work to `sender.ts` and `handler.ts`, and talking to the parent to `child-life.ts`.
 *
 * Nothing in here prepares for the kill. There is no signal handler, no state that must be saved in time: whatever
 * was confirmed is on disk already.
 */
import type { Runtime } from '../../runtime/index.ts'
import { childLife, opened, tell } from './child-life.ts'
import { handleAll } from './handler.ts'
import { loadPayloads, payloadOf } from './input.ts'
import type { Totals } from './ledger.ts'
import type { Work } from './protocol.ts'
import { deliveriesOf, sendMissing } from './sender.ts'
import { DELIVERY_HEADER, openDemoRuntime, webhooksTopic } from './topic.ts'

childLife(async (work: Work, left) => {
  const runtime = await opened(() => openDemoRuntime(work))
  const totals = await doPhase(runtime, work)
  tell({ kind: 'finished', totals })
  await left
  await runtime.close()
})

async function doPhase(runtime: Runtime, work: Work): Promise<Totals | undefined> {
  if (work.phase === 'handle') return handleAll(runtime, work, tell)
  const payloads = loadPayloads(work.input)
  await sendMissing(runtime.producer(webhooksTopic(work), { id: 'github' }), {
    deliveries: deliveriesOf(work.missing),
    valueOf: (delivery) => payloadOf(payloads, delivery),
    optionsOf: (delivery) => ({
      headers: { [DELIVERY_HEADER]: String(delivery) },
      ...(work.sabotage === 'no-message-id' ? {} : { messageId: String(delivery) }),
    }),
    before: work.missing.reduce((left, { from, to }) => left - (to - from), work.messages),
    holdAt: work.holdAt,
    tell,
  })
  return undefined
}
