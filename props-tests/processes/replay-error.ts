/**
 * A trace that cannot be done again.
 *
 * Owns: the class. Leaves saying why to those who throw it.
 */
export class ReplayError extends Error {}
