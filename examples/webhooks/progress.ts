/**
 * What is shown while it runs: a bar in a terminal, plain lines elsewhere.
 *
 * Owns: the bar and the line of each kill and recovery. Leaves the closing table to `report.ts`.
 */
import type { Moment } from './kill-plan.ts'
import type { Opening } from './protocol.ts'

/** What is needed of a stream such as `process.stdout`. */
export interface Screen {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

const BAR_CHARS = 30

/** How a phase is spoken of. */
export interface PhaseWords {
  readonly verb: string
  /** What is counted. */
  readonly things: string
  /** Its worst moment. */
  readonly between: string
}

/** The phases of `npm run demo`. */
export const WEBHOOK_PHASES = {
  send: {
    verb: 'sending',
    things: 'messages',
    between: 'after the disk had it, before anybody was told',
  },
  handle: { verb: 'handling', things: 'messages', between: 'after the effect, before its ack' },
} as const satisfies Record<string, PhaseWords>

const count = (value: number): string => value.toLocaleString('en-US')

export class Progress {
  readonly #screen: Screen
  #words: PhaseWords = WEBHOOK_PHASES.send
  #total = 1
  #done = 0
  #shown = ''

  constructor(screen: Screen) {
    this.#screen = screen
  }

  begin(words: PhaseWords, total: number): void {
    this.#words = words
    this.#total = total
    this.#done = 0
    if (this.#screen.isTTY !== true) this.line(`${words.verb} ${count(total)} ${words.things}`)
    this.#draw()
  }

  update(done: number): void {
    this.#done = done
    this.#draw()
  }

  killed(number: number, moment: Moment | undefined): void {
    const at = `${this.#words.verb}, ${count(this.#done)} of ${count(this.#total)} done`
    this.line(`kill ${number}: ${at}; ${momentWords(this.#words, moment)}`)
  }

  opened({ openMs, messages, bytesSetAside, leasesReturned }: Opening): void {
    const found = `${count(messages)} messages on disk, ${leasesReturned} leases returned`
    const tail = bytesSetAside === 0 ? '' : `, ${count(bytesSetAside)} bytes of a torn tail set aside`
    this.line(`   open again in ${Math.round(openMs)} ms: ${found}${tail}`)
  }

  end(): void {
    const bar = this.#bar()
    this.#erase()
    this.line(this.#screen.isTTY === true ? bar : `${this.#words.verb} is done`)
  }

  /** A line that stays; the bar is drawn again below it. */
  line(text: string): void {
    const { isTTY, columns = 80 } = this.#screen
    const shown = this.#shown
    this.#erase()
    this.#screen.write(`${isTTY === true ? text.slice(0, columns - 1) : text}\n`)
    if (shown !== '') this.#draw()
  }

  #draw(): void {
    if (this.#screen.isTTY !== true) return
    const bar = this.#bar()
    if (bar === this.#shown) return
    this.#screen.write(`\r${bar}`)
    this.#shown = bar
  }

  #erase(): void {
    if (this.#shown !== '') this.#screen.write(`\r${' '.repeat(this.#shown.length)}\r`)
    this.#shown = ''
  }

  #bar(): string {
    const share = Math.min(1, this.#done / this.#total)
    const filled = Math.floor(share * BAR_CHARS)
    const bar = '#'.repeat(filled).padEnd(BAR_CHARS, '.')
    const percent = String(Math.floor(share * 100)).padStart(3)
    return `${this.#words.verb.padEnd(8)} [${bar}] ${percent} %`
  }
}

function momentWords(words: PhaseWords, moment: Moment | undefined): string {
  if (moment === undefined) return 'not by us'
  if (moment.kind === 'opening') return 'while it was starting'
  if (moment.kind === 'running') return 'at full speed'
  return moment.words ?? words.between
}
