/**
 * The lock file is complete on every platform, and names no host.
 *
 * A package for another platform that is missing from it stops `npm ci` everywhere; npm leaves such entries out when
 * the registry at hand does not carry them.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { checkout } from '../tooling/checkout.ts'

interface Locked {
  readonly version?: string
  readonly resolved?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const read = (name: string): unknown => JSON.parse(readFileSync(join(checkout, name), 'utf8'))
const { packages } = read('package-lock.json') as { packages: Readonly<Record<string, Locked>> }

/** Dependencies that no entry answers, looked up as Node does: nested first. */
function missing(list: Readonly<Record<string, Locked>>): string[] {
  return Object.entries(list).flatMap(([path, locked]) =>
    Object.keys({ ...locked.dependencies, ...locked.optionalDependencies }).filter(
      (name) =>
        list[`${path}/node_modules/${name}`] === undefined && list[`node_modules/${name}`] === undefined,
    ),
  )
}

describe('package-lock.json', () => {
  it('has an entry for each dependency, those of other platforms too', () => {
    assert.deepEqual(missing(packages), [])
    assert.deepEqual(missing({ 'node_modules/a': { optionalDependencies: { 'a-win32': '1' } } }), ['a-win32'])
  })

  it('names no host', () => {
    assert.deepEqual(
      Object.keys(packages).filter((path) => packages[path]?.resolved !== undefined),
      [],
    )
  })

  it('agrees with package.json, whose development tools are pinned exactly', () => {
    const { devDependencies = {}, dependencies = {} } = read('package.json') as Locked
    assert.deepEqual(packages['']?.devDependencies, devDependencies)
    assert.deepEqual(packages['']?.dependencies, dependencies)
    for (const [name, version] of Object.entries(devDependencies)) {
      assert.equal(packages[`node_modules/${name}`]?.version, version, name)
    }
  })
})
