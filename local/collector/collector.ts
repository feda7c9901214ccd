// An OTLP/HTTP collector, on 127.0.0.1 unless told otherwise: what it accepts is kept, and can be waited for.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type ListenAddress, type LoopbackServer, serveLoopback } from '../http/loopback-server.ts'
import { readBody } from '../http/read-body.ts'
import {
  answerExport,
  BODY_LIMIT_BYTES,
  type ExportReply,
  type ExportRequest,
} from './answer-export.ts'
import { SpanStore } from './span-store.ts'

export interface Collector extends LoopbackServer {
  readonly store: SpanStore
}

/** Starts a collector; `url` is what `OTEL_EXPORTER_OTLP_ENDPOINT` is to be. */
export async function startCollector(address?: ListenAddress): Promise<Collector> {
  const store = new SpanStore()
  const server = createServer(async (request, response) => {
    const exported = await readExportRequest(request)
    store.addRequest(exported)
    const { reply, spans } = answerExport(exported)
    sendExportReply(response, reply)
    store.addSpans(spans)
  })
  return { store, ...(await serveLoopback(server, address)) }
}

/** Reads a request whole, up to the limit for a body. */
export async function readExportRequest(request: IncomingMessage): Promise<ExportRequest> {
  const { bytes, ...rest } = await readBody(request, BODY_LIMIT_BYTES)
  const headers = Object.entries(request.headers).map(([name, value]) => [name, value?.toString()])
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    headers: Object.fromEntries(headers),
    body: bytes,
    ...rest,
  }
}

export function sendExportReply(response: ServerResponse, reply: ExportReply): void {
  response.writeHead(reply.statusCode, {
    ...reply.headers,
    'Content-Length': reply.body.length,
  })
  response.end(reply.body)
}
