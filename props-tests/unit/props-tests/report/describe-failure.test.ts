/**
 * What a person reads: the golden text of a report, and that nothing a user's values hold can spoil it.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { describeFailure, summarize } from '../../../report/index.ts'
import { ackedTooEarly, failureOf, longAndHostile, mailedTwice } from '../../../support/told-failures.ts'
import { ToldHistory } from '../../../support/told-history.ts'

const golden = `duplicated-effect: billing broke guarantee G6 "ack after work"

  mail({"to":"ann"}) was called 2 times for orders 0, offset 0 (key "ann", {"id":7}); without
  crashes it is called once.

  What should hold  A message is done only after its handler returned or acknowledged it, and that
                    is on disk.
  Where to look     Look at what your handler does outside before it is acknowledged: a crash in
                    between runs it again. Give the call a key that is the same in each attempt,
                    such as topic, partition and offset of the message. Send with the handler's own
                    context.send, which is stored together with the ack or not at all; in a loop,
                    under a messageId.

  What happened (10 of 17 events). > marks what shows it, X a crash.
    A = orders 0, offset 0, key "ann", {"id":7}

  --- process 1 -----------------------------------------------
     0 ms  runtime  opens the directory
     1 ms  sender   sends A to orders
     2 ms  sender   is told that A is on disk (orders 0, offset 0)
     4 ms  billing  begins A, attempt 1
  >  9 ms  billing  calls mail({"to":"ann"})
    10 ms  billing  returns from A
  X 11 ms           *** PROCESS KILLED in write of segment-1-1 ***
  --- process 2 -----------------------------------------------
    12 ms  runtime  opens the directory (1 unfinished delivery returned)
    13 ms  billing  begins A, attempt 2
  > 18 ms  billing  calls mail({"to":"ann"})
                ^^^ broken here: duplicated-effect

  Run this case alone, in the test or from a shell:
    await checkTopic({ …, replay: '1812:37:0:2' })
    UNLOST_REPLAY='1812:37:0:2@billing' node --test your.test.js
  Picture           pictures/duplicated-effect.svg
  Search            found in run 12, after 34 crashes, 5 other faults, 120 messages and 161 handler
                    runs; then 41 smaller cases tried.`

const linesOf = (text: string): string[] => text.split('\n')

describe('describeFailure', () => {
  it('RDF1: the guarantee comes first, by name, and what was found with its message', () => {
    const [first, , second] = linesOf(describeFailure(ackedTooEarly()))
    assert.equal(first, 'work-after-ack: billing broke guarantee G6 "ack after work"')
    assert.match(second ?? '', /orders 0, offset 1 \(key "bob", \{"id":2\}\) was acknowledged/)
  })

  it('is this text, for a mail that a crash repeated', () => {
    assert.equal(describeFailure(mailedTwice(), { picture: 'pictures/duplicated-effect.svg' }), golden)
  })

  it('RDF2: the line to paste stands unbroken on a line of its own, however long', () => {
    const replayLine = `await checkTopic({ …, replay: '${'1:'.repeat(100)}1' })`
    const text = describeFailure({ ...ackedTooEarly(), replayLine })
    assert.ok(linesOf(text).includes(`    ${replayLine}`))
  })

  it('TL1: no line is wider than 100 columns, and none carries a control character', () => {
    for (const failure of [ackedTooEarly(), mailedTwice(), longAndHostile(3000)]) {
      for (const line of linesOf(describeFailure(failure))) {
        assert.ok(line.length <= 100, `${line.length}: ${line}`)
        assert.doesNotMatch(line, /[\p{Cc}\p{Cs}\p{Zl}]/u)
      }
    }
  })

  it('TL2: crashes bear X, what shows the violation bears >, and the last line of it says so', () => {
    const lines = linesOf(describeFailure(ackedTooEarly()))
    const marked = lines.filter((line) => /^ {2}[>X] /.test(line))
    assert.deepEqual(
      marked.map((line) => line.slice(2, 3)),
      ['>', '>', 'X', '>'],
    )
    const noticed = lines.findIndex((line) => line.includes('all is quiet'))
    assert.match(lines[noticed + 1] ?? '', /\^\^\^ noticed here, at the end: work-after-ack/)
  })

  it('RDF2: the line for a shell survives a title with quotes', () => {
    const text = describeFailure({ ...mailedTwice(), title: "bob's mails" })
    assert.ok(text.includes(String.raw`UNLOST_REPLAY='1812:37:0:2@bob'\''s mails' node --test`))
  })

  it('says when a smaller case may exist', () => {
    const text = describeFailure({ ...mailedTwice(), shrinking: { tried: 1, isCutShort: true } })
    assert.match(text.replaceAll(/\s+/g, ' '), /1 smaller case tried; the time for that ran out/)
  })

  it('WO1: what comes from a user is cut', () => {
    const tale = new ToldHistory()
    tale.open()
    const order = tale.send('k'.repeat(500), { long: 'x'.repeat(10_000) })
    const at = tale.confirm(order)
    const text = describeFailure(failureOf(tale.history, { invariant: 'gap', text: 'gone', events: [at] }))
    assert.ok(text.length < 3000, `${text.length} characters`)
  })

  it('HN1: what a handler cannot break is said to be ours, an unknown name points at the marks', () => {
    const hint = (invariant: string): string => {
      const failure = failureOf([], { invariant, text: 'x', events: [] })
      return describeFailure(failure).replaceAll(/\s+/g, ' ')
    }
    assert.match(hint('lost-write'), /a promise of unlost itself/)
    assert.match(hint('state-lost'), /state in a variable/)
    assert.match(hint('balance-never-negative'), /lines marked >/)
  })
})

describe('clues', () => {
  const clueOf = (tell: (tale: ToldHistory) => void): string => {
    const tale = new ToldHistory()
    tale.open()
    tell(tale)
    const events = [tale.drain()]
    const failure = failureOf(tale.history, { invariant: 'lost-effect', text: 'x', events })
    return describeFailure(failure).replaceAll(/\s+/g, ' ')
  }

  it('CL1: a swallowed error is seen', () => {
    const text = clueOf((tale) => {
      const run = tale.begin(tale.send('ann', 1))
      tale.call(run, ['mail', 1], true)
      tale.end(run)
    })
    assert.match(text, /returned from A as if all were well, although its call of mail had failed/)
  })

  it('CL1: a call after the end is seen, and an ack before it', () => {
    const text = clueOf((tale) => {
      const order = tale.send('ann', 1)
      const run = tale.begin(order)
      tale.ack(order)
      tale.end(run)
      tale.call(run, ['mail', 1])
    })
    assert.match(text, /called mail for A after it had ended: a promise is not awaited/)
    assert.match(text, /The ack of A was on disk before its handler \(group billing\) had ended/)
  })

  it('FA1: an ack that nobody was told of is seen at the next opening, and only where the message never came again', () => {
    const told = (isRepeated: boolean): string =>
      clueOf((tale) => {
        const order = tale.send('ann', 1)
        tale.end(tale.begin(order))
        tale.crash('kill', "before call 9, sync '/data/segment-1-1'")
        tale.open(isRepeated ? 1 : 0)
        if (isRepeated) tale.ack(order, tale.begin(order, 2))
      })
    assert.match(
      told(false),
      /KILLED before the sync of segment-1-1 \(system call 9\): what was written stays/,
    )
    assert.match(told(false), /opens the directory, and finds the ack of A on disk/)
    assert.doesNotMatch(told(true), /finds the ack/)
  })

  it('CL1: nothing is said where nothing was seen', () => {
    const text = clueOf((tale) => {
      const order = tale.send('ann', 1)
      const run = tale.begin(order)
      tale.call(run, ['mail', 1], true)
      tale.end(run, 'threw')
      const again = tale.begin(order, 2)
      tale.call(again, ['mail', 1])
      tale.end(again)
      tale.ack(order, 2)
    })
    assert.doesNotMatch(text, /Seen in this run/)
  })

  it('CL1: a view that differs from the run without a mishap is shown beside it', () => {
    const [tale, calm] = [new ToldHistory(), new ToldHistory()]
    const events = [tale.drain(0, '{"ann":1}')]
    calm.drain(0, '{"ann":2}')
    const failure = failureOf(tale.history, { invariant: 'state-lost', text: 'x', events })
    const text = describeFailure({ ...failure, reference: calm.history })
    assert.match(
      text.replaceAll(/\s+/g, ' '),
      /At the end the view is \{"ann":1\}; without a mishap it is \{"ann":2\}\./,
    )
  })
})

describe('summarize', () => {
  const checked = {
    title: 'orders',
    seed: 7,
    counts: { runs: 100, crashes: 1, faults: 30, messages: 900, handlerRuns: 1000 },
    sometimes: { 'torn tail': 3, 'disk full': 2 },
    elapsedMs: 812.4,
    isCutShort: false,
  }

  it('tells what was tried', () => {
    assert.equal(
      summarize(checked),
      'orders: nothing found in 100 runs with 1 crash, 30 other faults, 900 messages and 1000 handler runs (812 ms, seed 7)',
    )
  })

  it('SU1: tells what was not reached', () => {
    const text = summarize({ ...checked, isCutShort: true, sometimes: { 'torn tail': 3, 'disk full': 0 } })
    assert.match(text, /; the time limit ended it early; never came up: disk full$/)
  })
})
