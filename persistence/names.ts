/**
 * Names of the files in a data directory.
 *
 * Owns: how each name is spelt and read. Leaves what is in the files to the modules that write them.
 *
 * A1. Every file of an owner carries its epoch, so two owners never make the same name.
 * A2. A name that does not read back to itself is not ours.
 */

export type FileName =
  | { readonly kind: 'segment'; readonly id: number; readonly epoch: number }
  | { readonly kind: 'owner'; readonly epoch: number }
  | { readonly kind: 'closed'; readonly epoch: number }
  | { readonly kind: 'aside'; readonly id: number; readonly epoch: number; readonly index: number }
  | { readonly kind: 'freed'; readonly id: number; readonly epoch: number }
  | { readonly kind: 'marker' }
  | { readonly kind: 'lock' }

/** Says that a journal was once completely made here. */
export const markerName = 'journal'
/** The directory that proper-lockfile makes and touches. */
export const lockName = 'lock'

export const ownerName = (epoch: number): string => `owner-${digits(epoch)}`
export const closedName = (epoch: number): string => `${ownerName(epoch)}.closed`
export const segmentName = (id: number, epoch: number): string => `segment-${digits(id)}-${digits(epoch)}`
export const asideName = (id: number, epoch: number, index: number): string =>
  `aside-${digits(id)}-${digits(epoch)}-${index}`
/** Says that the opener of this epoch removed prepared files, the one for segment `id` among them: it held nothing. */
export const freedName = (id: number, epoch: number): string => `freed-${digits(id)}-${digits(epoch)}`

/** What a name in the directory is, or undefined when it is not ours. */
export function readName(name: string): FileName | undefined {
  if (name === markerName) return { kind: 'marker' }
  if (name === lockName) return { kind: 'lock' }
  const found = parse(name)
  return found !== undefined && spell(found) === name ? found : undefined
}

function parse(name: string): FileName | undefined {
  const [word = '', first, second, third] = name.replace('.closed', '').split('-')
  const [a, b, c] = [Number(first), Number(second), Number(third)]
  if (word === 'owner' && isCount(a)) return { kind: name.endsWith('.closed') ? 'closed' : 'owner', epoch: a }
  if (!isCount(a) || !isCount(b)) return undefined
  if (word === 'segment' || word === 'freed') return { kind: word, id: a, epoch: b }
  return word === 'aside' && isCount(c) ? { kind: 'aside', id: a, epoch: b, index: c } : undefined
}

function spell(name: FileName): string {
  switch (name.kind) {
    case 'segment':
      return segmentName(name.id, name.epoch)
    case 'owner':
      return ownerName(name.epoch)
    case 'closed':
      return closedName(name.epoch)
    case 'aside':
      return asideName(name.id, name.epoch, name.index)
    case 'freed':
      return freedName(name.id, name.epoch)
    case 'marker':
      return markerName
    case 'lock':
      return lockName
  }
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

function digits(value: number): string {
  return String(value).padStart(12, '0')
}
