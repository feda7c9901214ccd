// AWS X-Ray's trace header, as the Runtime API and `X-Amzn-Trace-Id` carry it: fields in any order, blanks around
// them allowed, fields of others kept.
//
//   Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:a87bd80c:0
//
// `Lineage` is how Lambda finds loops between functions: it must come out of us byte for byte as it went in.

import { isSampled, SAMPLED_FLAG, type SpanContext } from '../trace/span-context.ts'
import type { Carrier } from './carrier.ts'
import type { Format, OutgoingContext } from './format.ts'
import { isLowerHex, isPrintable, NO_SPAN_ID, NO_TRACE_ID } from './header-text.ts'

// A bound on our work, far beyond any real header of this kind.
const MAX_LENGTH = 8192

type FieldName = 'Root' | 'Parent' | 'Sampled'

/** What of a trace header concerns the trace. */
export interface XRayHeader {
  /** `Root` as 32 lower-case hex digits. */
  readonly traceId: string
  /** `Parent`; absent in headers that API Gateway and load balancers begin. */
  readonly parentId: string | undefined
  /** `undefined` when the decision is left to us: `Sampled=?`, or no such field. */
  readonly isSampled: boolean | undefined
}

/** `undefined` unless the text can stand in a header and has a valid `Root`. A broken `Parent` is as good as none. */
export function parseXRay(text: string): XRayHeader | undefined {
  if (text.length > MAX_LENGTH || !isPrintable(text)) return undefined
  const fields: Record<FieldName, string> = { Root: '', Parent: '', Sampled: '' }
  for (const field of text.split(';')) {
    const name = fieldName(field)
    // Of a field that comes twice the first counts.
    if (isFieldName(name) && fields[name] === '') fields[name] = fieldValue(field)
  }
  const traceId = traceIdOf(fields.Root.toLowerCase())
  if (traceId === undefined) return undefined
  const parent = fields.Parent.toLowerCase()
  const hasParent = parent.length === 16 && isLowerHex(parent, 0, 16) && parent !== NO_SPAN_ID
  return {
    traceId,
    parentId: hasParent ? parent : undefined,
    isSampled: fields.Sampled === '1' ? true : fields.Sampled === '0' ? false : undefined,
  }
}

/** `1-5759e988-bd862e3fe1be46a994272793`: version, time in seconds, random. */
function traceIdOf(root: string): string | undefined {
  if (root.length !== 35 || !root.startsWith('1-') || root[10] !== '-') return undefined
  const traceId = root.slice(2, 10) + root.slice(11)
  return isLowerHex(traceId, 0, 32) && traceId !== NO_TRACE_ID ? traceId : undefined
}

/** The span that the header names; `undefined` when it is broken or names a trace but no span. */
export function extractXRay(text: string): SpanContext | undefined {
  const header = parseXRay(text)
  if (header?.parentId === undefined) return undefined
  return {
    traceId: header.traceId,
    spanId: header.parentId,
    traceFlags: header.isSampled === true ? SAMPLED_FLAG : 0,
    traceState: undefined,
  }
}

/**
 * The header for a call made inside our span: the one that came in with `Parent` and `Sampled` set, every other byte
 * as it was. `undefined` when what came in is broken; `formatXRay` then makes a fresh one.
 */
export function replaceParent(
  text: string,
  spanId: string,
  isSampled: boolean,
): string | undefined {
  if (parseXRay(text) === undefined) return undefined
  const fields = text.split(';')
  const decision = isSampled ? '1' : '0'
  const parentAt = setFields(fields, 'Parent', spanId)
  const decisionAt = setFields(fields, 'Sampled', decision)
  if (decisionAt === -1) {
    const before = parentAt === -1 ? rootAt(fields) : parentAt
    fields.splice(before + 1, 0, `Sampled=${decision}`)
  }
  if (parentAt === -1) fields.splice(rootAt(fields) + 1, 0, `Parent=${spanId}`)
  return fields.join(';')
}

/** A header that begins with our span, for an invocation that came without one. */
export const formatXRay = (context: SpanContext): string =>
  `Root=1-${context.traceId.slice(0, 8)}-${context.traceId.slice(8)};Parent=${context.spanId};Sampled=${isSampled(context) ? '1' : '0'}`

/** Sets every field of that name, since nobody says which of two a reader takes; the place of the last, or -1. */
function setFields(fields: string[], name: FieldName, value: string): number {
  let place = -1
  for (const [at, field] of fields.entries()) {
    if (fieldName(field) !== name) continue
    const start = field.indexOf('=') + 1
    const old = fieldValue(field)
    const valueAt = old === '' ? start : field.indexOf(old, start)
    fields[at] = field.slice(0, valueAt) + value + field.slice(valueAt + old.length)
    place = at
  }
  return place
}

const rootAt = (fields: readonly string[]): number =>
  fields.findIndex(field => fieldName(field) === 'Root')

// Names are case-sensitive, as in every AWS SDK.
const isFieldName = (name: string): name is FieldName =>
  name === 'Root' || name === 'Parent' || name === 'Sampled'

const fieldName = (field: string): string => field.slice(0, Math.max(0, field.indexOf('='))).trim()

const fieldValue = (field: string): string => field.slice(field.indexOf('=') + 1).trim()

const HEADER = 'x-amzn-trace-id'

/**
 * Beside other formats an unsampled header gives no parent: services in front add it unasked, and taken as the
 * parent it would drop a caller's trace or cut it.
 */
export const xray: Format = {
  fields: [HEADER],
  ids: [HEADER],
  extract(carrier) {
    const context = extractHeader(carrier)
    return context !== undefined && isSampled(context) && !context.isDeferred ? context : undefined
  },
  inject: (context, set) => set(HEADER, formatOutgoing(context)),
}

/** Where nothing else is spoken, its decisions are the caller's. */
export const xrayAlone: Format = { ...xray, extract: extractHeader }

function extractHeader(carrier: Carrier): SpanContext | undefined {
  const text = carrier(HEADER)
  const header = text === undefined ? undefined : parseXRay(text)
  if (header?.parentId === undefined) return undefined
  const { traceId, parentId: spanId } = header
  if (header.isSampled === undefined)
    return { traceId, spanId, traceFlags: SAMPLED_FLAG, traceState: undefined, isDeferred: true }
  return { traceId, spanId, traceFlags: header.isSampled ? SAMPLED_FLAG : 0, traceState: undefined }
}

/**
 * Of our trace, whatever the platform's own is, with the platform's `Lineage`. Where the two differ the platform's `Root` would
 * send our span's id into a trace in which nobody ever finds it: what only this header reaches would begin a trace of its own.
 */
export function formatOutgoing({
  spanContext,
  traceHeader,
}: Pick<OutgoingContext, 'spanContext' | 'traceHeader'>): string {
  const own = formatXRay(spanContext)
  if (traceHeader === undefined) return own
  const incoming = parseXRay(traceHeader)
  if (incoming === undefined) return own
  if (incoming.traceId === spanContext.traceId)
    return replaceParent(traceHeader, spanContext.spanId, isSampled(spanContext)) ?? own
  const others = traceHeader.split(';').filter(field => fieldName(field) === 'Lineage')
  return [own, ...others].join(';')
}
