/**
 * Which partition a key belongs to.
 *
 * Owns: the hash, which is part of the stored format. Leaves counting partitions to the topic.
 *
 * PA1. The same key and count give the same partition for ever, on every machine: FNV-1a over the key's UTF-16 units
 *     (low byte first), then a finalizer that mixes the low bits, which FNV leaves poor. Pinned by known answers.
 */

const OFFSET_BASIS = 0x811c9dc5
const PRIME = 0x01000193

export function partitionOf(key: string, partitions: number): number {
  if (partitions === 1) return 0
  let hash = OFFSET_BASIS
  for (let i = 0; i < key.length; i++) {
    const unit = key.charCodeAt(i)
    hash = Math.imul(hash ^ (unit & 0xff), PRIME)
    hash = Math.imul(hash ^ (unit >>> 8), PRIME)
  }
  return mix(hash) % partitions
}

/** Every bit of the input moves every bit of the output. */
function mix(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
