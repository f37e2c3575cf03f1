/**
 * Writing a picture where a person can open it: the one place of the kit that touches the real disk.
 *
 * Owns: the directory, the name, and what is said when it cannot be written.
 *
 * WP1. A picture that cannot be written never hides the report: the reason is said instead of the path.
 * WP2. The same failure has the same name, so that trying again and again leaves one file.
 * WP3. Nothing is followed: a file or link that stands there is replaced, not written through.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where a picture is, or why it is nowhere. */
export type Written = { readonly path: string } | { readonly reason: string }

/**
 * Writes a picture and says where it is.
 *
 * @param name - what it shows; becomes the beginning of the file's name
 * @param directory - default: `unlost-pictures` in the system's directory for temporary files
 * @example writePicture(drawSpaceTime(history, violation), 'lost-effect')
 */
export function writePicture(
  svg: string,
  name: string,
  directory = join(tmpdir(), 'unlost-pictures'),
): Written {
  const hash = createHash('sha256').update(svg).digest('hex').slice(0, 10)
  const path = join(directory, `${name.replaceAll(/[^\w-]+/g, '-').slice(0, 60)}-${hash}.svg`)
  try {
    mkdirSync(directory, { recursive: true })
    rmSync(path, { force: true })
    writeFileSync(path, svg, { flag: 'wx' })
    return { path }
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) }
  }
}
