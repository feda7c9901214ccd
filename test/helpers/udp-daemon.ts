// What listens on the X-Ray daemon's port in tests: a real socket that takes datagrams apart as the daemon does, by
// their first line feed, and knows both kinds of what follows.
import { createSocket } from 'node:dgram'
import { decodeProtobuf } from '../../local/collector/decode.ts'
import type { CollectedSpan } from '../../local/collector/span.ts'

export interface ReceivedDatagram {
  readonly bytes: number
  readonly header: unknown
  /** Of `{…}`. */
  readonly document?: Readonly<Record<string, unknown>>
  /** Of `T1S…` and `T1U…`. */
  readonly mark?: string
  readonly spans?: readonly CollectedSpan[]
}

export interface UdpDaemon extends AsyncDisposable {
  readonly address: string
  readonly received: readonly ReceivedDatagram[]
  /** Resolves when so many datagrams came. */
  waitFor(count: number): Promise<void>
}

export async function startUdpDaemon(host = '127.0.0.1', port = 0): Promise<UdpDaemon> {
  const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', recvBufferSize: 8e6 })
  const received: ReceivedDatagram[] = []
  const arrived = new Set<() => void>()
  socket.on('message', datagram => {
    received.push(parseDatagram(datagram))
    for (const each of [...arrived]) each()
  })
  await new Promise<void>(resolve => socket.bind(port, host, resolve))
  const bound = socket.address().port
  return {
    address: host.includes(':') ? `[${host}]:${bound}` : `${host}:${bound}`,
    received,
    waitFor: count =>
      new Promise(resolve => {
        const check = (): void => {
          if (received.length < count) return
          arrived.delete(check)
          resolve()
        }
        arrived.add(check)
        check()
      }),
    [Symbol.asyncDispose]: () => new Promise(resolve => socket.close(() => resolve())),
  }
}

function parseDatagram(datagram: Buffer): ReceivedDatagram {
  const at = datagram.indexOf('\n')
  const body = datagram.toString('utf8', at + 1)
  const common = { bytes: datagram.length, header: JSON.parse(datagram.toString('utf8', 0, at)) }
  if (body.startsWith('{')) return { ...common, document: JSON.parse(body) }
  const spans = decodeProtobuf(Buffer.from(body.slice(3), 'base64'))
  return { ...common, mark: body.slice(0, 3), spans }
}
