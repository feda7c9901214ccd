// From what the Runtime API hands over to an Invocation. What is wrong with the event is the invocation's failure, not
// the runtime's: it is reported and the next event is served.
import type { HttpResponse, Invocation } from '../contract.ts'
import { InvalidInvocationError } from '../errors.ts'

const REQUEST_ID = 'lambda-runtime-aws-request-id'

/** Beyond this, an observer may prefer the text's beginning to going over parsed objects of unknown size. */
const LARGE_BYTES = 32 * 1024
const HEAD_BYTES = 8 * 1024

export interface ReceivedInvocation {
  readonly invocation: Invocation
  /** Why the handler cannot be run on it: the event or a context header is not JSON. */
  readonly fault: unknown
}

/** Throws InvalidInvocationError when there is no request id: then there is nobody to answer. */
export function readInvocation(next: HttpResponse, isColdStart: boolean): ReceivedInvocation {
  const { headers } = next
  const requestId = headers[REQUEST_ID]
  if (!requestId) {
    throw new InvalidInvocationError(`next: expected the header ${REQUEST_ID}, got none`)
  }
  let fault: unknown
  const attempt = (read: () => unknown): unknown => {
    try {
      return read()
    } catch (error) {
      fault ??= error
      return undefined
    }
  }
  const invocation: Invocation = {
    requestId,
    deadlineMs: Number(headers['lambda-runtime-deadline-ms']) || 0,
    functionArn: headers['lambda-runtime-invoked-function-arn'] ?? '',
    traceHeader: headers['lambda-runtime-trace-id'] || undefined,
    clientContext: attempt(() =>
      parseHeader(headers['lambda-runtime-client-context'], 'ClientContext'),
    ),
    identity: attempt(() =>
      parseHeader(headers['lambda-runtime-cognito-identity'], 'CognitoIdentity'),
    ),
    tenantId: headers['lambda-runtime-aws-tenant-id'] || undefined,
    event: attempt(() => JSON.parse(next.body.toString())),
    eventBytes: next.body.length,
    eventHead:
      next.body.length > LARGE_BYTES ? next.body.toString('utf8', 0, HEAD_BYTES) : undefined,
    isColdStart,
  }
  return { invocation, fault }
}

function parseHeader(text: string | undefined, name: string): unknown {
  if (!text) return undefined
  // Header bytes come as latin1; the platform writes JSON as UTF-8.
  const json = /[\x80-\xff]/.test(text) ? Buffer.from(text, 'latin1').toString() : text
  try {
    return JSON.parse(json)
  } catch (error) {
    throw new Error(`Cannot parse ${name} as json: ${error}`)
  }
}
