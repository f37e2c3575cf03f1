/**
 * Runs of machines as people write them, worth comparing.
 *
 * Owns: the steps and the ends. Leaves the machines to `actor-specimens.ts`, the comparison to `actor-twins.ts`.
 */
import { broken, family, pinger } from './actor-families.ts'
import {
  chain,
  debounce,
  light,
  order,
  settle,
  signIn,
  thermostat,
  upload,
  vending,
  wizard,
} from './actor-specimens.ts'
import type { Specimen, TwinStep } from './actor-twins.ts'

export interface Case {
  readonly name: string
  readonly make: () => Specimen
  readonly steps: readonly TwinStep[]
  readonly input?: unknown
  /** What the state value and the status are at the end, so that a case cannot pass by doing nothing. */
  readonly ends: { readonly value: unknown; readonly status: string }
}

const send = (type: string, more: object = {}): TwinStep => ({ send: { type, ...more } })
const advance = (ms: number): TwinStep => ({ advance: ms })

export const cases: readonly Case[] = [
  {
    name: 'a traffic light',
    make: light,
    steps: [advance(29), advance(1), advance(5), advance(12), advance(3), send('POWER_OUT'), advance(20)],
    ends: { value: 'green', status: 'active' },
  },
  {
    name: 'an order',
    make: order,
    input: { first: 'tea' },
    steps: [
      send('ADD', { item: 'cake' }),
      send('PAY', { amount: 10 }),
      send('PAY', { amount: 10 }),
      send('CANCEL'),
      send('SHIP'),
    ],
    ends: { value: 'shipped', status: 'done' },
  },
  {
    name: 'signing in, with retries',
    make: signIn,
    steps: [
      send('SUBMIT', { name: 'x' }),
      settle('reject', new RangeError('no')),
      advance(99),
      advance(1),
      settle('reject', { message: 'still no' }),
      advance(200),
      settle('resolve', { id: 7 }),
    ],
    ends: { value: 'in', status: 'active' },
  },
  {
    name: 'signing in, locked',
    make: signIn,
    steps: [
      send('SUBMIT', { name: 'x' }),
      settle('reject', new Error('1')),
      advance(100),
      settle('reject', new Error('2')),
      advance(200),
      settle('reject', new Error('3')),
    ],
    ends: { value: 'locked', status: 'done' },
  },
  {
    name: 'a wizard with history',
    make: wizard,
    steps: [
      send('NEXT'),
      send('TURN'),
      send('HELP'),
      send('CLOSE'),
      send('TURN'),
      send('HELP'),
      send('RESUME'),
      send('NEXT'),
    ],
    ends: { value: 'end', status: 'done' },
  },
  {
    name: 'a parallel upload',
    make: upload,
    steps: [send('A'), send('A'), advance(100)],
    ends: { value: { a: 'sent', b: 'sent' }, status: 'done' },
  },
  {
    name: 'a vending machine',
    make: vending,
    steps: [
      send('COIN', { cents: 50 }),
      send('REFUND'),
      send('COIN', { cents: 70 }),
      send('COIN', { cents: 70 }),
    ],
    ends: { value: 'idle', status: 'active' },
  },
  {
    name: 'a debounced field',
    make: debounce,
    steps: [
      send('TYPE', { text: 'a' }),
      advance(49),
      send('TYPE', { text: 'ab' }),
      advance(49),
      advance(1),
      advance(100),
    ],
    ends: { value: 'on', status: 'active' },
  },
  {
    name: 'a chain of promises',
    make: chain,
    steps: [settle('resolve', 'one'), settle('resolve', 'two')],
    ends: { value: 'third', status: 'done' },
  },
  {
    name: 'a promise that is left behind',
    make: chain,
    steps: [settle('resolve', 'one'), send('SKIP'), settle('reject', 'too late')],
    ends: { value: 'third', status: 'done' },
  },
  {
    name: 'a promise whose failure nobody takes',
    make: chain,
    steps: [settle('reject', 'unhandled')],
    ends: { value: 'first', status: 'error' },
  },
  {
    name: 'parent and children',
    make: family,
    steps: [
      send('WORK'),
      advance(7),
      advance(3),
      send('WORK'),
      send('DROP'),
      advance(30),
      send('REST'),
      send('DONE', { by: 'me' }),
    ],
    ends: { value: 'alone', status: 'active' },
  },
  {
    name: 'a callback',
    make: pinger,
    steps: [send('PING'), send('PING'), send('OFF'), send('PING')],
    ends: { value: 'off', status: 'active' },
  },
  {
    name: 'a child that throws',
    make: broken,
    steps: [send('BREAK')],
    ends: { value: 'saved', status: 'active' },
  },
  {
    name: 'a thermostat with always',
    make: thermostat,
    steps: [send('READ', { degrees: 10 }), send('READ', { degrees: 30 }), send('READ', { degrees: 20 })],
    ends: { value: 'resting', status: 'active' },
  },
]
