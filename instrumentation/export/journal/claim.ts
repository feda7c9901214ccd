// Takes over the journals of dead processes. A rename gives each to one claimer only; the claim of a process that has died
// itself may be claimed again, but not for ever: a file that ends three processes would end the fourth.
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { join } from 'node:path'
import { claimedName, type JournalName, listNames, parseName } from './folder.ts'
import { identifyThisProcess, isAlive } from './process-identity.ts'

/** One process of Lambda's leaves one; more come from many workers, or from a machine that is not Lambda. */
const MAX_FILES = 8
const MAX_CLAIMS = 3

interface Leftover {
  readonly path: string
  readonly name: JournalName
  readonly modifiedMs: number
}

/** Files that are this process's now. */
export interface Claims {
  /** Oldest first. */
  readonly paths: readonly string[]
  /** Files that are too many, or were claimed in vain too often. */
  readonly setAside: number
}

export function claimLeftovers(folder: string): Claims {
  const claimer = identifyThisProcess()
  const leftovers = findLeftovers(folder).sort((one, other) => one.modifiedMs - other.modifiedMs)
  const tooMany = leftovers.splice(0, Math.max(0, leftovers.length - MAX_FILES))
  const paths: string[] = []
  let aside = tooMany.filter(({ path }) => setAside(path)).length
  for (const { path, name } of leftovers) {
    const claimed = join(folder, claimedName(name, claimer))
    if (name.claims >= MAX_CLAIMS) {
      if (setAside(path)) aside++
    } else if (rename(path, claimed)) paths.push(claimed)
  }
  return { paths, setAside: aside }
}

/** At most so many bytes of a plain file; `undefined` when it is none, or longer. */
export function readLeftover(
  path: string,
  maxBytes: number,
): { readonly bytes: Buffer; readonly modifiedMs: number } | undefined {
  try {
    // Without O_NONBLOCK a named pipe would be waited for.
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
    const descriptor = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    try {
      const found = fstatSync(descriptor)
      if (!found.isFile() || found.size > maxBytes) return undefined
      const bytes = Buffer.alloc(found.size)
      const length = readSync(descriptor, bytes, 0, bytes.length, 0)
      return { bytes: bytes.subarray(0, length), modifiedMs: found.mtimeMs }
    } finally {
      closeSync(descriptor)
    }
  } catch {
    return undefined
  }
}

/** Out of the way for good: removed, or, where that is refused, under a name that nobody looks for. */
export function setAside(path: string): boolean {
  try {
    rmSync(path)
    return true
  } catch {
    return rename(path, `${path}-aside`)
  }
}

function findLeftovers(folder: string): Leftover[] {
  return listNames(folder).flatMap(text => {
    const name = parseName(text)
    const path = join(folder, text)
    if (name === undefined || isAlive(name.owner)) return []
    const found = lstatSync(path, { throwIfNoEntry: false })
    return found === undefined ? [] : [{ path, name, modifiedMs: found.mtimeMs }]
  })
}

/** False when it is not there any more: another process was faster. */
function rename(from: string, to: string): boolean {
  try {
    renameSync(from, to)
    return true
  } catch {
    return false
  }
}
