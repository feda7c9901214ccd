// The folder of the journals and the names in it. /tmp is open to everyone: nothing in it is followed, and a folder that
// others could write to is refused.
import {
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  statSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { ProcessIdentity } from './process-identity.ts'

const JOURNAL = 'baton-journal-'
const CLAIM = 'baton-claim-'
const ROOT_USER = 0
/** Group and others may write. */
const OPEN_TO_OTHERS = 0o022
/** Journals of one process: one for each of its threads. */
const MAX_JOURNALS = 1024

export interface OpenedFile {
  readonly path: string
  readonly descriptor: number
}

/** A file of a process: its journal, or a journal of another one that it has claimed. */
export interface JournalName {
  readonly owner: ProcessIdentity
  /** How often a process has claimed it. */
  readonly claims: number
  /** The part of the name that stays. */
  readonly origin: string
}

/** Makes the folder if need be; throws when it is not ours alone. */
export function prepareFolder(folder: string): void {
  const made = mkdirSync(folder, { recursive: true, mode: 0o700 })
  // In a new sandbox the folder around it is new as well: there is nothing to ask, and asking takes 0.1 ms of a cold start.
  if (made !== undefined && dirname(folder).startsWith(made)) return
  const found = lstatSync(folder)
  const ours = process.geteuid?.()
  if (!found.isDirectory()) throw new Error(`expected a folder at ${folder}`)
  if (found.uid !== ours) throw new Error(`${folder} belongs to another user`)
  // Who owns the folder around it could put another one in its place.
  const { uid } = statSync(dirname(folder))
  if (uid !== ours && uid !== ROOT_USER) throw new Error(`${folder} is in another user's folder`)
  if ((found.mode & OPEN_TO_OTHERS) !== 0) throw new Error(`others may write to ${folder}`)
}

/** A new file for this thread's journal. */
export function openJournalFile(folder: string, owner: ProcessIdentity): OpenedFile {
  const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW } = constants
  for (let number = 0; ; number++) {
    const path = join(folder, `${JOURNAL}${owner.pid}-${owner.startTicks}-${number}`)
    try {
      return { path, descriptor: openSync(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600) }
    } catch (error) {
      const isTaken = error instanceof Error && 'code' in error && error.code === 'EEXIST'
      if (!isTaken || number >= MAX_JOURNALS) throw error
    }
  }
}

/** Whether there may be something of an earlier process: to be asked before this one has a journal. Never throws. */
export function hasLeftovers(folder: string): boolean {
  return existsSync(folder) && listNames(folder).length > 0
}

/** The names of journals and claims, never of anything else. */
export function listNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter(name => parseName(name) !== undefined)
  } catch {
    return []
  }
}

/** `undefined` when the name is none of ours. */
export function parseName(name: string): JournalName | undefined {
  const isClaim = name.startsWith(CLAIM)
  if (!isClaim && !name.startsWith(JOURNAL)) return undefined
  const parts = name.slice((isClaim ? CLAIM : JOURNAL).length).split('-')
  if (parts.length !== (isClaim ? 6 : 3) || !parts.every(isWhole)) return undefined
  const [pid = '', startTicks = ''] = parts
  return {
    owner: { pid: Number(pid), startTicks },
    claims: isClaim ? Number(parts[2]) : 0,
    origin: parts.slice(-3).join('-'),
  }
}

/** The name under which `claimer` alone has it. */
export function claimedName({ claims, origin }: JournalName, claimer: ProcessIdentity): string {
  return `${CLAIM}${claimer.pid}-${claimer.startTicks}-${claims + 1}-${origin}`
}

function isWhole(text: string): boolean {
  return text !== '' && text.length <= 15 && String(Number(text)) === text && !text.startsWith('-')
}
