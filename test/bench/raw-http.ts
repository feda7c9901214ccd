// HTTP/1.1 on bare sockets, just enough for the benchmark's own servers. node:http would add its own cost, several
// times that of the socket, to every time that is measured here.

import { createServer, type Server, type Socket } from 'node:net'

/** One request, whole. */
export type RawRequest = {
  /** Request line and header lines, as sent, without the empty line. */
  head: string
  /** The body as it was on the wire: chunk sizes and trailers included if it came in chunks. */
  body: Buffer
  /** Where the next request begins. */
  end: number
}

export type RawServer = { port: number; close: () => Promise<void> }

const HEAD_END = '\r\n\r\n'
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i
const CHUNKED = /\r\ntransfer-encoding: *chunked/i

/** The request that `bytes` starts with, or `undefined` while some of it is still to come. */
export function readRequest(bytes: Buffer): RawRequest | undefined {
  const headEnd = bytes.indexOf(HEAD_END)
  if (headEnd < 0) return undefined
  const head = bytes.toString('latin1', 0, headEnd)
  const start = headEnd + HEAD_END.length
  const end = bodyEnd(bytes, start, head)
  if (end === undefined || end > bytes.length) return undefined
  return { head, body: bytes.subarray(start, end), end }
}

function bodyEnd(bytes: Buffer, start: number, head: string): number | undefined {
  const length = CONTENT_LENGTH.exec(head)?.[1]
  if (length !== undefined) return start + Number(length)
  return CHUNKED.test(head) ? chunkedEnd(bytes, start) : start
}

function chunkedEnd(bytes: Buffer, start: number): number | undefined {
  let at = start
  while (at < bytes.length) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd < 0) return undefined
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    if (Number.isNaN(size)) throw new Error(`chunk size: expected hex digits at byte ${at}`)
    if (size === 0) {
      // Trailers, if any, stand between this line and the empty one.
      const last = bytes.indexOf(HEAD_END, lineEnd)
      return last < 0 ? undefined : last + HEAD_END.length
    }
    at = lineEnd + 2 + size + 2
  }
  return undefined
}

/** Listens on a free port of 127.0.0.1; `onRequest` answers by writing to the socket, now or later. */
export async function serveRaw(
  onRequest: (request: RawRequest, socket: Socket) => void,
): Promise<RawServer> {
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, socket => {
    sockets.add(socket)
    let pending: Buffer | undefined
    socket.on('data', chunk => {
      let bytes = pending === undefined ? chunk : Buffer.concat([pending, chunk])
      for (let found = readRequest(bytes); found !== undefined; found = readRequest(bytes)) {
        bytes = bytes.subarray(found.end)
        onRequest(found, socket)
      }
      pending = bytes.length === 0 ? undefined : bytes
    })
    // A contender is killed with its sockets open: what they say then is of no interest.
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
  })
  const port = await listen(server)
  const close = (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    return new Promise(resolve => server.close(() => resolve()))
  }
  return { port, close }
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (address === null || typeof address === 'string') reject(new Error('expected a port'))
      else resolve(address.port)
    })
  })
}
