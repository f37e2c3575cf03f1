/**
 * The drawings of the machines, and the page that shows them.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { setup } from 'xstate'
import type { AnyStateMachine } from 'xstate'
import { brokerMachine, consumerMachine, deliveryMachine, producerMachine } from '../../../actors/index.ts'
import { drawMachine, withDrawings } from '../../../docs/machine-diagram.ts'

const machines: readonly AnyStateMachine[] = [
  producerMachine,
  brokerMachine,
  consumerMachine,
  deliveryMachine,
]
const page = readFileSync(new URL('../../../docs/machines.md', import.meta.url), 'utf8')

const doorMachine = setup({
  types: { events: {} as { type: 'PUSH' | 'LOCK' | 'BREAK' | 'KNOCK' | 'LOOK' }, tags: {} as 'final' },
  actions: { ring: () => {} },
  guards: { strong: () => true },
}).createMachine({
  id: 'door',
  initial: 'shut',
  on: { BREAK: { target: '.broken' }, LOOK: { actions: 'ring' }, '*': { actions: 'ring' } },
  states: {
    shut: {
      initial: 'unlocked',
      on: { KNOCK: { actions: 'ring' }, LOOK: {} },
      states: {
        unlocked: {
          on: {
            PUSH: [{ guard: 'strong', target: '#door.broken' }, { target: '#door.open' }],
            LOCK: 'locked',
          },
        },
        locked: {},
      },
    },
    open: { on: { PUSH: { target: 'shut' }, LOCK: { target: 'shut' } } },
    broken: { tags: 'final', on: { BREAK: {} } },
  },
})

describe('drawMachine', () => {
  it('MD1, MD2: draws each transition that leads somewhere or acts, with guards, nested as the states are', () => {
    assert.equal(
      drawMachine(doorMachine),
      `stateDiagram-v2
  [*] --> shut
  state "shut" as shut {
    [*] --> shut_unlocked
    state "unlocked" as shut_unlocked
    state "locked" as shut_locked
  }
  state "open" as open
  state "broken" as broken
  shut --> broken: BREAK
  open --> broken: BREAK
  shut --> shut: KNOCK
  shut_unlocked --> broken: PUSH [strong]
  shut_unlocked --> open: PUSH
  shut_unlocked --> shut_locked: LOCK
  open --> shut: PUSH, LOCK
  broken --> [*]`,
    )
  })

  it('MD3: draws the same machine the same way', () => {
    for (const machine of machines) assert.equal(drawMachine(machine), drawMachine(machine))
  })
})

describe('docs/machines.md', () => {
  it('shows the machines as they are (if this fails: npm run docs:machines)', () => {
    assert.equal(page, withDrawings(page, machines))
  })

  it('is drawn anew where it differs from a machine, and nowhere else', () => {
    const old = 'before\n<!-- machine: door -->\nold\n<!-- end -->\nafter\n'
    const drawn = withDrawings(old, [doorMachine])
    assert.ok(drawn.startsWith('before\n') && drawn.endsWith('\nafter\n') && !drawn.includes('old'))
    assert.ok(drawn.includes(drawMachine(doorMachine)))
    for (const { id } of machines) assert.ok(page.includes(`<!-- machine: ${id} -->`))
  })

  for (const machine of machines) {
    it(`tells of every state of the ${machine.id}`, () => {
      const [, section = ''] = page.split(`<!-- machine: ${machine.id} -->`)
      const [words = ''] = (section.split('<!-- end -->')[1] ?? '').split('\n## ')
      for (const name of stateNames(machine.root))
        assert.ok(words.includes(`\`${name}\``), `${name} is missing`)
    })
  }
})

/** `full.waiting` and the like: every state with a name of its own. */
function stateNames(node: AnyStateMachine['root']): string[] {
  return Object.values(node.states).flatMap((child) => [child.path.join('.'), ...stateNames(child)])
}
