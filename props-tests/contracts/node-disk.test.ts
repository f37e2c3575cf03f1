import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeDisk } from '../../persistence/index.ts'
import { diskContract } from './disk-contract.ts'

diskContract('nodeDisk', () => {
  const directory = mkdtempSync(join(tmpdir(), 'unlost-disk-'))
  return {
    disk: nodeDisk,
    directory,
    modeOf: (path) => statSync(path).mode,
    dispose: () => {
      rmSync(directory, { recursive: true })
    },
  }
})
