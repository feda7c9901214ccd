// Ends what a dead process had open: pure. The innermost call comes first, as it is what the process died in, and a tree
// ends as a whole, so that no child outlasts its parent.
import { ATTR_ERROR_TYPE, ATTR_PROCESS_EXIT_CODE } from '../../semconv.ts'
import type { Attributes } from '../../trace/attributes.ts'
import { ByteWriter } from '../byte-writer.ts'
import { encodeCutOffSpan } from '../otlp-encoder.ts'
import { type Death, type DeathFacts, explainDeath } from './how-it-died.ts'
import { type OpenSpanFacts, readOpenSpan } from './open-span.ts'
import type { OpenSpanRecord } from './parse-journal.ts'

/** Ours: no convention has a name for these. */
const ATTR_UNFINISHED = 'baton.unfinished'
const ATTR_EVIDENCE = 'baton.death.evidence'

export interface Ending {
  readonly facts: DeathFacts
  /** When the journal was written last, epoch milliseconds. */
  readonly lastWriteMs: number
  readonly nowMs: number
}

type OpenSpan = OpenSpanRecord & OpenSpanFacts

/** One entry for each open span, as `encodeSpan` would have written it. */
export function endOpenSpans(
  records: readonly OpenSpanRecord[],
  ending: Ending,
): readonly Uint8Array[] {
  const spans = records.flatMap((record): OpenSpan[] => {
    const facts = readOpenSpan(record.span)
    return facts === undefined ? [] : [{ ...record, ...facts }]
  })
  return [...groupByInvocation(spans)].flatMap(([invocation, members]) => {
    const death = explainDeath(ending.facts, invocation?.deadlineMs ?? 0)
    const endMs = endOf(death, invocation, members, ending)
    return members.reverse().map(span => encodeEnded(span, endMs, death, ending.facts))
  })
}

/** Each invocation stands first among its spans; spans of none stand under `undefined`. */
function groupByInvocation(spans: readonly OpenSpan[]): Map<OpenSpan | undefined, OpenSpan[]> {
  const byId = new Map(spans.map(span => [span.spanId, span]))
  const groups = new Map<OpenSpan | undefined, OpenSpan[]>()
  for (const span of spans) if (span.isInvocation) groups.set(span, [span])
  for (const span of spans) {
    if (span.isInvocation) continue
    const invocation = invocationOf(span, byId) ?? lastBegunBefore(span, [...groups.keys()])
    const members = groups.get(invocation)
    if (members === undefined) groups.set(invocation, [span])
    else members.push(span)
  }
  return groups
}

function invocationOf(span: OpenSpan, byId: ReadonlyMap<string, OpenSpan>): OpenSpan | undefined {
  let at: OpenSpan | undefined = span
  // As many steps as there are spans: a file could say that two are each other's parents.
  for (let step = 0; step < byId.size && at !== undefined && !at.isInvocation; step++) {
    at = at.parentSpanId === undefined ? undefined : byId.get(at.parentSpanId)
  }
  return at?.isInvocation ? at : undefined
}

/** For a call whose parent has ended. */
function lastBegunBefore(
  span: OpenSpan,
  invocations: readonly (OpenSpan | undefined)[],
): OpenSpan | undefined {
  return invocations.findLast(each => each !== undefined && each.startMs <= span.startMs)
}

function endOf(
  death: Death,
  invocation: OpenSpan | undefined,
  members: readonly OpenSpan[],
  { lastWriteMs, nowMs }: Ending,
): number {
  const isTimeout = death.errorType === 'timeout' && invocation !== undefined
  const endMs = isTimeout ? invocation.deadlineMs : lastWriteMs
  return members.reduce((end, { startMs }) => Math.max(end, startMs), Math.min(endMs, nowMs))
}

function encodeEnded(
  { span, isInvocation }: OpenSpan,
  endMs: number,
  { errorType, evidence, message }: Death,
  { exitCode }: DeathFacts,
): Uint8Array {
  const attributes: Attributes = isInvocation
    ? {
        [ATTR_ERROR_TYPE]: errorType,
        [ATTR_EVIDENCE]: evidence,
        [ATTR_PROCESS_EXIT_CODE]: exitCode,
      }
    : { [ATTR_ERROR_TYPE]: errorType, [ATTR_UNFINISHED]: true }
  const writer = new ByteWriter()
  encodeCutOffSpan(writer, span, endMs, isInvocation ? message : '', attributes)
  return writer.copy()
}
