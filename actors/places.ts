/**
 * Names of places inside an actor: a child under its parents, code under the machines that lead to it.
 *
 * Owns: joining and splitting. PL1. Different lists of parts have different names, whatever the parts hold.
 */

/** `['a/b', 'c']` gives `a%2Fb/c`. */
export function joinPlace(parts: readonly string[]): string {
  return parts.map((part) => part.replaceAll('%', '%25').replaceAll('/', '%2F')).join('/')
}

/** Whether a place is within a child, or code belongs to one. */
export function isOfChild(place: string): boolean {
  return place.includes('/')
}

export function splitPlace(place: string): string[] {
  return place.split('/').map((part) => part.replaceAll('%2F', '/').replaceAll('%25', '%'))
}
