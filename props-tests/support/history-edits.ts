/**
 * Right histories made wrong: one edit each, and the invariants that must find it.
 *
 * Owns: the edits. Leaves recording a right history, and judging the wrong one, to the property.
 */
import type { History, HistoryEvent } from '../history.ts'
import type { EventOf } from '../invariants/reading.ts'

/** Makes one thing wrong; `pick` chooses where. Undefined when the history has no such place. */
export interface Edit {
  readonly name: string
  /** One of these must speak. */
  readonly found: readonly string[]
  readonly edit: (history: History, pick: (count: number) => number) => History | undefined
}

export const historyEdits: readonly Edit[] = [
  {
    name: 'a message that was confirmed is never delivered to a group',
    found: ['lost-write', 'lost-timer'],
    edit: (history, pick) => {
      const begun = chosen(history, 'begun', pick, (each) => isConfirmed(history, each))
      return begun && without(history, (event) => isOf(event, begun.event))
    },
  },
  {
    name: 'what a handler handed over is nowhere',
    found: ['torn-batch'],
    edit: (history, pick) => {
      const begun = chosen(history, 'begun', pick, ({ value }) => value.startsWith('invoice-'))
      return begun && without(history, (event) => isAt(event, begun.event) && event.kind !== 'extent')
    },
  },
  {
    name: 'what a handler handed over lies in the log and comes to nobody',
    found: ['lost-write'],
    edit: (history, pick) => {
      const begun = chosen(
        history,
        'begun',
        pick,
        (each) => each.value.startsWith('invoice-') && isRead(history, each),
      )
      return begun && without(history, (event) => isOf(event, begun.event))
    },
  },
  {
    name: 'a value changes on its way to a handler',
    found: ['silent-corruption', 'phantom'],
    edit: (history, pick) => {
      const begun = chosen(history, 'begun', pick)
      return begun && replaced(history, begun.at, { ...begun.event, value: `${begun.event.value}!` })
    },
  },
  {
    name: 'a message comes again after its ack',
    found: ['redelivery-after-durable-ack'],
    edit: (history, pick) => {
      const ack = chosen(history, 'settled', pick, ({ how, group }) => how === 'ack' && group !== 'moving')
      const begun = ack && history.findLast((event, at) => at < ack.at && isOf(event, ack.event))
      if (ack === undefined || begun?.kind !== 'begun') return undefined
      const again = { ...begun, run: 1_000_000, attempt: begun.attempt + 1, life: ack.event.life }
      return history.toSpliced(ack.at + 1, 0, again)
    },
  },
  {
    name: 'an ack is told before its handler returned',
    found: ['ack-before-work'],
    edit: (history, pick) => {
      const ack = chosen(history, 'settled', pick, ({ how, group }) => how === 'ack' && group !== 'moving')
      const at = history.findLastIndex(
        (event, i) => ack !== undefined && i < ack.at && isOf(event, ack.event),
      )
      if (ack === undefined || history[at]?.kind !== 'begun') return undefined
      return history.toSpliced(ack.at, 1).toSpliced(at + 1, 0, ack.event)
    },
  },
  {
    name: 'an attempt is not counted',
    found: ['attempt-regress'],
    edit: (history, pick) => {
      const begun = chosen(history, 'begun', pick, (each) => each.attempt > 1 && isSecond(history, each))
      return begun && replaced(history, begun.at, { ...begun.event, attempt: 0 })
    },
  },
  {
    name: 'an attempt too many',
    found: ['dlq-loss'],
    edit: (history, pick) => {
      const begun = chosen(history, 'begun', pick)
      return begun && replaced(history, begun.at, { ...begun.event, attempt: 99 })
    },
  },
  {
    name: 'a send that was confirmed had failed for certain',
    found: ['aborted-read'],
    edit: (history, pick) => {
      const told = chosen(history, 'confirmed', pick, ({ send }) => isSentOnce(history, send))
      if (told === undefined) return undefined
      const { send, life, nowMs } = told.event
      const rejected = { kind: 'rejected', send, code: 'UNLOST_ABORTED', outcome: 'not-written' } as const
      return replaced(history, told.at, { ...rejected, life, nowMs })
    },
  },
  {
    name: 'two messages are told to lie in one place',
    found: ['inconsistent-offset'],
    edit: (history, pick) => {
      const first = chosen(history, 'confirmed', pick)
      const other = history.findIndex(
        (event) => first !== undefined && event.kind === 'confirmed' && isNeighbour(event, first.event),
      )
      const event = history[other]
      if (first === undefined || event?.kind !== 'confirmed') return undefined
      return replaced(history, other, { ...event, offset: first.event.offset })
    },
  },
  {
    name: 'one number is in two places',
    found: ['duplicate-append', 'phantom'],
    edit: (history, pick) => {
      const begun = chosen(history, 'begun', pick)
      return begun && [...history, { ...begun.event, offset: 100_000, run: 1_000_000, attempt: 1 }]
    },
  },
  {
    name: 'a producer leaves numbers out',
    found: ['producer-gap', 'reordered'],
    edit: (history, pick) => {
      const begun = chosen(history, 'begun', pick)
      return (
        begun && history.map((event) => (isAt(event, begun.event) ? { ...event, sequence: 9_999 } : event))
      )
    },
  },
  {
    name: 'a message comes long before it is due',
    found: ['early-timer'],
    edit: (history, pick) => {
      const sending = chosen(history, 'sending', pick, ({ send }) => isSentOnce(history, send))
      return sending && replaced(history, sending.at, { ...sending.event, dueMs: 1e15 })
    },
  },
  {
    name: 'the second of a key comes before the first',
    found: ['reordered'],
    edit: (history, pick) => {
      const later = chosen(history, 'begun', pick, (each) => firstOfItsKey(history, each) !== undefined)
      const first = later && firstOfItsKey(history, later.event)
      if (later === undefined || first === undefined) return undefined
      return history.toSpliced(later.at, 1).toSpliced(first, 0, later.event)
    },
  },
  {
    name: 'something waits in the end',
    found: ['stuck'],
    edit: (history, pick) => {
      const drained = chosen(history, 'drained', pick)
      return drained && replaced(history, drained.at, { ...drained.event, waiting: 1 })
    },
  },
  {
    name: 'a group has more to do after a restart',
    found: ['cursor-regress'],
    edit: (history) => {
      const at = history.findLastIndex(({ kind }) => kind === 'backlog')
      const event = history[at]
      return event?.kind === 'backlog' ? replaced(history, at, { ...event, waiting: 3 }) : undefined
    },
  },
  {
    name: 'an opening is refused',
    found: ['false-refusal'],
    edit: (history, pick) => {
      const opened = chosen(history, 'opened', pick)
      if (opened === undefined) return undefined
      const { life, nowMs } = opened.event
      const refusal = { kind: 'refused-opening', code: 'UNLOST_CORRUPT', text: 'x', life, nowMs } as const
      return history.toSpliced(opened.at, 0, refusal)
    },
  },
]

interface Chosen<Kind extends HistoryEvent['kind']> {
  readonly at: number
  readonly event: EventOf<Kind>
}

/** One of the events of a kind for which `suits` holds. */
function chosen<Kind extends HistoryEvent['kind']>(
  history: History,
  kind: Kind,
  ...[pick, suits = () => true]: [(count: number) => number, ((event: EventOf<Kind>) => boolean)?]
): Chosen<Kind> | undefined {
  const all = history.flatMap((event, at) =>
    event.kind === kind && suits(event as EventOf<Kind>) ? [{ at, event: event as EventOf<Kind> }] : [],
  )
  return all.length === 0 ? undefined : all[pick(all.length)]
}

function without(history: History, isDropped: (event: HistoryEvent) => boolean): History {
  return history.filter((event) => !isDropped(event))
}

function replaced(history: History, at: number, event: HistoryEvent): History {
  return history.toSpliced(at, 1, event)
}

/** Whether an event tells of the same message in the same group. */
function isOf(event: HistoryEvent, { group, ...place }: EventOf<'begun' | 'settled'>): boolean {
  const isTold = event.kind === 'begun' || event.kind === 'settled' || event.kind === 'listed'
  return isTold && event.group === group && isAt(event, place)
}

function isAt(
  event: HistoryEvent,
  {
    topic,
    partition,
    offset,
  }: { readonly topic: string; readonly partition: number; readonly offset: number },
): boolean {
  if (!('offset' in event) || !('partition' in event)) return false
  return event.topic === topic && event.partition === partition && event.offset === offset
}

function isConfirmed(history: History, begun: EventOf<'begun'>): boolean {
  return history.some((event) => event.kind === 'confirmed' && isAt(event, begun))
}

/** Whoever read the log out at the end found it. */
function isRead(history: History, begun: EventOf<'begun'>): boolean {
  const end = history.findLastIndex(({ kind }) => kind === 'drained')
  return history.some((event, at) => at > end && event.kind === 'read' && isAt(event, begun))
}

/** Not the first delivery, and the one before was not put off. */
function isSecond(history: History, begun: EventOf<'begun'>): boolean {
  const at = history.indexOf(begun)
  const before = history.findLast((event, i) => i < at && event.kind === 'begun' && isOf(event, begun))
  if (before?.kind !== 'begun' || begun.group === 'moving') return false
  const end = history.find((event) => event.kind === 'ended' && event.run === before.run)
  return end?.kind === 'ended' && end.how === 'threw'
}

function isSentOnce(history: History, send: number): boolean {
  const sending = history.find((event) => event.kind === 'sending' && event.send === send)
  const confirmed = history.find((event) => event.kind === 'confirmed' && event.send === send)
  if (sending?.kind !== 'sending' || confirmed?.kind !== 'confirmed' || sending.batch !== undefined)
    return false
  return history.filter((event) => event.kind === 'sending' && event.value === sending.value).length === 1
}

function isNeighbour(event: EventOf<'confirmed'>, first: EventOf<'confirmed'>): boolean {
  return event.topic === first.topic && event.partition === first.partition && event.offset !== first.offset
}

/** Where the first delivery of an earlier message of the same key began; undefined unless both came once, at once. */
function firstOfItsKey(history: History, later: EventOf<'begun'>): number | undefined {
  if (later.group === 'moving' || later.attempt > 1 || isDelayed(history, later)) return undefined
  const at = history.findIndex(
    (event) =>
      event.kind === 'begun' &&
      event.group === later.group &&
      event.key === later.key &&
      event.partition === later.partition &&
      event.offset < later.offset &&
      event.attempt === 1 &&
      !isDelayed(history, event),
  )
  return at === -1 ? undefined : at
}

function isDelayed(history: History, { value }: EventOf<'begun'>): boolean {
  return history.some((event) => event.kind === 'sending' && event.value === value && event.dueMs > 0)
}
