/**
 * What a turn may know of the world.
 *
 * Owns: chance and ids that follow from the actor and its turn alone. Leaves counting turns to the batch.
 *
 * AP1. The same actor, turn and time give the same numbers and ids, on every machine, in every run.
 */
import type { Address, TurnScope } from '../actors/index.ts'

export class Scope implements TurnScope {
  readonly address: Address
  readonly nowMs: number
  readonly turn: number
  /** Made when it is first asked for: most turns need no chance. */
  #seed: number | undefined

  constructor(address: Address, turn: number, nowMs: number) {
    this.address = address
    this.turn = turn
    this.nowMs = nowMs
  }

  random(): number {
    return this.#next() / 2 ** 32
  }

  id(): string {
    return Array.from({ length: 4 }, () => this.#next().toString(16).padStart(8, '0')).join('')
  }

  /** A Weyl sequence through a mixer: enough for ids that must differ, and no secret. */
  #next(): number {
    const { actor, key } = this.address
    this.#seed = ((this.#seed ?? hashOf(`${actor}/${key}/${this.turn}`)) + 0x9e3779b9) >>> 0
    return mixed(this.#seed)
  }
}

function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return mixed(hash >>> 0)
}

function mixed(value: number): number {
  let hash = value
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
