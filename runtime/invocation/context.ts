// The handler's second argument. Keys and their order are AWS's (its Node 24 runtime), since code enumerates and copies it.
import type { Invocation } from '../contract.ts'

/** What is known of the function before any event: the same for every invocation. */
export interface FunctionInfo {
  readonly functionName: string | undefined
  readonly functionVersion: string | undefined
  /** Megabytes, as text: AWS's type for it. */
  readonly memoryLimitInMB: string | undefined
  readonly logGroupName: string | undefined
  readonly logStreamName: string | undefined
}

/** W3C Trace Context that the caller of a direct Invoke sent; empty when there was none. */
export type W3CContext = Readonly<Partial<Record<'traceparent' | 'tracestate' | 'baggage', string>>>

/** https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
export interface HandlerContext extends FunctionInfo {
  readonly clientContext: unknown
  readonly identity: unknown
  readonly invokedFunctionArn: string
  readonly awsRequestId: string
  readonly tenantId: string | undefined
  readonly xRayTraceId: string | undefined
  /** Milliseconds until the platform gives up; negative when it has. */
  getRemainingTimeInMillis(): number
  w3c(): W3CContext
}

const W3C_FIELDS = ['traceparent', 'tracestate', 'baggage'] as const

export function createHandlerContext(invocation: Invocation, info: FunctionInfo): HandlerContext {
  const { clientContext, w3c } = takeW3C(invocation.clientContext)
  const context = {
    clientContext,
    identity: invocation.identity,
    invokedFunctionArn: invocation.functionArn,
    awsRequestId: invocation.requestId,
    tenantId: invocation.tenantId,
    xRayTraceId: invocation.traceHeader,
    getRemainingTimeInMillis: () => invocation.deadlineMs - Date.now(),
    ...info,
  }
  return Object.defineProperty(context, 'w3c', { value: () => w3c }) as HandlerContext
}

/** Takes `w3c` out of the client context, as AWS's runtime does: the user's code does not see it there. */
function takeW3C(clientContext: unknown): { clientContext: unknown; w3c: W3CContext } {
  if (!isRecord(clientContext) || !('w3c' in clientContext))
    return { clientContext, w3c: Object.freeze({}) }
  const { w3c, ...rest } = clientContext
  const fields: Partial<Record<(typeof W3C_FIELDS)[number], string>> = {}
  for (const name of W3C_FIELDS) {
    const value = isRecord(w3c) ? w3c[name] : undefined
    if (typeof value === 'string') fields[name] = value
  }
  return { clientContext: rest, w3c: Object.freeze(fields) }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
