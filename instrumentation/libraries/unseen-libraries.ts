// Which libraries a bundle holds that nothing sees there: no channel of theirs, no line that a bundler's plugin adds. They are
// found by texts that minifying keeps, all with one pass over the bundle: 1 ms for each MB.
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { HookedFile } from '../hooks/module-hooks.ts'
import type { ChannelRow, GlobalRow } from './contract.ts'

export interface UnseenOptions {
  /** Path of the bundle's first file. */
  readonly path: string
  /** Of the libraries that are wanted. */
  readonly files: readonly HookedFile[]
  readonly channels: readonly Pick<ChannelRow, 'library' | 'channel'>[]
  readonly globals: readonly Pick<GlobalRow, 'library' | 'name'>[]
  /** Libraries that have handed over a module. */
  readonly received: ReadonlySet<string>
}

/** Of a bundle in several files. */
const MAX_FILES = 50
const MAX_BYTES = 32 * 1024 * 1024

/** As a file names another one beside it. */
const RELATIVE = /(?:\bfrom|\bimport|\brequire\(|\bimport\()\s*["'](\.\.?\/[^"']+\.[cm]?js)["']/g
/** The plugin's line, in the forms that compilers give it. */
const LINE = /baton:loaded[\s\S]{0,120}?["'`]([\w@/.-]+)["'`]\s*,/g

/** Their names, in order; none where there is nothing to tell. */
export function findUnseenLibraries(options: UnseenOptions): readonly string[] {
  const { path, files, received } = options
  const { marks, signs } = textsOfLibraries(options)
  const wanted = new RegExp([...marks.keys(), ...signs.keys()].map(literally).join('|'), 'g')
  const held = new Set<string>()
  const seen = new Set(received)
  for (const text of textsOf(path)) {
    for (const [found] of text.matchAll(wanted)) {
      held.add(marks.get(found) ?? '')
      seen.add(signs.get(found) ?? '')
    }
    for (const [, library = ''] of text.matchAll(LINE)) seen.add(library)
  }
  held.delete('')
  for (const { library, toldBy } of files) if (toldBy && seen.has(toldBy)) seen.add(library)
  return [...held].filter(library => !seen.has(library)).sort()
}

/** What a bundle with the library in it has, and what it has if the library is seen there; each with the library's name. */
function textsOfLibraries({ files, channels, globals }: UnseenOptions): {
  readonly marks: ReadonlyMap<string, string>
  readonly signs: ReadonlyMap<string, string>
} {
  const marks = new Map<string, string>()
  const signs = new Map([
    ...channels.map(({ library, channel }) => [channel, library] as const),
    ...globals.map(({ library, name }) => [name, library] as const),
  ])
  for (const { library, mark, seenBy } of files) {
    if (mark !== undefined) marks.set(mark, library)
    if (seenBy !== undefined) signs.set(seenBy, library)
  }
  return { marks, signs }
}

/** The file, and those beside it that it names, as far as they can be read. */
function* textsOf(path: string): Generator<string> {
  const paths = [path]
  let bytes = 0
  for (let index = 0; index < paths.length && index < MAX_FILES; index++) {
    const file = paths[index] ?? ''
    const text = readWithin(file, MAX_BYTES - bytes)
    if (text === undefined) continue
    bytes += text.length
    yield text
    for (const [, relative = ''] of text.matchAll(RELATIVE)) {
      const next = resolve(dirname(file), relative)
      if (!paths.includes(next)) paths.push(next)
    }
  }
}

/** A byte a character: marks are ASCII. */
function readWithin(path: string, maxBytes: number): string | undefined {
  let descriptor: number | undefined
  try {
    descriptor = openSync(path, 'r')
    return fstatSync(descriptor).size > maxBytes ? undefined : readFileSync(descriptor, 'latin1')
  } catch {
    return undefined
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

const literally = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
