/**
 * The package as it would be published.
 *
 * Owns: packing the build into a tarball, and unpacking it to look inside.
 * Leaves to `npm run build` the build itself (a packed package is only as new as the last build).
 *
 * TB1. Packing runs no script, so that it never rebuilds under the feet of another test.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { checkout } from '../tooling/checkout.ts'

export interface Tarball {
  readonly path: string
  /** Where it is unpacked: the folder that holds `package.json`. */
  readonly folder: string
  /** All files, relative to `folder`, with `/`. */
  readonly files: readonly string[]
  remove(): void
}

/** Raised when there is nothing to pack. */
export class NoBuildError extends Error {
  override readonly name = 'NoBuildError'
}

/** Packs the last build into a temporary folder. Call `remove` when done. */
export function pack(): Tarball {
  if (!existsSync(join(checkout, 'dist/runtime/index.js'))) throw new NoBuildError('first: npm run build')
  const place = mkdtempSync(join(tmpdir(), 'unlost-pack-'))
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', place], {
    cwd: checkout,
  })
  const [name = ''] = readdirSync(place)
  const path = join(place, name)
  execFileSync('tar', ['-xzf', path, '-C', place])
  const folder = join(place, 'package')
  return { path, folder, files: filesBelow(folder), remove: () => rmSync(place, { recursive: true }) }
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .toSorted()
}
