/**
 * One life of the simulated process: from its opening to its death.
 *
 * Owns: its clock, its runtime, the runs of its handlers, and telling the history while it lives.
 * Leaves crashing and coming back to `simulation.ts`, and what the user's code sees of it to `recorded-runtime.ts`.
 *
 * LF1. What a dead life does is neither told nor felt: it reaches no disk, no outside, and hears no timer.
 * LF2. Ahead of each confirmation and each begin of a handler the platter is looked through: `durable` is told where
 *      that says something new, so that `early-ack` and `dirty-delivery` judge by the disk and not by the library.
 */
import type { ActorDefinition } from '../../actors/index.ts'
import type { Consumer, Message, Runtime, Settlement } from '../../runtime/index.ts'
import type { DurableLog } from '../durable-log.ts'
import type { Happening, Place, RunEnd } from '../history.ts'
import type { Recorder } from '../recorder.ts'
import type { SimulatedClock } from '../simulated-clock.ts'
import type { SimulatedDisk } from '../simulated-disk.ts'
import { never } from './fenced-store.ts'
import { spell } from './json.ts'
import type { EffectNote, LoopNote, Notes, RunNote } from './notes.ts'
import { wordsOf } from './words.ts'

/** What a life is given. */
export interface LifeParts {
  readonly number: number
  readonly clock: SimulatedClock
  readonly disk: SimulatedDisk
  readonly recorder: Recorder
  readonly notes: Notes
  readonly log: DurableLog
}

/** A consumer that the process has made. */
export interface Employed {
  readonly topic: string
  readonly group: string
  readonly consumer: Consumer<unknown>
  /** It has been run, or looped over. */
  isAtWork: boolean
}

/** How a run is noted while it runs. */
function unended(): Pick<RunNote, 'endedAt' | 'end' | 'askedAt' | 'isSettled' | 'settledAt' | 'workedOn'> {
  return {
    ...{ endedAt: undefined, end: undefined, askedAt: undefined },
    ...{ isSettled: false, settledAt: undefined, workedOn: false },
  }
}

export class Life {
  readonly number: number
  readonly clock: SimulatedClock
  readonly consumers: Employed[] = []
  /** Runs whose handler has not ended. */
  readonly open = new Set<RunNote>()
  /** The user's definitions, and what they are in this life. */
  readonly actors = new Map<object, ActorDefinition>()
  /** Hears of what the user's code sends to actors by itself. */
  byHand: (name: string, text: string) => void = () => {}
  readonly #parts: LifeParts
  /** By lane, what was told last of how far it is durable. */
  readonly #durable = new Map<string, number>()
  #runtime: Runtime | undefined
  #steps = 0
  #dieAtStep: number | undefined
  isOver = false
  /** The check ends it: what is still begun fails, and that is no fault of its own. */
  isClosing = false
  /** The runtime said that it can confirm nothing any more. */
  isBroken = false
  /** Where a handler was when the process died there. */
  diedAt: string | undefined

  constructor(parts: LifeParts) {
    this.#parts = parts
    this.number = parts.number
    this.clock = parts.clock
  }

  get isDead(): boolean {
    return this.isOver || this.#parts.disk.isCrashed
  }

  get runtime(): Runtime | undefined {
    return this.#runtime
  }

  set runtime(runtime: Runtime) {
    this.#runtime = runtime
  }

  get log(): DurableLog {
    return this.#parts.log
  }

  get recorder(): Recorder {
    return this.#parts.recorder
  }

  /** The groups of its consumers, by topic. */
  groupsOf(topics: Iterable<string>): Record<string, string[]> {
    const groups: Record<string, string[]> = {}
    for (const topic of topics) groups[topic] = []
    for (const { topic, group } of this.consumers) groups[topic]?.push(group)
    return groups
  }

  /** Consumers that were made and never run, where no other of their group is at work. */
  get idle(): readonly Employed[] {
    const isServed = ({ topic, group }: Employed): boolean =>
      this.consumers.some((each) => each.isAtWork && each.topic === topic && each.group === group)
    return this.consumers.filter((each) => !isServed(each))
  }

  /** Tells what the runtime raises. */
  listen(runtime: Runtime): void {
    for (const name of ['gap', 'duplicate', 'step-back', 'corruption', 'data-loss', 'stalled'] as const) {
      runtime.on(name, (event) => this.tell({ kind: 'event', name, text: spell(event) }))
    }
    runtime.on('broken', (error) => {
      this.tell({ kind: 'event', name: 'broken', text: wordsOf(error) })
      this.isBroken = true
    })
  }

  /** Tells the history; the dead tell nothing. Gives the index of the event. */
  tell(happening: Happening): number | undefined {
    if (this.isDead) return undefined
    if (happening.kind === 'confirmed' || happening.kind === 'begun') this.#tellDurable(happening)
    return this.#parts.recorder.tell({ life: this.number, nowMs: this.clock.nowMs() }, happening)
  }

  /** The `nth` step of a handler from now kills the process. */
  dieAtStep(nth: number): void {
    this.#dieAtStep = this.#steps + nth
  }

  /** A handler comes by a point at which the process may die; true if it does. */
  passStep(where: string): boolean {
    if (this.isDead) return true
    this.#steps += 1
    if (this.#steps !== this.#dieAtStep) return false
    this.diedAt = where
    this.#parts.disk.crash()
    return true
  }

  /** The process ends here. */
  dieNow(): void {
    this.#parts.disk.crash()
  }

  /** How many steps its handlers have passed. */
  get steps(): number {
    return this.#steps
  }

  /** Lets `ms` milliseconds of simulated time go by. The dead wait for ever. */
  pause(ms: number): Promise<void> {
    if (this.isDead) return never()
    return new Promise((resolve) => {
      this.clock.schedule(ms, () => {
        if (!this.isDead) resolve()
      })
    })
  }

  /** A handler begins. */
  begin(group: string, message: Message<unknown>, isLoop = false): RunNote {
    const { recorder, notes } = this.#parts
    const { topic, partition, offset, attempt, producer, messageId } = message
    const run = recorder.nextRun()
    const value = spell(message.value)
    const key = message.key ?? ''
    const place = { topic, partition, offset }
    const numbered = { producer: producer.id, epoch: producer.epoch, sequence: producer.sequence }
    const begun = { kind: 'begun', run, group, key, value, attempt, ...place, ...numbered } as const
    const begunAt = this.tell(isLoop ? { ...begun, loop: true } : begun) ?? -1
    const name = messageId ?? `${topic}/${partition}@${offset}`
    const note: RunNote = {
      ...{
        run,
        life: this.number,
        group,
        ...place,
        attempt,
        message: name,
        isNamed: messageId !== undefined,
        value,
        isLoop,
        begunAt,
      },
      ...unended(),
    }
    notes.runs.set(run, note)
    this.open.add(note)
    return note
  }

  /** Something runs that no message of a topic began. */
  beginRun(
    begun: Pick<RunNote, 'run' | 'group' | 'message' | 'value' | 'begunAt' | 'isUnconfirmed'>,
  ): RunNote {
    const note: RunNote = {
      ...{ ...begun, life: this.number, topic: '', partition: 0, offset: 0, attempt: 1, isNamed: false },
      ...{ isLoop: false, ...unended() },
    }
    this.#parts.notes.runs.set(note.run, note)
    this.open.add(note)
    return note
  }

  end(note: RunNote, how: RunEnd, text: string | undefined): void {
    const index = this.tell({ kind: 'ended', run: note.run, how, text })
    if (index === undefined) return
    note.endedAt = index
    note.end = how
    this.open.delete(note)
  }

  /** The end of a delivery is durable. */
  settled(message: Message<unknown>, group: string, how: Settlement): void {
    // What feeds actors is not the user's consumer: it is judged by what it feeds.
    if (how === 'released' || !this.consumers.some((each) => each.group === group)) return
    const { topic, partition, offset, attempt } = message
    const index = this.tell({ kind: 'settled', group, topic, partition, offset, attempt, how })
    if (index === undefined) return
    for (const note of this.open) {
      const isSame = note.group === group && note.topic === topic && note.partition === partition
      if (!isSame || note.offset !== offset || note.attempt !== attempt) continue
      if (how === 'ack') this.#watchWork(note, index)
      else if (note.isLoop && !note.isSettled) this.end(note, 'overdue', undefined)
    }
  }

  /** Whatever only waits for its own ack comes to its end within two turns. */
  #watchWork(note: RunNote, index: number): void {
    note.settledAt = index
    // Between two messages a loop may well take its time.
    if (note.isLoop) return
    const look = (): void => {
      if (!this.isDead && note.endedAt === undefined) note.workedOn = true
    }
    this.clock.defer(() => this.clock.defer(look))
  }

  /** Tells how far a partition would outlive a power cut now, if that is news. */
  #tellDurable({ topic, partition }: Place): void {
    const next = this.#parts.log.next(topic, partition)
    const lane = `${topic}/${partition}`
    if (this.#durable.get(lane) === next) return
    this.#durable.set(lane, next)
    this.tell({ kind: 'durable', topic, partition, next })
  }

  /** An error that nobody caught: as in a real process, it is the end of it. */
  readonly uncaught = (error: unknown): void => {
    if (this.isDead || this.isClosing) return
    const text = wordsOf(error)
    this.#parts.notes.uncaught.push({ index: this.#parts.recorder.history.length, text })
    this.diedAt = `by an error that nobody caught, ${text}`
    this.dieNow()
  }

  /** A loop over a topic begins. */
  beginLoop(topic: string, group: string): LoopNote {
    const note: LoopNote = { life: this.number, topic, group, leftAt: undefined }
    this.#parts.notes.loops.push(note)
    return note
  }

  /** It is left, by its own code or as nothing more comes. */
  endLoop(note: LoopNote, text: string): void {
    if (note.leftAt !== undefined) return
    note.leftAt = this.tell({ kind: 'note', who: note.group, text })
  }

  /** Whether a loop of it runs. */
  get isLooping(): boolean {
    return this.#parts.notes.loops.some(({ life, leftAt }) => life === this.number && leftAt === undefined)
  }

  noteEffect(effect: EffectNote): void {
    this.#parts.notes.effects.push(effect)
  }
}
