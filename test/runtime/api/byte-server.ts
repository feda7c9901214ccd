// A server that keeps every byte it is sent, and answers only what the test says.
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'

export interface ByteConnection {
  readonly socket: Socket
  /** What came so far, as latin1. */
  readonly text: () => string
  /** The pieces as they were read. */
  readonly pieces: readonly string[]
  readonly isClosed: boolean
}

export interface ByteServer extends AsyncDisposable {
  readonly port: number
  readonly connections: readonly ByteConnection[]
  /** Resolves when `condition` holds; checked when bytes come and connections end. */
  until(condition: (connections: readonly ByteConnection[]) => boolean): Promise<void>
}

/** With `isPaused` nothing is read from a connection until the test resumes its socket. */
export async function startByteServer(
  options: { readonly isPaused?: boolean } = {},
): Promise<ByteServer> {
  const { isPaused = false } = options
  const connections: { socket: Socket; pieces: string[]; text: () => string; isClosed: boolean }[] =
    []
  const watchers = new Set<() => void>()
  const notify = (): void => {
    for (const watcher of watchers) watcher()
  }
  const server = createServer({ pauseOnConnect: isPaused }, socket => {
    const pieces: string[] = []
    const connection = { socket, pieces, text: () => pieces.join(''), isClosed: false }
    connections.push(connection)
    socket.setEncoding('latin1')
    socket.on('data', (piece: string) => {
      pieces.push(piece)
      notify()
    })
    if (isPaused) socket.pause()
    // A client that goes away in the middle is what some tests are about.
    socket.on('error', () => {})
    socket.on('close', () => {
      connection.isClosed = true
      notify()
    })
    notify()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    connections,
    until: condition =>
      new Promise(resolve => {
        const check = (): void => {
          if (!condition(connections)) return
          watchers.delete(check)
          resolve()
        }
        watchers.add(check)
        check()
      }),
    async [Symbol.asyncDispose]() {
      for (const { socket } of connections) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
