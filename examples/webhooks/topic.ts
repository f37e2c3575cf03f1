/**
 * The topic of the demonstration, and opening the runtime that carries it.
 *
 * Owns: the declaration that sender and handler share. Leaves sending and handling to them.
 */
// In your own program: import { defineTopic, openRuntime } from 'unlost'
import { defineTopic, openRuntime, type Runtime, type Topic } from '../../runtime/index.ts'
import { openForgetfulStore } from './forgetful-store.ts'
import { keyOf, type Payload } from './input.ts'
import type { Work } from './protocol.ts'

/** GitHub gives each webhook an id of its own, in a header; a retry of GitHub's bears the same one. */
export const DELIVERY_HEADER = 'x-github-delivery'

/** The largest payload that is taken, in bytes. */
export const PAYLOAD_BYTES_MAX = 3 * 1024 * 1024

export function webhooksTopic({ input, messages }: Work): Topic<Payload> {
  return defineTopic<Payload>('webhooks', {
    // Webhooks of one repository are handled in the order in which they were sent.
    key: (payload) => keyOf(payload, input.keyPaths),
    partitions: 4,
    // For how many messages a send that is tried again is recognised: here for all of them.
    messageIdCount: messages,
  })
}

export function openDemoRuntime({ dataDirectory, sabotage }: Work): Promise<Runtime> {
  return openRuntime(dataDirectory, {
    // A small window makes many small commits, and so more moments for a kill to strike in.
    limits: { windowCount: 64, valueBytes: PAYLOAD_BYTES_MAX },
    ...(sabotage === 'no-fsync' ? { store: openForgetfulStore } : {}),
  })
}
