// One request to an OTLP/HTTP collector -> its reply and the spans in it. Pure: the whole protocol without a socket.
// The statuses are those of the OTLP specification and of the OpenTelemetry Collector.
import { gunzipSync } from 'node:zlib'
import protobuf from 'protobufjs/minimal.js'
import { decodeJson, decodeProtobuf } from './decode.ts'
import { CollectorError } from './errors.ts'
import type { CollectedSpan } from './span.ts'

/** The OpenTelemetry Collector's limit, before and after decompression. */
export const BODY_LIMIT_BYTES: number = 20 * 1024 * 1024

export interface ExportRequest {
  readonly method: string
  readonly path: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Buffer
  /** Of the whole body; above `BODY_LIMIT_BYTES` when `body` is only its beginning. */
  readonly sizeBytes: number
  /** The connection closed before the body was whole. */
  readonly isTruncated: boolean
}

export interface ExportReply {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export interface ExportAnswer {
  readonly reply: ExportReply
  readonly spans: readonly CollectedSpan[]
}

/** A refusal on its way to the reply: HTTP's status and the gRPC code that the OTLP error body carries. */
interface Refusal {
  readonly statusCode: number
  readonly code: number
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
}

interface Format {
  readonly contentType: string
  decode(bytes: Uint8Array): CollectedSpan[]
  readonly success: Uint8Array
  encodeStatus(code: number, message: string): Uint8Array
}

// An ExportTraceServiceResponse without a partial success is an empty message. An error body is a google.rpc.Status:
// int32 code = 1, string message = 2.
const PROTOBUF: Format = {
  contentType: 'application/x-protobuf',
  decode: decodeProtobuf,
  success: new Uint8Array(0),
  encodeStatus: (code, message) =>
    protobuf.Writer.create().uint32(8).int32(code).uint32(18).string(message).finish(),
}

const JSON_FORMAT: Format = {
  contentType: 'application/json',
  decode: decodeJson,
  success: Buffer.from('{}'),
  encodeStatus: (code, message) => Buffer.from(JSON.stringify({ code, message })),
}

const INVALID_ARGUMENT = 3
const NOT_FOUND = 5
const UNIMPLEMENTED = 12

/** Decides the answer to a request. Spans come back only when the reply is 200. */
export function answerExport(request: ExportRequest): ExportAnswer {
  const type = request.headers['content-type']
  const format = findFormat(type)
  const refusal = refuseTarget(request)
  if (refusal !== undefined) return refuse(refusal, format)
  if (format === undefined) {
    const message = `content-type: expected application/x-protobuf or application/json, got ${type}`
    return refuse({ statusCode: 415, code: INVALID_ARGUMENT, message })
  }
  const body = readContent(request)
  if (!(body instanceof Uint8Array)) return refuse(body, format)
  try {
    const spans = format.decode(body)
    const headers = { 'Content-Type': format.contentType }
    return { spans, reply: { statusCode: 200, headers, body: format.success } }
  } catch (error) {
    if (!(error instanceof CollectorError)) throw error
    return refuse({ statusCode: 400, code: INVALID_ARGUMENT, message: error.message }, format)
  }
}

function findFormat(contentType: string | undefined): Format | undefined {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase()
  return [PROTOBUF, JSON_FORMAT].find(format => format.contentType === type)
}

function refuseTarget({ method, path }: ExportRequest): Refusal | undefined {
  if (path.split('?', 1)[0] !== '/v1/traces') {
    const message = `path: expected /v1/traces, got ${path}`
    return { statusCode: 404, code: NOT_FOUND, message }
  }
  if (method === 'POST') return undefined
  const message = `method: expected POST, got ${method}`
  return { statusCode: 405, code: UNIMPLEMENTED, message, headers: { Allow: 'POST' } }
}

const TOO_LARGE: Refusal = {
  statusCode: 413,
  code: INVALID_ARGUMENT,
  message: `body: expected at most ${BODY_LIMIT_BYTES} bytes`,
}

/** The body without its content-encoding, or why it cannot be had. */
function readContent(request: ExportRequest): Uint8Array | Refusal {
  const { headers, body } = request
  if (request.sizeBytes > BODY_LIMIT_BYTES) return TOO_LARGE
  if (request.isTruncated) {
    const message = `body: the connection closed after ${request.sizeBytes} bytes`
    return { statusCode: 400, code: INVALID_ARGUMENT, message }
  }
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
  if (encoding === 'identity') return body
  if (encoding !== 'gzip') {
    const message = `content-encoding: expected gzip or identity, got ${encoding}`
    return { statusCode: 415, code: INVALID_ARGUMENT, message }
  }
  try {
    return gunzipSync(body, { maxOutputLength: BODY_LIMIT_BYTES })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return TOO_LARGE
    return { statusCode: 400, code: INVALID_ARGUMENT, message: 'body: expected gzip' }
  }
}

/** An error speaks the request's own format; where that is unknown, JSON, which a human can read. */
function refuse(refusal: Refusal, format: Format = JSON_FORMAT): ExportAnswer {
  const { statusCode, code, message, headers } = refusal
  return {
    spans: [],
    reply: {
      statusCode,
      headers: { ...headers, 'Content-Type': format.contentType },
      body: format.encodeStatus(code, message),
    },
  }
}
