/**
 * A journal must not break because it was woken while its next segment is still being made.
 *
 * The thread that makes segments says what it does by a word and a wake-up: two steps. A wake-up that belonged to the word
 * before (that the thread had come up) could come after the journal had given the next order and begun to wait for it. The
 * journal took the file for not made and broke, with nothing wrong. Found by `npm run kills` on a busy machine: once in 3,800
 * lives.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Worker } from 'node:worker_threads'
import { SPARE_WORD, waitWhileMaking } from '../../persistence/internal.ts'

/** Wakes who waits, with the word as it is; the second time somebody waits it says that the file is ready. */
const waker = `
  const { workerData: { word, ready } } = require('node:worker_threads')
  const wake = () => { while (Atomics.notify(word, 0) === 0); }
  wake()
  while (Atomics.load(word, 1) === 0 && Atomics.notify(word, 0) === 0);
  Atomics.store(word, 0, ready)
  Atomics.notify(word, 0)
`

it('SM3: to be woken is no proof that the file is there', async () => {
  const word = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT))
  word[0] = SPARE_WORD.making
  const thread = new Worker(waker, { eval: true, workerData: { word, ready: SPARE_WORD.ready } })
  waitWhileMaking(word)
  const seen = Atomics.load(word, 0)
  // Lets the other thread end, also where this one does not wait a second time.
  Atomics.store(word, 1, 1)
  await new Promise((resolve) => thread.once('exit', resolve))
  assert.equal(seen, SPARE_WORD.ready)
})
