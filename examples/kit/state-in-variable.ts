/**
 * Bug 3: state that is kept in a variable.
 *
 * Owns: a handler that adds up what each customer owes, wrong and right.
 */
import type { Message } from '../../runtime/index.ts'
import type { Order } from './orders.ts'

/** Wrong: the sums die with the process, and orders that are done do not come again. */
export class SumsInMemory {
  readonly #sums = new Map<string, number>()

  readonly handle = ({ value }: Message<Order>): void => {
    this.#sums.set(value.customer, (this.#sums.get(value.customer) ?? 0) + value.cents)
  }

  sums(): Record<string, number> {
    return Object.fromEntries(this.#sums)
  }
}

/** A customer's sum, and the last order in it. */
export interface Sum {
  readonly cents: number
  readonly offset: number
}

/** As much of a database as is needed here. */
export interface Sums {
  update(customer: string, change: (sum: Sum | undefined) => Sum): Promise<unknown>
}

/** Right: the sum and the order it goes up to change in one step, so that an order that comes twice counts once. */
export function sumsInDatabase(database: Sums) {
  return async ({ value, offset }: Message<Order>): Promise<void> => {
    await database.update(value.customer, (sum = { cents: 0, offset: -1 }) =>
      offset <= sum.offset ? sum : { cents: sum.cents + value.cents, offset },
    )
  }
}
