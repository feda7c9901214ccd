// W3C Trace Context on direct Invoke: Lambda's clients put it into the client context under `w3c`, and AWS's runtime
// takes it out of there.

/** What the caller sent; empty when there was none. Frozen. */
export type W3CContext = Readonly<Partial<Record<W3CField, string>>>

type W3CField = (typeof FIELDS)[number]

const FIELDS = ['traceparent', 'tracestate', 'baggage'] as const
const NONE: W3CContext = Object.freeze({})

/** The client context without `w3c`, and what stood there. */
export function takeW3C(clientContext: unknown): { clientContext: unknown; w3c: W3CContext } {
  if (!isRecord(clientContext) || !('w3c' in clientContext)) return { clientContext, w3c: NONE }
  const { w3c, ...rest } = clientContext
  return { clientContext: rest, w3c: readW3C(w3c) }
}

function readW3C(value: unknown): W3CContext {
  const fields: Partial<Record<W3CField, string>> = {}
  for (const name of FIELDS) {
    const text = isRecord(value) ? value[name] : undefined
    if (typeof text === 'string') fields[name] = text
  }
  return Object.freeze(fields)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
