/**
 * The structure of a machine: what a stored state has to fit.
 *
 * Owns: the hash of the structure, and what no longer fits, in words. Leaves the remedy to `machine-state.ts`.
 *
 * MS1. Two machines have the same hash exactly if they have the same states, events, delays and invoked children.
 * MS2. A value fits only if it names one way to leaves that are leaves here: nothing is entered while loading.
 */
import type { AnyStateMachine, AnyStateNode, StateValue } from 'xstate'
import { nodesOf } from './machine-walk.ts'

export interface MachineShape {
  readonly hash: string
  /** Children's logic that is written in line, by the name that XState gives its place. */
  readonly inlineSources: ReadonlyMap<string, unknown>
  /** Why a state value does not fit; undefined if it does. */
  unfit(value: unknown): string | undefined
  /** Whether any state takes events of this type. */
  takes(type: string): boolean
  /** Whether the history of this node can be kept. */
  hasNode(id: string): boolean
}

export function shapeOf(machine: AnyStateMachine): MachineShape {
  const nodes = nodesOf(machine)
  const root = machine.root as AnyStateNode
  const ids = new Set(nodes.map((node) => node.id))
  const events = new Set(nodes.flatMap((node) => [...node.transitions.keys()]))
  const wildcards = [...events].filter((event) => event.endsWith('*'))
  return {
    hash: hashOf(JSON.stringify(nodes.map(outline))),
    inlineSources: new Map(nodes.flatMap(inlineSourcesOf)),
    unfit: (value) => unfit(root, value as StateValue),
    takes: (type) => events.has(type) || wildcards.some((event) => matches(event, type)),
    hasNode: (id) => ids.has(id),
  }
}

function matches(descriptor: string, type: string): boolean {
  return descriptor === '*' ? !type.startsWith('xstate.after.') : type.startsWith(descriptor.slice(0, -1))
}

function outline(node: AnyStateNode): unknown {
  const invokes = node.invoke.map((invoke) => [invoke.id, invoke.src])
  const always = node.always === undefined ? 0 : 1
  return [node.id, node.key, node.type, node.history, [...node.transitions.keys()].sort(), always, invokes]
}

function inlineSourcesOf(node: AnyStateNode): [string, unknown][] {
  const invokes = [node.config.invoke ?? []].flat() as readonly { readonly src: unknown }[]
  return node.invoke.flatMap((invoke, index) => {
    const written = invokes[index]?.src
    return typeof written === 'string' || written === undefined ? [] : [[invoke.src as string, written]]
  })
}

function unfit(node: AnyStateNode, value: StateValue | undefined): string | undefined {
  if (typeof value === 'string') return unfitLeaf(node, value)
  if (typeof value !== 'object' || value === null) return `'${node.id}' has no value`
  const keys = Object.keys(value)
  const expected = node.type === 'compound' ? 1 : regionsOf(node).length
  const lost = keys.find((key) => node.states[key] === undefined)
  if (lost !== undefined) return `state '${lost}' does not exist in '${node.id}'`
  if (keys.length !== expected) return `'${node.id}' has other regions now`
  return keys
    .map((key) => unfit(node.states[key] as AnyStateNode, value[key]))
    .find((each) => each !== undefined)
}

function unfitLeaf(node: AnyStateNode, key: string): string | undefined {
  const child = node.states[key] as AnyStateNode | undefined
  if (child === undefined) return `state '${key}' does not exist in '${node.id}'`
  if (node.type !== 'compound') return `'${node.id}' is ${node.type} now`
  const isLeaf = child.type === 'atomic' || child.type === 'final'
  return isLeaf ? undefined : `state '${child.id}' has states of its own now`
}

function regionsOf(node: AnyStateNode): string[] {
  if (node.type !== 'parallel') return []
  return Object.keys(node.states).filter((key) => (node.states[key] as AnyStateNode).type !== 'history')
}

/** 64 bits in hexadecimal; for telling structures apart, not against forgery. */
export function hashOf(text: string): string {
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    high = Math.imul(high ^ code, 0x9e3779b1)
    low = Math.imul(low ^ code, 0x5f356495)
  }
  high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35)
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35)
  return hex(high) + hex(low)
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0')
}
