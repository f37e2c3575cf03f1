/**
 * Names of timers: the id that the user gave, the turn, and a counter within it.
 *
 * Owns: making a name, and which of several is the last. TN1. A name is used once; a later one is told by its numbers.
 */
import type { Timers } from './machine-state.ts'

export function timerName(id: string, turn: number, count: number): string {
  return `${id}#${turn}.${count}`
}

/** The timer that was armed last under an id. */
export function lastArmed(timers: Timers, id: string): string | undefined {
  const names = Object.keys(timers).filter((name) => timers[name]?.id === id)
  return names.toSorted(byAge).at(-1)
}

function byAge(left: string, right: string): number {
  const [leftTurn = 0, leftCount = 0] = numbersOf(left)
  const [rightTurn = 0, rightCount = 0] = numbersOf(right)
  return leftTurn - rightTurn || leftCount - rightCount
}

function numbersOf(name: string): number[] {
  return name
    .slice(name.lastIndexOf('#') + 1)
    .split('.')
    .map(Number)
}
