// One event on its way to the runtime, and the headers that go with it.
import { randomBytes, randomUUID } from 'node:crypto'
import { EVENT_HEADERS } from './wire.ts'

/** What a caller may say beside the event. */
export interface InvokeOptions {
  /** Sent to the runtime as JSON; the Invoke API carries it in `X-Amz-Client-Context`. */
  readonly clientContext?: unknown
  /** `{cognitoIdentityId, cognitoIdentityPoolId}`. */
  readonly identity?: unknown
  readonly tenantId?: string
  /** X-Ray's header, byte for byte; absent, an unsampled one is made up; `''` sends none. */
  readonly traceHeader?: string
}

export interface Invocation {
  readonly requestId: string
  /** The event as the runtime gets it: JSON, unless a caller sends something else on purpose. */
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

// A header is bytes to Lambda and latin1 to Node: UTF-8 goes through only when it is spelled out as latin1.
function encodeHeader(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

/** Without active tracing Lambda still sends a header, with a root of its own and `Sampled=0`. */
function makeTraceHeader(nowMs: number): string {
  const seconds = Math.floor(nowMs / 1000).toString(16)
  const root = randomBytes(12).toString('hex')
  return `Root=1-${seconds}-${root};Parent=${randomBytes(8).toString('hex')};Sampled=0`
}

/** An event with its headers, but for the deadline, which is known when the event is handed over. */
export function createInvocation(
  body: string,
  options: InvokeOptions,
  functionArn: string,
): Invocation {
  const requestId = randomUUID()
  const optional: Record<string, string | undefined> = {
    [EVENT_HEADERS.traceId]: options.traceHeader ?? makeTraceHeader(Date.now()),
    [EVENT_HEADERS.clientContext]: toJson(options.clientContext),
    [EVENT_HEADERS.identity]: toJson(options.identity),
    [EVENT_HEADERS.tenantId]: options.tenantId,
  }
  const headers: Record<string, string> = {
    'Content-Type': 'application/json',
    [EVENT_HEADERS.requestId]: requestId,
    [EVENT_HEADERS.functionArn]: functionArn,
  }
  for (const [name, value] of Object.entries(optional)) {
    // Lambda sends no header at all where there is nothing to say.
    if (value !== undefined && value !== '') headers[name] = encodeHeader(value)
  }
  return { requestId, body, headers }
}

function toJson(value: unknown): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value)
}
