// A gate before the collector, for faults below HTTP: closed (connections are refused), garbage, or cut in the middle.
import net from 'node:net'

export type GateState = 'open' | 'closed' | 'garbage' | 'cut'

export interface Gate extends AsyncDisposable {
  readonly url: string
  set(state: GateState): Promise<void>
  /** Ends every connection now. */
  cutConnections(): void
}

/** So much of a request is taken before the connection is cut. */
const CUT_AFTER_BYTES = 100

export async function openGate(targetPort: number): Promise<Gate> {
  let state: GateState = 'open'
  const sockets = new Set<net.Socket>()
  const server = net.createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    if (state === 'garbage') {
      socket.on('data', () => socket.write('\x00\x15HELO this is no HTTP\r\n\r\n'))
      return
    }
    const target = net.connect(targetPort, '127.0.0.1')
    target.on('error', () => socket.destroy())
    target.on('close', () => socket.destroy())
    socket.on('close', () => target.destroy())
    let taken = 0
    socket.on('data', bytes => {
      taken += bytes.length
      if (state === 'cut' && taken > CUT_AFTER_BYTES) socket.resetAndDestroy()
      else target.write(bytes)
    })
    target.pipe(socket)
  })
  await listen(server, 0)
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('expected a port')
  const { port } = address

  function cutConnections(): void {
    for (const socket of sockets) socket.destroy()
  }

  async function set(next: GateState): Promise<void> {
    if (next === state) return
    const wasClosed = state === 'closed'
    state = next
    cutConnections()
    if (next === 'closed') await new Promise(resolve => server.close(resolve))
    else if (wasClosed) await listen(server, port)
  }

  return {
    url: `http://127.0.0.1:${port}`,
    set,
    cutConnections,
    [Symbol.asyncDispose]: () => set('closed'),
  }
}

function listen(server: net.Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
}
