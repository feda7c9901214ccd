// A server of bytes: reads requests off each connection and leaves every answer, or none, to the test.
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'

export interface RawRequest {
  /** Request line and headers as they came, without the empty line. */
  readonly head: string
  readonly body: Buffer
  readonly socket: Socket
  /** Which connection it came on, from 0. */
  readonly connection: number
  /** Which request it is of all, from 0. */
  readonly index: number
}

export interface RawServer extends AsyncDisposable {
  readonly port: number
  readonly requests: readonly RawRequest[]
  /** Every connection ever made, in order. */
  readonly connections: readonly Socket[]
  /** Resolves with the request of that index, now or when it comes. */
  request(index: number): Promise<RawRequest>
}

export async function startRawServer(
  answer: (request: RawRequest) => void,
  port = 0,
): Promise<RawServer> {
  const requests: RawRequest[] = []
  const connections: Socket[] = []
  const arrivals = new Set<() => void>()
  const server = createServer(socket => {
    const connection = connections.push(socket) - 1
    // A client that goes away in the middle is what some tests are about.
    socket.on('error', () => {})
    readRequests(socket, (head, body) => {
      const request = { head, body, socket, connection, index: requests.length }
      requests.push(request)
      for (const arrived of [...arrivals]) arrived()
      answer(request)
    })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    connections,
    request: index =>
      new Promise(resolve => {
        const check = (): void => {
          const request = requests[index]
          if (request === undefined) return
          arrivals.delete(check)
          resolve(request)
        }
        arrivals.add(check)
        check()
      }),
    async [Symbol.asyncDispose]() {
      for (const socket of connections) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

function readRequests(socket: Socket, take: (head: string, body: Buffer) => void): void {
  let parts: Buffer[] = []
  let size = 0
  let wanted = 0
  socket.on('data', (chunk: Buffer) => {
    parts.push(chunk)
    size += chunk.length
    // A large body is joined once, when it is whole.
    while (size > 0 && size >= wanted) {
      const bytes = Buffer.concat(parts)
      const end = bytes.indexOf('\r\n\r\n')
      if (end === -1) return
      const head = bytes.toString('latin1', 0, end)
      wanted = end + 4 + Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0)
      if (size < wanted) return
      parts = [bytes.subarray(wanted)]
      size = bytes.length - wanted
      const body = bytes.subarray(end + 4, wanted)
      wanted = 0
      take(head, body)
    }
  })
}

/** A response with a length. */
export function ok(body = 'ok', ...headers: readonly string[]): string {
  const lines = ['HTTP/1.1 200 OK', `Content-Length: ${Buffer.byteLength(body)}`, ...headers]
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}

/** A port that was free a moment ago: what connects to it is refused. */
export async function closedPort(): Promise<number> {
  const server = await startRawServer(() => {})
  await server[Symbol.asyncDispose]()
  return server.port
}
