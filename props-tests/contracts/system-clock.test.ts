import { MessageChannel } from 'node:worker_threads'
import { systemClock } from '../../runtime/index.ts'
import { clockContract } from './clock-contract.ts'

clockContract('systemClock', () => ({ clock: systemClock, pass }))

/** Time passes by itself here. A timer of this clock does not hold the process open, so a port does. */
function pass(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const { port1 } = new MessageChannel()
    port1.on('message', () => undefined)
    systemClock.schedule(ms, () => {
      port1.close()
      resolve()
    })
  })
}
