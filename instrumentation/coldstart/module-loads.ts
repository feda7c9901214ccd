// What was loaded when, for as long as the function's code loads. Node publishes each `require` and each `import()`; of
// the ES modules that these import in turn it says nothing, and there the hook on modules tells what was read. What took less
// than the threshold is forgotten at once: a large dependency is thousands of calls.
import type { Subscribe } from '../hooks/channels.ts'

export interface ModuleLoad {
  /** `read` is an ES module until the next one is read: reading and parsing, not running. */
  readonly kind: 'require' | 'import' | 'read'
  /** What was asked for: a name, a relative path, an absolute path or a URL. */
  readonly id: string
  /** Path or URL of the file that asked. */
  readonly from: string | undefined
  /** Epoch milliseconds. */
  readonly startMs: number
  endMs: number
  /** Of an import: when all its modules had been read, and the first of them was about to run. */
  readMs?: number
  readonly children: ModuleLoad[]
  isFailed?: boolean
}

export interface ModuleLoads {
  readonly roots: readonly ModuleLoad[]
  /** An ES module is about to be read. */
  read(url: string): void
  /** Nothing is recorded from here on. */
  stop(): void
}

/** What the channels tell; the same object with each message of one load. */
interface LoadMessage {
  readonly id?: unknown
  readonly parentFilename?: unknown
  readonly url?: unknown
  readonly parentURL?: unknown
  /** Of one that failed. */
  readonly error?: unknown
}

/** So many are held at most: a program that loads files by the thousand is not to fill the memory. */
const MAX_HELD = 2000

export function recordModuleLoads(
  subscribe: Subscribe,
  now: () => number,
  minMs: number,
): ModuleLoads {
  const roots: ModuleLoad[] = []
  /** `require`s are nested in time, imports may overlap: what a module of theirs requires belongs to the last one. */
  const requires: ModuleLoad[] = []
  const imports = new Map<LoadMessage, ModuleLoad>()
  let reading: ModuleLoad | undefined
  let held = 0

  const keep = (load: ModuleLoad): void => {
    if (load.endMs - load.startMs < minMs || held >= MAX_HELD) return
    held++
    const parent = requires.at(-1) ?? lastOf(imports)
    ;(parent?.children ?? roots).push(load)
  }
  const endRead = (): void => {
    if (reading === undefined) return
    reading.endMs = now()
    keep(reading)
    reading = undefined
  }
  const end = (load: ModuleLoad, message: LoadMessage): void => {
    load.endMs = now()
    if ('error' in message) load.isFailed = true
    keep(load)
  }
  const endImport = (message: LoadMessage): void => {
    const load = imports.get(message)
    if (load === undefined) return
    endRead()
    imports.delete(message)
    end(load, message)
  }
  const on = (channel: string, listener: (message: LoadMessage) => void): (() => void) =>
    subscribe(`tracing:module.${channel}`, message => listener(message as LoadMessage))
  const ends = [
    on('require:start', ({ id, parentFilename }) => {
      endRead()
      requires.push(begin('require', id, parentFilename, now()))
    }),
    on('require:end', message => {
      const load = requires.pop()
      if (load === undefined) return
      endRead()
      end(load, message)
    }),
    on('import:start', message => {
      imports.set(message, begin('import', message.url, message.parentURL, now()))
    }),
    on('import:end', message => {
      const load = imports.get(message)
      if (load === undefined) return
      endRead()
      load.readMs = now()
    }),
    on('import:asyncStart', endImport),
  ]
  return {
    roots,
    read(url) {
      if (ends.length === 0) return
      endRead()
      // What a `require` reads it tells itself.
      if (requires.length === 0 && !url.startsWith('node:'))
        reading = begin('read', url, undefined, now())
    },
    stop() {
      for (const end of ends.splice(0)) end()
      // Nobody waits for these, or their file ran `await` for ever.
      for (const message of [...imports.keys()].reverse()) endImport(message)
    },
  }
}

function begin(kind: ModuleLoad['kind'], id: unknown, from: unknown, startMs: number): ModuleLoad {
  const parent = typeof from === 'string' ? from : undefined
  return { kind, id: String(id), from: parent, startMs, endMs: startMs, children: [] }
}

function lastOf(loads: ReadonlyMap<object, ModuleLoad>): ModuleLoad | undefined {
  let last: ModuleLoad | undefined
  for (const load of loads.values()) last = load
  return last
}
