/**
 * Draws a machine as a mermaid state diagram.
 *
 * Owns: which lines a machine gives, and where they stand in a page.
 * Leaves to `generate-machines.ts` the file, and to the page the words beside each drawing.
 *
 * MD1. Every transition of a state that leads somewhere or acts is drawn once, with its event and its guard.
 * MD2. A transition of the whole machine that leads somewhere is drawn from each top state that does not answer the
 *      event itself. One that stays where it is concerns no state in particular: the words beside tell of it.
 * MD3. The drawing depends on the machine alone: the same machine gives the same text.
 */
import type { AnyStateMachine } from 'xstate'

type Node = AnyStateMachine['root']
type Transition = NonNullable<ReturnType<Node['transitions']['get']>>[number]

/** Arrows by where they go from and to; several events may share one. */
type Arrows = Map<string, { readonly from: string; readonly to: string; readonly labels: string[] }>

/** The lines of the diagram, without the fence. */
export function drawMachine(machine: AnyStateMachine): string {
  const arrows: Arrows = new Map()
  for (const node of allNodes(machine.root)) collectArrows(node, arrows)
  const drawn = [...arrows.values()].map(
    ({ from, to, labels }) => `  ${from} --> ${to}: ${labels.join(', ')}`,
  )
  const ends = allNodes(machine.root).filter(isFinal)
  return [
    'stateDiagram-v2',
    ...declare(machine.root, '  '),
    ...drawn,
    ...ends.map((node) => `  ${idOf(node)} --> [*]`),
  ].join('\n')
}

/** Replaces the drawings in `page`, each between `<!-- machine: id -->` and `<!-- end -->`. */
export function withDrawings(page: string, machines: readonly AnyStateMachine[]): string {
  return machines.reduce((text, machine) => {
    const place = new RegExp(`(<!-- machine: ${machine.id} -->\\n)[\\s\\S]*?(<!-- end -->)`)
    const drawing = `\n\`\`\`mermaid\n${drawMachine(machine)}\n\`\`\`\n\n`
    return text.replace(place, (_, begin: string, end: string) => begin + drawing + end)
  }, page)
}

/** Names every state that a reader can be in, nested as the machine nests them. */
function declare(node: Node, indent: string): string[] {
  const inner = Object.values(node.states).flatMap((child) => {
    const name = `${indent}state "${child.key}" as ${idOf(child)}`
    if (child.type === 'atomic') return [name]
    return [`${name} {`, ...declare(child, `${indent}  `), `${indent}}`]
  })
  return [...initialOf(node).map((id) => `${indent}[*] --> ${id}`), ...inner]
}

function initialOf(node: Node): string[] {
  return node.type === 'compound' ? (node.initial.target ?? []).map(idOf) : []
}

function collectArrows(node: Node, arrows: Arrows): void {
  for (const transition of [...node.transitions.values()].flat()) {
    for (const source of sourcesOf(node, transition)) addArrow(source, transition, arrows)
  }
}

/** The states that a transition is drawn from: none, for one that is meant to change nothing. */
function sourcesOf(node: Node, { target, actions, eventType }: Transition): Node[] {
  const leads = target !== undefined && target.length > 0
  if (node.parent !== undefined) return leads || actions.length > 0 ? [node] : []
  return leads ? Object.values(node.states).filter((state) => !answers(state, eventType)) : []
}

function answers(node: Node, event: string): boolean {
  const candidates = node.transitions.get(event) ?? node.transitions.get('*') ?? []
  return candidates.some(({ guard }) => guard === undefined)
}

function addArrow(source: Node, { target, guard, eventType }: Transition, arrows: Arrows): void {
  const label = guard === undefined ? eventType : `${eventType} [${guardName(guard)}]`
  for (const to of target ?? [source]) {
    const key = `${idOf(source)} ${idOf(to)}`
    const arrow = arrows.get(key) ?? { from: idOf(source), to: idOf(to), labels: [] }
    if (!arrow.labels.includes(label)) arrow.labels.push(label)
    arrows.set(key, arrow)
  }
}

function guardName(guard: NonNullable<Transition['guard']>): string {
  if (typeof guard === 'string') return guard
  return typeof guard === 'function' ? guard.name : guard.type
}

function allNodes(node: Node): Node[] {
  return [node, ...Object.values(node.states).flatMap(allNodes)]
}

function isFinal(node: Node): boolean {
  return node.tags.includes('final')
}

/** Unique over the machine: mermaid knows no paths. */
function idOf(node: Node): string {
  return node.path.join('_')
}
