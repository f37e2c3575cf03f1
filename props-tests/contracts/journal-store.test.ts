import { JournalStore } from '../../persistence/internal.ts'
import { filesOf, flipBit } from '../disk-damage.ts'
import { SimulatedDisk } from '../simulated-disk.ts'
import { openJournal } from '../support/journal-subject.ts'
import { storeContract } from './store-contract.ts'

storeContract('JournalStore on the simulated disk', () => {
  const disk = new SimulatedDisk()
  let lives = 0
  return {
    open: () => {
      lives += 1
      return new Promise((resolve) => {
        resolve(new JournalStore(openJournal(disk, lives)))
      })
    },
    kill: () => {
      disk.restart('kill')
      return Promise.resolve()
    },
    dispose: () => Promise.resolve(),
    damage: () => {
      const [oldest] = filesOf(disk).filter((path) => path.includes('/segment-'))
      if (oldest !== undefined) flipBit(disk, oldest, 8 * 4100)
    },
  }
})
