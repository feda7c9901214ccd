// Servers of local/ listen on 127.0.0.1 and a port of the system's choice, so that two runs side by side never meet.
// Only `baton serve` and `baton collect` take another address, from whoever starts them: a container needs one.
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server that listens; disposing it also ends the connections that are open. */
export interface LoopbackServer extends AsyncDisposable {
  readonly port: number
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string
  close(): Promise<void>
}

export interface ListenAddress {
  readonly host: string
  /** 0 leaves the choice to the system. */
  readonly port: number
}

const LOOPBACK: ListenAddress = { host: '127.0.0.1', port: 0 }

/** Starts listening. The runtime waits on one request for as long as no event comes, so no timeout of Node's stays. */
export async function serveLoopback(
  server: Server,
  { host, port: asked }: ListenAddress = LOOPBACK,
): Promise<LoopbackServer> {
  server.requestTimeout = 0
  server.headersTimeout = 0
  server.keepAliveTimeout = 0
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(asked, host, resolve)
  })
  const { port } = server.address() as AddressInfo
  const close = () =>
    new Promise<void>(resolve => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { port, url: `http://${host}:${port}`, close, [Symbol.asyncDispose]: close }
}
