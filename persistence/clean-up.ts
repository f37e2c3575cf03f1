/**
 * What an opening clears away beside the new segment file, and what it keeps as evidence.
 *
 * Owns: setting a torn tail aside, making room for the new file, and removing what is no longer needed once that counts.
 * Leaves to `recovery.ts` when each of it happens, and to `examine.ts` what nobody needs.
 *
 * RV2. A torn tail is set aside, durably, before the file that holds it is removed.
 * RV8. A prepared file is removed only after word of that was left, durably: neither the owner that had it made, should it
 *      live on, nor the next opener takes its absence for damage. The word goes when the new file counts.
 */

import type { Place } from './begin.ts'
import { readChosen } from './choose-segments.ts'
import { pathIn } from './disk-faults.ts'
import type { Log } from './examine.ts'
import { asideFilesMax } from './limits.ts'
import { asideName, freedName } from './names.ts'
import { makeSmall, removeIfFile } from './small-file.ts'
import type { SegmentFile, Survey } from './survey.ts'

/** A torn tail that was kept. */
export interface SetAside {
  readonly name: string
  readonly bytes: number
}

/** What was done before the new file was begun. */
export interface MadeWay {
  readonly aside: SetAside | undefined
  /** Names of the files that say which prepared files were removed: none, or one. */
  readonly words: readonly string[]
}

/** Keeps what is torn, and gives back space that nobody needs where the new file may need it. */
export function makeWay(place: Place, log: Log): MadeWay {
  const words = removePrepared(place, log)
  return { aside: setTailAside(place, log), words }
}

/** Files of zeros only: nothing that was confirmed can have depended on them. */
function removePrepared({ disk, directory, epoch }: Place, log: Log): string[] {
  const prepared = log.unneeded.filter((file) => file.look.state === 'zero')
  if (prepared.length === 0) return []
  const word = freedName((log.last?.segment.id ?? 0) + 1, epoch)
  makeSmall(disk, pathIn(directory, word), new Uint8Array(0))
  disk.syncDirectory(directory)
  for (const file of prepared) removeIfFile(disk, file.path)
  return [word]
}

function setTailAside({ disk, directory, epoch }: Place, { last }: Log): SetAside | undefined {
  if (last === undefined || last.usedEnd <= last.end.position) return undefined
  const name = asideName(last.segment.id, epoch, 1)
  const bytes = readChosen(disk, last.segment, (reader) =>
    reader.bytes(last.end.position, last.usedEnd - last.end.position, last.usedEnd).slice(),
  )
  makeSmall(disk, pathIn(directory, name), bytes)
  disk.syncDirectory(directory)
  return { name, bytes: bytes.length }
}

/** Removes what nobody needs any more. */
export function cleanUp(
  { disk, directory }: Place,
  done: { survey: Survey; unneeded: readonly SegmentFile[]; made: MadeWay },
): void {
  const { survey, unneeded, made } = done
  for (const file of unneeded) removeIfFile(disk, file.path)
  const asidesKept = asideFilesMax - (made.aside === undefined ? 0 : 1)
  const asides = survey.asides.slice(0, Math.max(0, survey.asides.length - asidesKept))
  const words = [...survey.freed.map(({ name }) => name), ...made.words]
  for (const name of [...asides, ...words]) removeIfFile(disk, pathIn(directory, name))
}
