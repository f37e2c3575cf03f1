/**
 * Failures written by hand: an ack before the work, and a call of the world outside that a crash repeated.
 *
 * Owns: those histories. Leaves to the tests of the reports what must be seen in them.
 */
import type { FailureReport } from '../failure.ts'
import type { History, Violation } from '../history.ts'
import { ToldHistory } from './told-history.ts'

/** The ack of the second of three orders is on disk; the process dies before the mail is sent. */
export function ackedTooEarly(): FailureReport {
  const tale = new ToldHistory()
  tale.open()
  const orders = [1, 2, 3].map((id) => tale.send(id === 2 ? 'bob' : 'ann', { id }))
  const [first, second, third] = orders
  if (first === undefined || second === undefined || third === undefined) throw new TypeError('three orders')
  for (const order of [first, second, third]) tale.confirm(order)
  const one = tale.begin(first)
  const two = tale.begin(second)
  tale.ack(first)
  tale.call(one, ['mail', { to: 'ann', order: 1 }])
  const ack = tale.ack(second)
  tale.end(one)
  const crash = tale.crash('power', 'sync of segment-1-1')
  tale.open(1)
  const three = tale.begin(third)
  tale.ack(third)
  tale.call(three, ['mail', { to: 'ann', order: 3 }])
  tale.end(three)
  const drained = tale.drain()
  const begun = tale.history.findIndex((event) => event.kind === 'begun' && event.run === two)
  return failureOf(tale.history, {
    invariant: 'work-after-ack',
    text: 'orders 0, offset 1 (key "bob", {"id":2}) was acknowledged by billing before its handler had ended; the process died, and no later run did the work.',
    events: [begun, ack, crash, drained],
  })
}

/** A mail goes out, the process is killed before the ack is on disk, and the next attempt sends it again. */
export function mailedTwice(): FailureReport {
  const tale = new ToldHistory()
  tale.open()
  const order = tale.send('ann', { id: 7 })
  tale.confirm(order)
  const lost = tale.send('bob', { id: 8 })
  const one = tale.begin(order)
  const first = tale.call(one, ['mail', { to: 'ann' }])
  tale.end(one)
  const crash = tale.crash('kill', 'write of segment-1-1')
  tale.open(1)
  const two = tale.begin(order, 2)
  const again = tale.call(two, ['mail', { to: 'ann' }])
  tale.end(two)
  tale.ack(order, 2)
  const other = tale.begin(lost)
  tale.call(other, ['mail', { to: 'bob' }], true)
  tale.end(other, 'threw', 'mail is down')
  tale.drain()
  return failureOf(tale.history, {
    invariant: 'duplicated-effect',
    text: 'mail({"to":"ann"}) was called 2 times for orders 0, offset 0 (key "ann", {"id":7}); without crashes it is called once.',
    events: [first, crash, again],
  })
}

/** Thousands of orders, with texts that break terminals and XML, and crashes in between. */
export function longAndHostile(events: number): FailureReport {
  const tale = new ToldHistory()
  tale.open()
  const evil = '</text><script>alert("x")</script>&\u0000\u001B[31m\uD800 "\'`\n\r\u2028'
  const orders = []
  while (tale.history.length < events) {
    const order = tale.send(evil, { evil: evil.repeat(40), at: tale.history.length })
    tale.confirm(order)
    const run = tale.begin(order, 1, `group ${orders.length % 9} ${evil}`)
    tale.call(run, [evil, { evil }])
    tale.end(run, 'threw', evil.repeat(20))
    orders.push(order)
    if (orders.length % 50 === 0) {
      tale.crash('power', evil)
      tale.open(3)
    }
  }
  const at = Array.from({ length: 40 }, (_, index) => Math.floor((index * tale.history.length) / 40))
  return failureOf(tale.history, { invariant: evil, text: evil.repeat(30), events: at })
}

/** The rest of a report around a violation. */
export function failureOf(history: History, violation: Violation): FailureReport {
  return {
    title: 'billing',
    invariant: {
      name: violation.invariant,
      guarantee: 'G6',
      about: 'A message is done only after its handler returned or acknowledged it, and that is on disk.',
    },
    violation,
    history,
    reference: undefined,
    terms: { groups: { orders: ['billing'] }, maxDeliveries: 10 },
    replay: '1812:37:0:2',
    replayLine: "await checkTopic({ …, replay: '1812:37:0:2' })",
    counts: { runs: 12, crashes: 34, faults: 5, messages: 120, handlerRuns: 161 },
    shrinking: { tried: 41, isCutShort: false },
  }
}
