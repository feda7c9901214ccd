// A journal's file read back: pure. Nothing in the file is trusted; the first record of a block that is not whole, or does
// not follow the one before it, ends what is read of that block.
import type { RequestHead } from '../otlp-encoder.ts'
import type { JournalState } from './block-file.ts'
import {
  BEGIN,
  BLOCKS,
  DISCARD,
  decodeRecord,
  END,
  EXIT,
  FRAME_BYTES,
  HEAD,
  HEAD_AT,
  type JournalRecord,
  MAGIC,
  MIN_BLOCK_BYTES,
  OPEN,
  PAGE_BYTES,
  STATE,
  STATE_AT,
} from './record.ts'

/** A span that had not ended. */
export interface OpenSpanRecord {
  readonly spanId: string
  readonly isInvocation: boolean
  /** Of an invocation; 0 for none. */
  readonly deadlineMs: number
  /** What `encodeOpenSpan` wrote. */
  readonly span: Uint8Array
}

export interface ParsedJournal {
  readonly head: RequestHead
  readonly memoryBytes: number
  readonly state: JournalState
  /** `scope_spans.spans` entries, oldest first. */
  readonly finished: readonly Uint8Array[]
  /** In the order in which they began. */
  readonly open: readonly OpenSpanRecord[]
  readonly exitCode: number | undefined
}

/** `undefined` when it is not a journal, or its beginning is damaged. */
export function parseJournal(bytes: Buffer): ParsedJournal | undefined {
  if (bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) return undefined
  const state = parseState(bytes)
  const record = decodeRecord(bytes, HEAD_AT, bytes.length)
  if (state === undefined || record?.type !== HEAD || record.payload.length < 12) return undefined
  const payload = Buffer.from(record.payload)
  const resourceEnd = 12 + payload.readUInt32LE(4)
  const head = {
    resource: payload.subarray(12, resourceEnd),
    scope: payload.subarray(resourceEnd, resourceEnd + payload.readUInt32LE(8)),
  }
  const start = Math.ceil((HEAD_AT + FRAME_BYTES + payload.length) / PAGE_BYTES) * PAGE_BYTES
  const blockBytes = Math.max(MIN_BLOCK_BYTES, payload.readUInt32LE(0))
  const records = readBlocks(bytes, start, blockBytes)
  return { head, memoryBytes: record.value, state, ...replay(records, state) }
}

function parseState(bytes: Buffer): JournalState | undefined {
  const record = decodeRecord(bytes, STATE_AT, Math.min(HEAD_AT, bytes.length))
  if (record?.type !== STATE || record.payload.length !== 24) return undefined
  const payload = Buffer.from(record.payload)
  return {
    cut: record.value,
    openFloor: payload.readDoubleLE(0),
    residentBytes: payload.readDoubleLE(8),
    oomKills: payload.readDoubleLE(16),
  }
}

/** The records of all blocks, in the order in which they were written. */
function readBlocks(bytes: Buffer, start: number, blockBytes: number): readonly JournalRecord[] {
  const blocks: JournalRecord[][] = []
  for (let index = 0; index < BLOCKS; index++) {
    const records: JournalRecord[] = []
    const limit = Math.min(bytes.length, start + (index + 1) * blockBytes)
    let at = start + index * blockBytes
    for (;;) {
      const record = decodeRecord(bytes, at, limit)
      const last = records.at(-1)
      if (record === undefined) break
      if (last !== undefined && record.sequence !== last.sequence + 1) break
      records.push(record)
      at += FRAME_BYTES + record.payload.length
    }
    blocks.push(records)
  }
  return blocks.sort(([one], [other]) => (one?.sequence ?? 0) - (other?.sequence ?? 0)).flat()
}

function replay(
  records: readonly JournalRecord[],
  state: JournalState,
): Pick<ParsedJournal, 'finished' | 'open' | 'exitCode'> {
  const finished: Uint8Array[] = []
  const open = new Map<string, OpenSpanRecord>()
  let exitCode: number | undefined
  let expected: number | undefined
  for (const { type, sequence, value, spanId, payload } of records) {
    // What lay in a gap may have ended any of them: damage, or blocks that were written again from the first one on.
    if (expected !== undefined && sequence !== expected) open.clear()
    expected = sequence + 1
    const deadlineMs = type === BEGIN ? value : 0
    switch (type) {
      case BEGIN:
      case OPEN:
        if (sequence < state.openFloor) break
        open.set(spanId, { spanId, isInvocation: type === BEGIN, deadlineMs, span: payload })
        break
      case END:
        if (value >= state.cut) finished.push(payload)
        open.delete(spanId)
        break
      case DISCARD:
        open.delete(spanId)
        break
      case EXIT:
        exitCode = value
    }
  }
  return { finished, open: [...open.values()], exitCode }
}
