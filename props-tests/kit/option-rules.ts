/**
 * The options of the checks, checked.
 *
 * Owns: their names and rules. Leaves their meaning to `check-options.ts`.
 *
 * OR1. A misspelt option is refused by name, before anything runs.
 */
import fc from 'fast-check'
import { InvalidOptionError } from '../../runtime/index.ts'
import {
  CONSUMER_RULES,
  anything,
  bool,
  callable,
  checkOptions,
  record,
  text,
  wholeNumber,
} from '../../runtime/internal.ts'
import type { Rule, Rules } from '../../runtime/internal.ts'

const FAULT_RULES: Rules = {
  crash: bool,
  tornWrites: bool,
  recoveryCrash: bool,
  diskErrors: bool,
  diskFull: bool,
  clockJumps: bool,
  effects: bool,
}

const faults: Rule = (value, where) => {
  if (value !== false) record(FAULT_RULES)(value, where)
}

function isInvariant(item: unknown): boolean {
  return typeof item === 'object' && item !== null && typeof Reflect.get(item, 'check') === 'function'
}

const invariants: Rule = (value, where) => {
  if (Array.isArray(value) && value.every(isInvariant)) return
  throw new InvalidOptionError(`${where} must be an array of invariants: { name, guarantee, about, check }`)
}

const arbitrary: Rule = (value, where) => {
  const isOne =
    value instanceof fc.Arbitrary || (typeof value === 'object' && value !== null && 'generate' in value)
  if (!isOne)
    throw new InvalidOptionError(`${where} must be an arbitrary of fast-check, such as fc.integer()`)
}

const pictures: Rule = (value, where) => {
  if (value !== false) text(value, where)
}

const topic: Rule = (value, where) => {
  if (typeof value === 'object' && value !== null && 'partitions' in value) return
  throw new InvalidOptionError(`${where} must be one that defineTopic made`)
}

export const COMMON_RULES: Rules = {
  title: text,
  faults,
  runs: wholeNumber(1),
  timeLimitMs: wholeNumber(1),
  shrinkLimitMs: wholeNumber(0),
  seed: wholeNumber(0),
  replay: text,
  invariants,
  pictures,
}

const { group: _group, ...TERMS } = CONSUMER_RULES

const TOPIC_RULES: Rules = {
  ...COMMON_RULES,
  values: arbitrary,
  topic,
  key: callable,
  handler: callable,
  start: callable,
  consumer: record(TERMS),
  equal: callable,
}

/** @throws InvalidOptionError */
export function checkTopicOptions(options: object): void {
  checkOptions(options, TOPIC_RULES, 'checkTopic')
  const has = (name: string): boolean => Reflect.get(options, name) !== undefined
  if (!has('values')) throw new InvalidOptionError('checkTopic: values is missing: what is to be sent?')
  if (has('handler') === has('start')) {
    throw new InvalidOptionError('checkTopic: give either handler, or start that makes one in each life')
  }
  if (has('topic') && has('key')) throw new InvalidOptionError('checkTopic: the topic has its own key')
}

function isEvent(one: unknown): boolean {
  return typeof one === 'object' && one !== null && typeof Reflect.get(one, 'type') === 'string'
}

function isKey(one: unknown): boolean {
  return typeof one === 'string' && one !== ''
}

const events: Rule = (value, where) => {
  if (!Array.isArray(value)) return arbitrary(value, where)
  if (value.length > 0 && value.every(isEvent)) return
  throw new InvalidOptionError(`${where} must be events, such as [{ type: 'ADD' }], and at least one`)
}

const keys: Rule = (value, where) => {
  if (Array.isArray(value) && value.length > 0 && value.every(isKey)) return
  throw new InvalidOptionError(`${where} must be keys of actors, such as ['a', 'b'], and at least one`)
}

const messages: Rule = (value, where) => {
  if (!Array.isArray(value))
    throw new InvalidOptionError(`${where} must be a list of { topic, values }, one for each topic`)
  value.forEach((each: unknown, i) => {
    record({ topic, values: choices })(each, `${where}[${i}]`)
    for (const name of ['topic', 'values'])
      if (Reflect.get(each as object, name) === undefined)
        throw new InvalidOptionError(`${where}[${i}] lacks '${name}'`)
  })
}

const choices: Rule = (value, where) => {
  if (!Array.isArray(value)) return arbitrary(value, where)
  if (value.length === 0) throw new InvalidOptionError(`${where} must be values, and at least one`)
}

const definition: Rule = (value, where) => {
  const isOne = typeof value === 'object' && value !== null && 'logic' in value
  if (!isOne && typeof value !== 'function')
    throw new InvalidOptionError(
      `${where} must be a definition that defineActor made, or a function that makes it`,
    )
}

const ACTOR_RULES: Rules = {
  ...COMMON_RULES,
  events,
  invariant: callable,
  keys,
  input: anything,
  deaths: wholeNumber(0),
  messages,
  upgradeFrom: definition,
}

/** @throws InvalidOptionError */
export function checkActorOptions(options: object): void {
  checkOptions(options, ACTOR_RULES, 'checkActor')
  if (Reflect.get(options, 'events') === undefined)
    throw new InvalidOptionError('checkActor: events is missing: what is to be sent to the actor?')
}

const SIMULATE_RULES: Rules = {
  ...COMMON_RULES,
  main: callable,
  workload: callable,
  maxDeliveries: wholeNumber(1),
  compare: bool,
  equal: callable,
}

const { runs: _runs, faults: _faults, ...SCENARIO_RULES } = SIMULATE_RULES

const ENUMERATE_RULES: Rules = {
  ...SCENARIO_RULES,
  limit: wholeNumber(1),
  outcomesMax: wholeNumber(1),
  recoveryCrash: bool,
}

/** @throws InvalidOptionError */
export function simulateOptions(options: object): void {
  checkOptions(options, SIMULATE_RULES, 'simulate')
  demandProcess(options, 'simulate')
}

/** @throws InvalidOptionError */
export function enumerateOptions(options: object): void {
  checkOptions(options, ENUMERATE_RULES, 'enumerateCrashes')
  demandProcess(options, 'enumerateCrashes')
}

function demandProcess(options: object, where: string): void {
  for (const name of ['main', 'workload']) {
    if (Reflect.get(options, name) === undefined) throw new InvalidOptionError(`${where}: ${name} is missing`)
  }
}
