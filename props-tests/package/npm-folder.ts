/**
 * A folder with packages from npm in it, for trying ours among others.
 *
 * Owns: installing, and telling "cannot be fetched here" from "does not work".
 * Leaves to the tests what to do with either: a package that cannot be fetched is skipped in plain sight.
 *
 * NF1. Only a failure of the network (or a package that is not to be had) is `unavailable`; any other is thrown.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Raised when npm refuses for a reason that is ours. */
export class InstallError extends Error {
  override readonly name = 'InstallError'
}

const networkCodes =
  /code (?:E404|ETARGET|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED|E50\d|EBADPLATFORM|ERR_SOCKET_TIMEOUT)/

/** Installs `specs` into `folder`; answers `unavailable` with npm's words when they cannot be fetched here. */
export function installInto(folder: string, specs: readonly string[]): 'installed' | { unavailable: string } {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n')
  const quiet = [
    '--no-audit',
    '--no-fund',
    '--no-save',
    '--no-package-lock',
    '--prefer-offline',
    '--ignore-scripts',
  ]
  const result = spawnSync('npm', ['install', ...quiet, ...specs], { cwd: folder, encoding: 'utf8' })
  if (result.status === 0) return 'installed'
  if (networkCodes.test(result.stderr))
    return { unavailable: result.stderr.trim().split('\n').slice(0, 3).join(' ') }
  throw new InstallError(`npm install ${specs.join(' ')}\n${result.stdout}${result.stderr}`)
}
