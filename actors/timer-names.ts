/**
 * Names of timers: the id that the user gave, the turn, and a counter within it.
 *
 * Owns: making a name, and which of two is the later. TN1. A name is used once; a later one is told by its numbers.
 */
export function timerName(id: string, turn: number, count: number): string {
  return `${id}#${turn}.${count}`
}

export function isLaterName(name: string, other: string): boolean {
  const [turn = 0, count = 0] = numbersOf(name)
  const [otherTurn = 0, otherCount = 0] = numbersOf(other)
  return (turn - otherTurn || count - otherCount) > 0
}

function numbersOf(name: string): number[] {
  return name
    .slice(name.lastIndexOf('#') + 1)
    .split('.')
    .map(Number)
}
