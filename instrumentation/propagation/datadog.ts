// Datadog's headers, read so that a trace begun by a service of theirs goes on; never written.
// https://docs.datadoghq.com/tracing/trace_collection/trace_context_propagation/
//
//   x-datadog-trace-id: 1311768467463790320   x-datadog-parent-id: 5208512171318403364   x-datadog-sampling-priority: 1
//   x-datadog-tags: _dd.p.tid=640cfd8d00000000,_dd.p.dm=-1
//
// Ids are decimal; the trace id's high half stands, in hex, among the tags.

import { SAMPLED_FLAG, type SpanContext } from '../trace/span-context.ts'
import type { Carrier } from './carrier.ts'
import { isLowerHex } from './header-text.ts'

const TRACE_ID = 'x-datadog-trace-id'
const PARENT_ID = 'x-datadog-parent-id'
const PRIORITY = 'x-datadog-sampling-priority'
const TAGS = 'x-datadog-tags'
const HIGH_HALF_TAG = '_dd.p.tid='
const NO_HIGH_HALF = '0000000000000000'

/** 2^64 - 1 has 20 digits. */
const MAX_DIGITS = 20
const MAX_ID = 0xffff_ffff_ffff_ffffn

export function extractDatadog(carrier: Carrier): SpanContext | undefined {
  const trace = carrier(TRACE_ID)
  if (trace === undefined) return undefined
  const low = hexOf(trace)
  const spanId = hexOf(carrier(PARENT_ID) ?? '')
  if (low === undefined || spanId === undefined) return undefined
  const traceId = highHalfOf(carrier(TAGS)) + low
  // -1 and 0 drop, 1 and 2 keep; absent, nobody has decided.
  const priority = Number(carrier(PRIORITY) ?? Number.NaN)
  if (priority <= 0) return { traceId, spanId, traceFlags: 0, traceState: undefined }
  const context = { traceId, spanId, traceFlags: SAMPLED_FLAG, traceState: undefined }
  return priority > 0 ? context : { ...context, isDeferred: true }
}

/** 16 hex digits; `undefined` for zero and for what is no decimal of 64 bits. */
function hexOf(decimal: string): string | undefined {
  if (decimal === '' || decimal.length > MAX_DIGITS || !isDecimal(decimal)) return undefined
  const id = BigInt(decimal)
  return id === 0n || id > MAX_ID ? undefined : id.toString(16).padStart(16, '0')
}

function isDecimal(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x30 || code > 0x39) return false
  }
  return true
}

function highHalfOf(tags: string | undefined): string {
  const at = tags?.indexOf(HIGH_HALF_TAG) ?? -1
  if (tags === undefined || at === -1) return NO_HIGH_HALF
  const start = at + HIGH_HALF_TAG.length
  const half = tags.slice(start, start + NO_HIGH_HALF.length).toLowerCase()
  return isLowerHex(half, 0, NO_HIGH_HALF.length) ? half : NO_HIGH_HALF
}
