/**
 * A process that does with stores what its parent tells it; the parent's end is `store-process.ts`.
 *
 * Owns: the commands. Leaves judging to the tests.
 */
import { nodeDisk, openStore, UnlostError } from '../../persistence/index.ts'
import type { Store } from '../../persistence/index.ts'
import { isLockFresh, pause, staleMs, systemProcesses, takeOwnership } from '../../persistence/internal.ts'

/** What a parent may ask for. Everything is answered with a `Reply` of the same id. */
export type Command =
  /** Only the claim, in this thread: the narrowest race there is. */
  | { readonly kind: 'claim'; readonly directory: string; readonly takeover: boolean }
  | { readonly kind: 'open'; readonly directory: string; readonly takeover: boolean }
  | { readonly kind: 'append'; readonly directory: string; readonly text: string }
  /** Appends one message after another until one fails; tells of each as `Confirmed`. */
  | { readonly kind: 'flood'; readonly directory: string }
  | { readonly kind: 'texts'; readonly directory: string }
  | { readonly kind: 'release'; readonly directory: string }

export interface Reply {
  readonly id: number
  readonly code: string
  readonly outcome: string
  readonly message: string
  readonly values: readonly string[]
}

export interface Confirmed {
  readonly confirmed: string
}

const MAILBOX = 1
const WINDOW_BYTES = 1 << 20
const stores = new Map<string, Store>()
const nextOffsets = new Map<string, number>()
const ports = { disk: nodeDisk, processes: systemProcesses, staleMs, isLockFresh, pause }

process.on('message', (request: { id: number; command: Command }) => {
  void answer(request.id, request.command)
})
process.send?.({ id: 0, code: '', outcome: '', message: '', values: [] } satisfies Reply)

async function answer(id: number, command: Command): Promise<void> {
  try {
    const values = await perform(command)
    process.send?.({ id, code: '', outcome: '', message: '', values } satisfies Reply)
  } catch (error) {
    process.send?.({ id, ...described(error), values: [] } satisfies Reply)
  }
}

function described(error: unknown): Omit<Reply, 'id' | 'values'> {
  if (error instanceof UnlostError) {
    return { code: error.code, outcome: error.outcome ?? '', message: error.message }
  }
  return { code: 'other', outcome: '', message: error instanceof Error ? String(error.stack) : String(error) }
}

async function perform(command: Command): Promise<string[]> {
  const { directory } = command
  switch (command.kind) {
    case 'claim':
      return [String((await takeOwnership(ports, directory, command.takeover)).epoch)]
    case 'open':
      return open(directory, command.takeover)
    case 'append':
      return append(directory, command.text)
    case 'flood':
      return flood(directory)
    case 'texts':
      return texts(directory)
    case 'release':
      await storeOf(directory).release()
      return []
  }
}

async function open(directory: string, takeover: boolean): Promise<string[]> {
  const store = await openStore(directory, { takeover })
  stores.set(directory, store)
  nextOffsets.set(directory, store.recovered.mailboxes.get(MAILBOX)?.next ?? 0)
  return [store.recovered.report.previous, String(store.recovered.report.epoch)]
}

async function append(directory: string, text: string): Promise<string[]> {
  const firstOffset = nextOffsets.get(directory) ?? 0
  const run = { mailbox: MAILBOX, firstOffset, count: 1, timestampMs: Date.now(), bytes: Buffer.from(text) }
  await storeOf(directory).commit({ events: [], runs: [run] })
  nextOffsets.set(directory, firstOffset + 1)
  return [String(firstOffset)]
}

async function flood(directory: string): Promise<string[]> {
  for (let i = 0; ; i += 1) {
    const text = `flood ${i}`
    await append(directory, text)
    process.send?.({ confirmed: text } satisfies Confirmed)
  }
}

async function texts(directory: string): Promise<string[]> {
  const store = storeOf(directory)
  const found: string[] = []
  for (;;) {
    const runs = await store.read(MAILBOX, found.length, WINDOW_BYTES)
    if (runs.length === 0) return found
    for (const run of runs) found.push(Buffer.from(run.bytes).toString())
  }
}

function storeOf(directory: string): Store {
  const store = stores.get(directory)
  if (store === undefined) throw new RangeError(`${directory} is not open here`)
  return store
}
