/**
 * What a process under test can reach: its runtime, its clock, and the world outside that no crash undoes.
 *
 * Owns: the types that users write handlers against. Leaves making them to `life.ts`, `outside.ts` and
 * `table.ts`.
 */
import type {
  Clock,
  Consumer,
  Handler,
  HandlerContext,
  Message,
  Random,
  Runtime,
} from '../../runtime/index.ts'

/** One life of the process. After a crash there is a new one, over the same disk. */
export interface World {
  /** Which process: 1, 2, 3 … */
  readonly life: number
  /** The real runtime, over the simulated disk. What is sent and consumed with it is recorded. */
  readonly runtime: Runtime
  /** The simulated clock. */
  readonly clock: Clock
  /** Randomness that the seed decides. */
  readonly random: Random
  /** Waits for `ms` milliseconds of simulated time, which take none of yours. */
  readonly sleep: (ms: number) => Promise<void>
  /**
   * Something outside that handlers call and no crash undoes: a mail server, a payment service.
   *
   * @example
   * await world.outside('mail').call({ to: order.customer }, { key: order.id })
   */
  readonly outside: (name: string, options?: OutsideOptions) => Outside
  /**
   * A database outside: every call is a transaction of its own, and no crash undoes one.
   *
   * @example
   * await world.table<number>('balances').update(order.customer, (balance = 0) => balance + order.amount)
   */
  readonly table: <Row = unknown>(name: string) => Table<Row>
}

export interface OutsideOptions {
  /** Calling it again does no harm: a look-up, a log. Such calls are never compared. Default false. */
  readonly repeatable?: boolean
  /** What a call answers. Default: nothing. */
  readonly answer?: (value: unknown) => unknown
}

export interface CallOptions {
  /** A stable key by which the receiver knows a repeated call: it then has no effect. Default: none. */
  readonly key?: string
}

/** A double of something outside, which keeps what was done to it. */
export interface Outside {
  /**
   * Takes simulated time, and under the fault `effects` may fail with an `OutsideError`: before it had any effect, or
   * after.
   */
  readonly call: (value: unknown, options?: CallOptions) => Promise<unknown>
}

/** The rows of a table within one transaction. */
export interface Rows<Row> {
  get(key: string): Row | undefined
  has(key: string): boolean
  set(key: string, row: Row): unknown
  delete(key: string): boolean
  readonly size: number
  entries(): Iterable<[string, Row]>
}

/** A table outside. Rows are data that JSON can carry. */
export interface Table<Row> {
  readonly get: (key: string) => Promise<Row | undefined>
  readonly set: (key: string, row: Row) => Promise<void>
  /** Replaces a row by what `change` makes of it, in one transaction. */
  readonly update: (key: string, change: (row: Row | undefined) => Row) => Promise<Row>
  readonly delete: (key: string) => Promise<void>
  /** Anything over the rows, all or none of it. `work` must be synchronous. */
  readonly transaction: <Result>(work: (rows: Rows<Row>) => Result) => Promise<Result>
}

/** A handler as `consumer.run` takes it, with the world as a third argument for those who want it. */
export type KitHandler<Value> = (message: Message<Value>, context: HandlerContext, world: World) => unknown

/** What one process does with the topic under check: it has a handler, or a loop. */
export type TopicProgram<Value> = HandlerProgram<Value> | LoopProgram<Value>

interface Viewed {
  /** What its state says at the end, as data that JSON can carry. */
  readonly view?: () => unknown
}

export interface HandlerProgram<Value> extends Viewed {
  readonly handler: Handler<Value>
  readonly loop?: undefined
}

export interface LoopProgram<Value> extends Viewed {
  /**
   * Takes the messages one by one, for as long as there are any. An error that it throws ends the process.
   *
   * @example
   * start: () => ({ loop: async (consumer) => { for await (const message of consumer) await message.ack() } })
   */
  readonly loop: (consumer: Consumer<Value>) => unknown
  readonly handler?: undefined
}
