/**
 * Reading a trace into steps, and what a step makes durable, on small traces written by hand.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { chooseFirst, chooseLast, SimulatedDisk } from '../index.ts'
import type { Choices } from '../index.ts'
import { stepsOf } from './disk-steps.ts'
import type { DiskStep } from './disk-steps.ts'
import { ReplayError } from './replay-error.ts'
import { readTrace } from './system-calls.ts'
import { everyTear } from './torn-plans.ts'
import { TraceReplay } from './trace-replay.ts'

const hex = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
const steps = (...lines: string[]) => stepsOf(readTrace(lines.join('\n')), '/a/data')
const data = hex('/a/data')
const file = hex('/a/data/f')
const say = (word: string): string =>
  `7 write(1<${hex('pipe:[1]')}>, "${hex(`{"say":"${word}"}\n`)}", 9) = 99`

describe('steps of a trace', () => {
  it('DP1: a line counts when its writing began, a sync when it returned', () => {
    const found = steps(
      `7 mkdir("${data}", 0700) = 0`,
      `8 openat(AT_FDCWD<${hex('/x')}>, "${file}", O_RDWR|O_CREAT|O_EXCL|O_CLOEXEC, 0600) = 20<${file}>`,
      `8 pwrite64(20<${file}>, "${hex('hi')}", 2, 5) = 2`,
      `8 fdatasync(20<${file}> <unfinished ...>`,
      `7 write(1<${hex('pipe:[1]')}>, "${hex('{"say":"confirmed"}\n')}", 20 <unfinished ...>`,
      `8 <... fdatasync resumed>) = 0`,
      `7 <... write resumed>) = 20`,
      `8 ftruncate(20<${file}>, 3) = 0`,
      `8 unlink("${file}") = -1 ENOENT (No such file or directory)`,
      `8 unlink("${file}") = 0`,
    )
    assert.deepEqual(
      found.map((step) => step.do),
      ['make-directory', 'create', 'write', 'say', 'sync', 'truncate', 'remove'],
    )
    const [, , write, line, sync, truncate] = found
    assert.deepEqual(write, { do: 'write', path: '/data/f', position: 5, bytes: Buffer.from('hi') })
    assert.deepEqual(line, { do: 'say', line: { say: 'confirmed' } })
    assert.deepEqual(sync, { do: 'sync', path: '/data/f', beside: [] })
    assert.deepEqual(truncate, { do: 'truncate', path: '/data/f', size: 3 })
  })

  it('DP1: a line that was cut in two by the pipe is one line, and lines of other processes are none', () => {
    const [first, second] = ['{"say":"op', 'en"}\n']
    const pipe = hex('pipe:[1]')
    const found = steps(
      `9 write(1<${pipe}>, "${hex('0.28.2')}", 6) = 6`,
      `7 write(1<${pipe}>, "${hex(first + second)}", 15) = ${first.length}`,
      `7 write(1<${pipe}>, "${hex(second)}", 5) = ${second.length}`,
    )
    assert.deepEqual(found, [{ do: 'say', line: { say: 'open' } }])
  })

  it('DP2: what is not understood is refused by name, where it concerns the directory', () => {
    const rename = (from: string): string => `7 rename("${hex(from)}", "${hex('/a/data/g')}") = 0`
    assert.throws(() => steps(rename('/a/data/f')), /rename of \/data\/f at line 1/)
    assert.throws(() => steps(`7 pwrite64(20<${file}>, "\\x00"..., 2, 5) = 2`), /cut off/)
    assert.deepEqual(steps(rename('/b/f')), [])
    assert.deepEqual(steps(say('open')), [{ do: 'say', line: { say: 'open' } }])
  })

  it('DP3, TP2: a name that comes while another thread syncs its directory is not durable by that', () => {
    const found = steps(
      `7 mkdir("${data}", 0700) = 0`,
      `7 fsync(3<${hex('/a')}>) = 0`,
      `8 fsync(4<${data}> <unfinished ...>`,
      `7 openat(AT_FDCWD<${hex('/x')}>, "${file}", O_RDWR|O_CREAT|O_EXCL, 0600) = 20<${file}>`,
      `8 <... fsync resumed>) = 0`,
    )
    const beside = found.at(-1) as Extract<DiskStep, { do: 'sync' }>
    assert.deepEqual(beside, { do: 'sync', path: '/data', beside: ['/data/f'] })
    assert.deepEqual(namesAfter(found, chooseFirst), [])
    assert.deepEqual(namesAfter(found, chooseLast), ['f'])
    const alone = found.map((step) => (step === beside ? { ...beside, beside: [] } : step))
    assert.deepEqual(namesAfter(alone, chooseFirst), ['f'])
    const write = `7 pwrite64(4<${data}>, "${hex('x')}", 1, 0) = 1`
    assert.throws(
      () => steps(`8 fsync(4<${data}> <unfinished ...>`, write, `8 <... fsync resumed>) = 0`),
      ReplayError,
    )
  })

  it('DP3, TP2: a name that goes while its directory is synced comes back, with its bytes, or does not', () => {
    const found = steps(
      `7 mkdir("${data}", 0700) = 0`,
      `7 fsync(3<${hex('/a')}>) = 0`,
      `7 openat(AT_FDCWD<${hex('/x')}>, "${file}", O_RDWR|O_CREAT|O_EXCL, 0600) = 20<${file}>`,
      `7 fsync(4<${data}>) = 0`,
      `8 fsync(4<${data}> <unfinished ...>`,
      `7 unlink("${file}") = 0`,
      `8 <... fsync resumed>) = 0`,
      `7 pwrite64(20<${file}>(deleted), "${hex('hi')}", 2, 0) = 2`,
      `7 fdatasync(20<${file}>(deleted)) = 0`,
    )
    assert.deepEqual(namesAfter(found, chooseFirst), ['f'])
    assert.deepEqual(namesAfter(found, chooseLast), [])
  })

  function namesAfter(found: ReturnType<typeof steps>, choices: Choices): string[] {
    const replay = new TraceReplay(new SimulatedDisk())
    for (const step of found) if (step.do !== 'say') replay.do(step)
    replay.disk.restart('power', choices)
    return replay.disk.list('/data')
  }
})

describe('what a power cut keeps', () => {
  const options = { exhaustiveMax: 16, randomCount: 3, seed: 5 }
  const tears = (counts: readonly number[]): string[] => {
    const found: string[] = []
    const cut = (choices: Choices): string => counts.map((count) => choices.choose(count)).join('')
    for (const choices of everyTear((each) => void cut(each), options)) found.push(cut(choices))
    return found
  }

  it('TQ1: all outcomes, each once, while they are few; a piece without a choice is none', () => {
    assert.deepEqual(tears([2, 1, 3]).toSorted(), ['000', '001', '002', '100', '101', '102'])
    assert.deepEqual(tears([]), [''])
    assert.equal(new Set(tears([2, 2, 2, 2])).size, 16)
  })

  it('TQ1: what is kept decides what else there is to keep', () => {
    const found: string[] = []
    const cut = (choices: Choices): string =>
      choices.choose(2) === 0 ? 'nothing' : `name${choices.choose(3)}`
    for (const choices of everyTear((each) => void cut(each), options)) found.push(cut(choices))
    assert.deepEqual(found, ['nothing', 'name0', 'name1', 'name2'])
  })

  it('TQ2: above that prefixes, suffixes, one alone, all but one, and random ones', () => {
    const found = tears([2, 2, 2, 2, 3])
    for (const telling of ['00000', '11112', '11000', '00012', '00100', '11012']) {
      assert.ok(found.includes(telling), telling)
    }
    assert.equal(found.length, 2 + 4 * 5 + 3)
  })
})
