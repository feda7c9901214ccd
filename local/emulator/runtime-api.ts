// The Runtime API and the Extensions API as an HTTP server for one process: requests become calls of its session, and
// replies go back.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { type LoopbackServer, serveLoopback } from '../http/loopback-server.ts'
import { readBody } from '../http/read-body.ts'
import { NOT_FOUND, PONG, type Reply } from './reply.ts'
import type { HandedEvent, PostedAnswer, RuntimeSession } from './runtime-session.ts'
import {
  ANSWER_HEADERS,
  EVENT_HEADERS,
  EXTENSION_HEADERS,
  HEADER_LIMIT_BYTES,
  matchCall,
  RESPONSE_LIMIT_BYTES,
  type RuntimeCall,
  STREAM_LIMIT_BYTES,
} from './wire.ts'

const HEADERS_TOO_LARGE =
  'HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n' +
  '431 Request Header Fields Too Large'

/** For as long as this a refused connection is still read. */
const LINGER_MS = 1000

/** Serves the session until the server is closed. */
export function serveRuntimeApi(session: RuntimeSession): Promise<LoopbackServer> {
  const server = createServer({ maxHeaderSize: HEADER_LIMIT_BYTES }, (request, response) => {
    const call = matchCall(request.method ?? '', request.url ?? '')
    if (call?.name === 'next') {
      answerNext(session, response)
      return
    }
    if (call?.name === 'eventNext') {
      const id = header(request, EXTENSION_HEADERS.identifier)
      const refusal = session.extensions.next(id, reply => sendReply(response, reply))
      if (refusal !== undefined) sendReply(response, refusal)
      return
    }
    void answerCall(session, call, request).then(reply => sendReply(response, reply))
  })
  server.on('clientError', refuseHeaders)
  return serveLoopback(server)
}

/** Node would cut the connection while the client still sends, and the client would not see why. */
function refuseHeaders(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code !== 'HPE_HEADER_OVERFLOW') {
    socket.destroy()
    return
  }
  socket.on('error', () => socket.destroy())
  setTimeout(() => socket.destroy(), LINGER_MS).unref()
  socket.resume()
  socket.end(HEADERS_TOO_LARGE)
}

function answerNext(session: RuntimeSession, response: ServerResponse): void {
  const deliver = (event: HandedEvent): void => {
    response.writeHead(200, {
      ...event.invocation.headers,
      [EVENT_HEADERS.deadlineMs]: String(event.deadlineMs),
    })
    response.end(event.invocation.body)
  }
  response.once('close', () => session.forget(deliver))
  const refusal = session.next(deliver)
  if (refusal !== undefined) sendReply(response, refusal)
}

async function answerCall(
  session: RuntimeSession,
  call: RuntimeCall | undefined,
  request: IncomingMessage,
): Promise<Reply> {
  switch (call?.name) {
    case 'ping':
      return PONG
    case 'initError':
      return session.failInit(await readAnswer(request))
    case 'response':
    case 'error': {
      const mode = header(request, ANSWER_HEADERS.mode)
      const refusal = session.beginAnswer(call.name, call.requestId, mode)
      const posted = await readAnswer(request)
      return refusal ?? session.endAnswer(call.name, posted)
    }
    case 'register': {
      const body = await readBody(request, RESPONSE_LIMIT_BYTES)
      const name = header(request, EXTENSION_HEADERS.name)
      return session.extensions.register(name, body.bytes.toString('utf8'))
    }
    case 'extensionInitError':
    case 'extensionExitError': {
      await readBody(request, 0)
      return session.extensions.fail(
        header(request, EXTENSION_HEADERS.identifier),
        call.name === 'extensionInitError' ? 'InitError' : 'ExitError',
        header(request, EXTENSION_HEADERS.errorType),
      )
    }
    default:
      await readBody(request, 0)
      return NOT_FOUND
  }
}

async function readAnswer(request: IncomingMessage): Promise<PostedAnswer> {
  const mode = header(request, ANSWER_HEADERS.mode)
  const isBuffered = mode === undefined && request.url?.endsWith('/response') === true
  const body = await readBody(request, isBuffered ? RESPONSE_LIMIT_BYTES : STREAM_LIMIT_BYTES)
  return {
    ...body,
    mode,
    contentType: header(request, 'content-type'),
    errorType: header(request, ANSWER_HEADERS.errorType),
    streamError: readStreamError(request),
  }
}

/** A stream that failed says so in trailers, since its status line left long ago. */
function readStreamError(request: IncomingMessage): PostedAnswer['streamError'] {
  const errorType = request.trailers[ANSWER_HEADERS.errorType]
  if (errorType === undefined) return undefined
  const body = Buffer.from(request.trailers[ANSWER_HEADERS.errorBody] ?? '', 'base64')
  return { errorType, body: body.toString('utf8') }
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}

function sendReply(response: ServerResponse, reply: Reply): void {
  response.writeHead(reply.statusCode, {
    ...reply.headers,
    'Content-Type': reply.contentType,
    'Content-Length': Buffer.byteLength(reply.body),
  })
  response.end(reply.body)
}
