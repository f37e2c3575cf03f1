/**
 * The services of the simulated world, in the form in which the handlers take theirs.
 *
 * Owns: joining the two. Leaves to the kit that no crash takes back what was done there.
 */
import type { World } from '../../props-tests/index.ts'
import type { Mail } from './orders.ts'

/** A mail service that keeps what it was told, and fails now and then. */
export function mailOf(world: World): Mail {
  const mail = world.outside('mail')
  return (letter, key) => mail.call(letter, key === undefined ? {} : { key })
}
