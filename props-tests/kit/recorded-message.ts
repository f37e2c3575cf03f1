/**
 * A message as the user's code has it: the real one, with what is asked of it told to the history.
 *
 * Owns: the proxy around a message. Leaves when its run begins and ends to whoever hands it out.
 */
import type { Message, NackOptions } from '../../runtime/index.ts'
import type { Life } from './life.ts'
import type { RunNote } from './notes.ts'
import { withMembers } from './with-members.ts'
import type { AnyFunction } from './with-members.ts'

/** What else is to be known of a message. */
export interface Watching {
  /** Somebody looks at it. */
  readonly looked: () => void
  /** An end of it was asked for. Gives what its caller waits for. */
  readonly asked: (settling: Promise<unknown>) => Promise<unknown>
}

/** A message that tells what its handler, or its loop, asks of it. */
export function recordedMessage<Value>(
  life: Life,
  { note, message }: { readonly note: RunNote; readonly message: Message<Value> },
  watching?: Watching,
): Message<Value> {
  const telling = (how: 'ack' | 'nack' | 'dead-letter', verb: (...args: never[]) => unknown): AnyFunction => {
    return (...args) => {
      const index = life.tell({ kind: 'asked', run: note.run, how, ...(note.isLoop && { loop: true }) })
      if (how === 'ack') note.askedAt ??= index
      note.isSettled = true
      const settling = Reflect.apply(verb, message, args) as Promise<unknown>
      return watching === undefined ? settling : watching.asked(settling)
    }
  }
  const members = {
    ack: telling('ack', () => message.ack()),
    nack: telling('nack', (options?: NackOptions) => message.nack(options)),
    deadLetter: telling('dead-letter', (reason: string) => message.deadLetter(reason)),
  }
  return withMembers(message, members, watching?.looked)
}
