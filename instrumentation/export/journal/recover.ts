// What earlier processes in this sandbox left behind: their finished spans as they were, their open ones ended with how
// the process died. Loaded only when there is something; nothing in it may stop the start of the function.
import type { SpanBatch } from '../transport.ts'
import { claimLeftovers, readLeftover, setAside } from './claim.ts'
import { endOpenSpans } from './end-open-spans.ts'
import { readOomKills } from './oom-kills.ts'
import { type ParsedJournal, parseJournal } from './parse-journal.ts'

export interface RecoverOptions {
  /** Of one journal, and of all that is recovered. */
  readonly maxBytes: number
  /** When this process began, epoch milliseconds. */
  readonly startedMs: number
  /** Epoch milliseconds. */
  readonly nowMs: () => number
}

export interface Recovered {
  /** Oldest first. */
  readonly batches: readonly SpanBatch[]
  /** Invocations that had not come to their end. */
  readonly openInvocations: number
  /** Files that were no journals, damaged at the beginning, unreadable, too large or too many: they are gone. */
  readonly setAside: number
  /** Finished spans that there was no room for. */
  readonly dropped: number
  /** Everything was accepted: the files go. Until then a later process may claim them. */
  release(): void
}

const MAX_BATCH_SPANS = 512
const MAX_BATCH_BYTES = 512 * 1024

interface LeftJournal {
  readonly path: string
  readonly parsed: ParsedJournal
  readonly modifiedMs: number
}

/** To be called by the main thread, before anything is exported. Never throws. */
export function recover(folder: string, options: RecoverOptions): Recovered {
  const { journals, setAside: aside } = readJournals(folder, options.maxBytes)
  const oomKillsNow = journals.some(({ parsed }) => parsed.open.length > 0)
    ? readOomKills()
    : undefined
  const batches: SpanBatch[][] = []
  let [dropped, openInvocations, roomBytes] = [0, 0, options.maxBytes]
  // The latest tell most: what there is no room for are the oldest.
  for (const { parsed, modifiedMs } of journals.toReversed()) {
    const open = endLeftOpen(parsed, modifiedMs, oomKillsNow, options)
    openInvocations += parsed.open.filter(({ isInvocation }) => isInvocation).length
    const spans = [...parsed.finished, ...open]
    const kept = takeLast(spans, roomBytes)
    dropped += spans.length - kept.length
    roomBytes -= lengthOf(kept)
    batches.unshift(split(kept).map(part => ({ head: parsed.head, ...part })))
  }
  return {
    batches: batches.flat(),
    openInvocations,
    setAside: aside,
    dropped,
    release() {
      for (const { path } of journals) setAside(path)
    },
  }
}

function readJournals(
  folder: string,
  maxBytes: number,
): { readonly journals: readonly LeftJournal[]; readonly setAside: number } {
  const claims = claimLeftovers(folder)
  let aside = claims.setAside
  const journals = claims.paths.flatMap((path): LeftJournal[] => {
    const found = readLeftover(path, maxBytes)
    const parsed = found && parseJournal(found.bytes)
    if (parsed !== undefined && parsed.finished.length + parsed.open.length > 0) {
      return [{ path, parsed, modifiedMs: found?.modifiedMs ?? 0 }]
    }
    setAside(path)
    // An empty one is of a process that died before it had begun.
    if (parsed === undefined && found?.bytes.length !== 0) aside++
    return []
  })
  return { journals, setAside: aside }
}

function endLeftOpen(
  { open, exitCode, state, memoryBytes }: ParsedJournal,
  lastWriteMs: number,
  oomKillsNow: number | undefined,
  { startedMs, nowMs }: RecoverOptions,
): readonly Uint8Array[] {
  const facts = {
    exitCode,
    oomKillsBefore: state.oomKills,
    oomKillsNow,
    residentBytes: state.residentBytes,
    memoryBytes,
    restartedMs: startedMs,
  }
  return endOpenSpans(open, { facts, lastWriteMs, nowMs: nowMs() })
}

/** The last of them that have the room. */
function takeLast(spans: readonly Uint8Array[], roomBytes: number): readonly Uint8Array[] {
  let bytes = 0
  const first = spans.findLastIndex(span => {
    bytes += span.length
    return bytes > roomBytes
  })
  return spans.slice(first + 1)
}

function split(spans: readonly Uint8Array[]): readonly Pick<SpanBatch, 'spans' | 'count'>[] {
  const parts: Uint8Array[][] = []
  let bytes = 0
  for (const span of spans) {
    const part = parts.at(-1)
    const isFull = part === undefined || part.length >= MAX_BATCH_SPANS
    if (isFull || bytes + span.length > MAX_BATCH_BYTES) {
      parts.push([span])
      bytes = span.length
    } else {
      part.push(span)
      bytes += span.length
    }
  }
  return parts.map(part => ({ spans: Buffer.concat(part), count: part.length }))
}

function lengthOf(spans: readonly Uint8Array[]): number {
  return spans.reduce((sum, span) => sum + span.length, 0)
}
