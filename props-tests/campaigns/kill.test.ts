import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { it } from 'node:test'
import { fileURLToPath } from 'node:url'

it('KL1 and SY1: the campaign of kills, in small: children run from a copy without types, on lanes of their own', async (t) => {
  const path = fileURLToPath(new URL('./kill.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', path, '--kills', '4', '--lanes', '2'])
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part))
  child.stderr.setEncoding('utf8').on('data', (part: string) => (text += part))
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  assert.equal(code, 0, text)
  assert.match(text, /^4 kills, [\d.]+\/s: nothing lost, repeated or reordered; \{"confirmed":\d+/m)
  t.diagnostic(text.trim().split('\n').at(-1) ?? '')
})
