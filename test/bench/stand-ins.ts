// What the functions and the exporters talk to: a collector that takes anything, and a service that always answers
// the same. Both live in the benchmark's process, where they cost every contender the same.

import { type RawServer, serveRaw } from './raw-http.ts'

/** An OTLP/HTTP receiver that counts and forgets. */
export type Collector = RawServer & { requests: number; bytes: number }

const EXPORTED =
  'HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n'
const OK = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok'
const ITEM = '{"Item":{"id":{"S":"1"},"total":{"N":"42"}}}'
const GET_ITEM = `HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nx-amzn-RequestId: 1\r\nContent-Length: ${ITEM.length}\r\n\r\n${ITEM}`

/** Answers each export `delayMs` after it has come. */
export async function startCollector(delayMs: number): Promise<Collector> {
  const server = await serveRaw((request, socket) => {
    collector.requests += 1
    collector.bytes += request.body.length
    // setTimeout(0) would be a whole millisecond.
    if (delayMs === 0) socket.write(EXPORTED)
    else setTimeout(() => socket.write(EXPORTED), delayMs)
  })
  const collector: Collector = { ...server, requests: 0, bytes: 0 }
  return collector
}

/** Answers `ok` to a GET, and one DynamoDB item to any POST. */
export function startTarget(): Promise<RawServer> {
  return serveRaw((request, socket) => {
    socket.write(request.head.startsWith('POST') ? GET_ITEM : OK)
  })
}
