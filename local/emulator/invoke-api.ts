// Lambda's Invoke API over HTTP, as SDKs, `aws lambda invoke --endpoint-url` and AWS's own emulator for images speak it:
//   POST /2015-03-31/functions/NAME/invocations
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html. Any name is answered: there is one function behind it.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type ListenAddress, type LoopbackServer, serveLoopback } from '../http/loopback-server.ts'
import { readBody } from '../http/read-body.ts'
import type { Answer } from './answer.ts'
import type { InvokeOptions } from './invocation.ts'

/** What stands behind the server; `LocalFunction.invokeText` is one. */
export type Invoke = (event: string, options: InvokeOptions) => Promise<Answer>

/** Lambda's limit for the event of a synchronous invocation: 6 MiB and 100 bytes. */
export const EVENT_LIMIT_BYTES = 6_291_556

const INVOKE_PATH = /^\/2015-03-31\/functions\/[^/]+\/invocations$/

interface Refusal {
  readonly statusCode: number
  /** The exception's name, as SDKs know it. */
  readonly type: string
  readonly message: string
}

interface Request {
  readonly event: string
  readonly options: InvokeOptions
  readonly kind: string
}

/** Serves until it is closed. A failed invocation is an answer with status 200, as Lambda has it. */
export function serveInvokeApi(invoke: Invoke, address?: ListenAddress): Promise<LoopbackServer> {
  const server = createServer((request, response) => {
    void answer(invoke, request, response).catch(error => {
      refuse(response, { statusCode: 500, type: 'ServiceException', message: String(error) })
    })
  })
  return serveLoopback(server, address)
}

async function answer(
  invoke: Invoke,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const request = await readRequest(message)
  if ('statusCode' in request) return refuse(response, request)
  if (request.kind === 'DryRun') return void response.writeHead(204).end()
  const invoked = invoke(request.event, request.options)
  if (request.kind === 'Event') {
    // Nobody waits for it: how it ends is told by the log and the trace.
    invoked.catch(() => {})
    return void response.writeHead(202).end()
  }
  sendAnswer(response, await invoked)
}

async function readRequest(message: IncomingMessage): Promise<Request | Refusal> {
  const { bytes, sizeBytes } = await readBody(message, EVENT_LIMIT_BYTES)
  const refusal = refuseTarget(message)
  if (refusal !== undefined) return refusal
  if (sizeBytes > EVENT_LIMIT_BYTES) {
    const text = `Request must be smaller than ${EVENT_LIMIT_BYTES} bytes for the InvokeFunction operation`
    return { statusCode: 413, type: 'RequestTooLargeException', message: text }
  }
  const event = sizeBytes === 0 ? '{}' : bytes.toString('utf8')
  const context = header(message, 'x-amz-client-context')
  try {
    JSON.parse(event)
    const options = { ...readOptions(message), ...(context && { clientContext: decode(context) }) }
    return { event, options, kind: header(message, 'x-amz-invocation-type') ?? 'RequestResponse' }
  } catch (error) {
    const text = `Could not parse request body into json: ${(error as Error).message}`
    return { statusCode: 400, type: 'InvalidRequestContentException', message: text }
  }
}

function refuseTarget(message: IncomingMessage): Refusal | undefined {
  const { method, url = '' } = message
  const path = url.split('?', 1)[0] ?? ''
  if (method !== 'POST' || !INVOKE_PATH.test(path)) {
    const text = `expected POST /2015-03-31/functions/NAME/invocations, got ${method} ${path}`
    return { statusCode: 404, type: 'UnknownOperationException', message: text }
  }
  // Browsers send it with every POST: a page that happens to be open must not run the function.
  if (header(message, 'origin') === undefined) return undefined
  return { statusCode: 403, type: 'AccessDeniedException', message: 'expected no browser' }
}

function readOptions(message: IncomingMessage): InvokeOptions {
  const traceHeader = header(message, 'x-amzn-trace-id')
  const tenantId = header(message, 'x-amz-tenant-id')
  return {
    ...(traceHeader !== undefined && { traceHeader }),
    ...(tenantId !== undefined && { tenantId }),
  }
}

function decode(context: string): unknown {
  return JSON.parse(Buffer.from(context, 'base64').toString('utf8'))
}

function header(message: IncomingMessage, name: string): string | undefined {
  return message.headers[name]?.toString()
}

function sendAnswer(response: ServerResponse, answered: Answer): void {
  const isFailed = answered.kind === 'error' || answered.streamError !== undefined
  const isResponse = answered.kind === 'response'
  const body = isResponse ? answered.bytes : Buffer.from(answered.body)
  const isStreamed = isResponse && answered.isStreamed
  response.writeHead(200, {
    'Content-Type': (isStreamed && answered.contentType) || 'application/json',
    'Content-Length': body.length,
    'X-Amzn-RequestId': answered.requestId,
    'X-Amz-Executed-Version': '$LATEST',
    ...(isFailed && { 'X-Amz-Function-Error': 'Unhandled' }),
  })
  response.end(body)
}

function refuse(response: ServerResponse, { statusCode, type, message }: Refusal): void {
  response.writeHead(statusCode, { 'Content-Type': 'application/json', 'X-Amzn-ErrorType': type })
  response.end(JSON.stringify({ Type: 'User', Message: message }))
}
