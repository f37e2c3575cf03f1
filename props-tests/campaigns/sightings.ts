/**
 * What a journal's run shows to a campaign.
 *
 * Owns: turning the events of a run into counts of crashes and situations.
 * Leaves the events to `support/journal-run.ts`.
 *
 * SG1. Each state that was judged after a crash counts as one crash, under the kind of the task.
 */
import type { SimulatedDisk } from '../simulated-disk.ts'
import type { RunEvent } from '../support/journal-run.ts'
import type { Situation } from './situations.ts'
import type { Tally } from './tally.ts'

type Death = Extract<RunEvent, { kind: 'died' }>

export class Sightings {
  readonly #tally: Tally
  readonly #kind: string
  #death: Death | undefined
  #wasFull = false

  constructor(tally: Tally, kind: string) {
    this.#tally = tally
    this.#kind = kind
  }

  readonly watch = (event: RunEvent): void => {
    switch (event.kind) {
      case 'died':
        this.#death = event
        return this.#noteDeath(event)
      case 'judged':
        return this.#noteJudged(event)
      case 'refused':
        this.#wasFull ||= event.code === 'UNLOST_DISK_FULL'
    }
  }

  /** To be told when a run came to its end: then the journal took more, whatever had been before. */
  finished(disk: SimulatedDisk): void {
    if (this.#wasFull) this.#meet('enospc-recovered')
    this.#tally.addAll('faults', disk.struck)
    for (const [name] of disk.struck) {
      if (name.startsWith('sync ')) this.#meet('sync-failed')
      if (/^sync \w+ (?:dropped|half)/.test(name)) this.#meet('sync-lied')
    }
  }

  #noteDeath({ during, call }: Death): void {
    // A process that dies between two calls has not been cut in the middle of anything.
    if (!/^(?:before|within|after) call/.test(call)) return
    const isSegment = call.includes('/segment-')
    if (during === 'opening') this.#meet('crash-in-recovery')
    if (during === 'checkpoint') this.#meet('crash-in-checkpoint')
    if (during === 'trim') this.#meet('crash-in-trim')
    if (during === 'release') this.#meet('crash-in-release')
    if (during === 'commit' && isSegment && /, open /.test(call)) this.#meet('crash-in-rotation')
  }

  #noteJudged({ how, cut, bytesSetAside }: Extract<RunEvent, { kind: 'judged' }>): void {
    this.#tally.add('crashes', `${this.#kind}, ${how}`)
    if (bytesSetAside > 0) this.#meet('torn-tail-dropped')
    const { during, call } = this.#death ?? {}
    const isCommit = during === 'commit' && /, (?:write|sync) /.test(call ?? '')
    if (isCommit) this.#meet(cut ? 'batch-cut' : 'unconfirmed-kept')
    if (during === 'idle' && how === 'power' && /, (?:write|sync) /.test(call ?? ''))
      this.#meet('idle-mark-lost')
  }

  #meet(situation: Situation): void {
    this.#tally.add('situations', situation)
  }
}
