/**
 * The bounds of the machines.
 *
 * Owns: one number per bound, its unit last in its name.
 * Leaves to the runtime: the bounds of what it gathers, of windows and of credit.
 */

/**
 * Microsteps that one event may cause. No machine here needs more than two; XState's own default is
 * unbounded, so that a cycle of eventless transitions would hang the process.
 */
export const microstepsMax = 16
