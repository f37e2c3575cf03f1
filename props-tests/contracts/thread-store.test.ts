import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '../../persistence/index.ts'
import { ThreadStore } from '../../persistence/internal.ts'
import { storeContract } from './store-contract.ts'

/** Beyond the header of a segment and the head of its first frame. */
const FIRST_FRAME_BODY = 4096 + 100

storeContract('the store in its thread, on the real disk', () => {
  const directory = fs.mkdtempSync(join(tmpdir(), 'unlost-thread-store-'))
  const opened: ThreadStore[] = []
  const abandonAll = async () => {
    for (const store of opened.splice(0)) await store.abandon()
  }
  return {
    hasLock: true,
    open: async (options = {}) => {
      const store = await openStore(directory, options)
      if (store instanceof ThreadStore) opened.push(store)
      return store
    },
    kill: abandonAll,
    dispose: async () => {
      await abandonAll()
      fs.rmSync(directory, { recursive: true })
    },
    damage: () => {
      const [oldest = ''] = fs
        .readdirSync(directory)
        .filter((name) => name.startsWith('segment-'))
        .sort()
      const path = join(directory, oldest)
      const bytes = fs.readFileSync(path)
      bytes[FIRST_FRAME_BODY] = (bytes[FIRST_FRAME_BODY] ?? 0) ^ 1
      fs.writeFileSync(path, bytes)
    },
  }
})
