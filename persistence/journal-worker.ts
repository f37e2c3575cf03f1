/**
 * Where the journal's thread begins.
 *
 * Owns: nothing but the start. Leaves everything to `journal-thread.ts`.
 */
import assert from 'node:assert/strict'
import { parentPort, workerData } from 'node:worker_threads'
import { runJournalThread } from './journal-thread.ts'

assert(parentPort !== null, 'this file is the entry of a thread')
await runJournalThread(parentPort, workerData)
