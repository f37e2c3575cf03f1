/**
 * unlost under load: sends alone, and the whole way.
 *
 * Owns: how the library is set up for a measurement: its defaults, without a knob turned.
 * Leaves the load to `load.ts`.
 */
import { pathToFileURL } from 'node:url'
import { resolve } from 'node:path'
import type { Interceptor, Runtime, Topic } from '../runtime/index.ts'
import type { Contender, Subject } from './subject.ts'
import { bytesMaker, orderMaker, type Making, type Order } from './values.ts'

/** The built package, because that is what users run. */
export type Library = typeof import('../runtime/index.ts')

export async function loadLibrary(folder: string): Promise<Library> {
  const door: Library = await import(pathToFileURL(resolve(folder, 'runtime/index.js')).href)
  return door
}

interface Load<Value> {
  readonly topic: Topic<Value>
  readonly make: () => Value
}

export function contenders(library: Library, making: Making): { sends: Contender[]; wholeWay: Contender[] } {
  const binary: Load<Uint8Array> = {
    topic: library.defineTopic<Uint8Array>('bench-binary', { codec: 'binary' }),
    make: bytesMaker(making),
  }
  const json: Load<Order> = { topic: library.defineTopic<Order>('bench-json'), make: orderMaker(making) }
  return {
    sends: [
      { name: 'unlost, binary', open: (directory) => openSends(library, directory, binary) },
      { name: 'unlost, json', open: (directory) => openSends(library, directory, json) },
    ],
    wholeWay: [
      { name: 'unlost, binary', open: (directory) => openWholeWay(library, directory, binary) },
      { name: 'unlost, json', open: (directory) => openWholeWay(library, directory, json) },
    ],
  }
}

async function openSends<Value>(library: Library, directory: string, load: Load<Value>): Promise<Subject> {
  const runtime = await library.openRuntime(directory)
  const producer = runtime.producer(load.topic, { id: 'bench' })
  return {
    send: () => producer.send(load.make()),
    settled: async () => {},
    close: () => runtime.close(),
  }
}

/** How many messages a consumer may have out, as many as the load keeps on their way. */
const CONCURRENCY = 1_024

async function openWholeWay<Value>(library: Library, directory: string, load: Load<Value>): Promise<Subject> {
  const count = new SettledCount()
  const runtime = await library.openRuntime(directory, { interceptors: [count.interceptor] })
  const producer = runtime.producer(load.topic, { id: 'bench' })
  const running = consume(runtime, load.topic)
  return {
    send: () => {
      count.sent += 1
      return producer.send(load.make())
    },
    settled: () => count.caughtUp(),
    close: async () => {
      await runtime.close()
      await running
    },
  }
}

function consume<Value>(runtime: Runtime, topic: Topic<Value>): Promise<void> {
  return runtime.consumer(topic, { group: 'bench', concurrency: CONCURRENCY }).run(() => {})
}

/** Counts acknowledgements that are on disk: `onSettle` is called after that, never before. */
class SettledCount {
  sent = 0
  #settled = 0
  #told: () => void = () => {}
  readonly interceptor: Interceptor = {
    name: 'bench-count',
    onSettle: () => {
      this.#settled += 1
      if (this.#settled === this.sent) this.#told()
    },
  }

  caughtUp(): Promise<void> {
    if (this.#settled === this.sent) return Promise.resolve()
    return new Promise((told) => (this.#told = told))
  }
}
