/**
 * Draws the machines into `docs/machines.md` again, from the machines themselves.
 *
 * Owns: the page's file. Leaves the drawing to `machine-diagram.ts`.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { brokerMachine, consumerMachine, deliveryMachine, producerMachine } from '../actors/index.ts'
import { withDrawings } from './machine-diagram.ts'

const path = new URL('machines.md', import.meta.url)
const page = await readFile(path, 'utf8')
await writeFile(path, withDrawings(page, [producerMachine, brokerMachine, consumerMachine, deliveryMachine]))
