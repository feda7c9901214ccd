// The same over TLS. The certificate is signed by itself: it is trusted only where a test says so.
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls'
import t, { type Test } from 'tap'
import { encodeHead } from '../../../instrumentation/export/otlp-encoder.ts'
import type { Transport } from '../../../instrumentation/export/transport.ts'
import { createOtlpHttpTransport } from '../../../instrumentation/export/transports/otlp-http.ts'
import { createHttpClient } from '../../../runtime/api/http-client.ts'
import { CERTIFICATE, PRIVATE_KEY } from './tls-identity.ts'

const TIMEOUT_MS = 60_000

interface SecureServer extends AsyncDisposable {
  readonly port: number
  /** Of each request: the name that the client asked for and the protocol agreed on. */
  readonly seen: { readonly servername: unknown; readonly alpn: unknown }[]
  readonly connections: () => number
}

async function startSecureServer(host = '127.0.0.1'): Promise<SecureServer> {
  const seen: SecureServer['seen'] = []
  let connections = 0
  const server = createServer(
    { cert: CERTIFICATE, key: PRIVATE_KEY, ALPNProtocols: ['h2', 'http/1.1'] },
    (request, response) => {
      const socket = request.socket as TLSSocket & { servername?: unknown }
      seen.push({ servername: socket.servername, alpn: socket.alpnProtocol })
      request.resume().on('end', () => response.end())
    },
  )
  server.on('secureConnection', () => connections++)
  await new Promise<void>(resolve => server.listen(0, host, resolve))
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

const BATCH = { head: encodeHead({}, 'baton', '1.2.3'), spans: new Uint8Array(0), count: 0 }

function connect(t: Test, url: string): Transport {
  return createOtlpHttpTransport({
    url: new URL(url),
    headers: {},
    userAgent: 'baton/1.2.3',
    openHttpClient: options => {
      const client = createHttpClient(options)
      t.teardown(() => client.close())
      return client
    },
  })
}

function trust(t: Test): void {
  const before = getCACertificates('default')
  setDefaultCACertificates([...before, CERTIFICATE])
  t.teardown(() => setDefaultCACertificates(before))
}

t.test('a collector whose certificate nobody vouches for gets nothing', async t => {
  await using server = await startSecureServer()
  const result = await connect(t, `https://localhost:${server.port}/`).send(BATCH, TIMEOUT_MS)
  t.match(result, { status: 'retry', reason: /self[- ]signed certificate/ })
  t.strictSame(server.seen, [])
})

t.test('a trusted collector is sent to, over one connection, by its name', async t => {
  trust(t)
  await using server = await startSecureServer()
  const transport = connect(t, `https://localhost:${server.port}/`)
  for (let batch = 0; batch < 3; batch++) {
    t.strictSame(await transport.send(BATCH, TIMEOUT_MS), { status: 'accepted' })
  }
  t.strictSame(server.seen, Array(3).fill({ servername: 'localhost', alpn: 'http/1.1' }))
  t.equal(server.connections(), 1)
})

const ONLY_LINUX = process.platform === 'linux' ? false : 'all of 127.0.0.0/8 is Linux only'

t.test('a certificate for another name is refused', { skip: ONLY_LINUX }, async t => {
  trust(t)
  await using server = await startSecureServer('127.0.0.2')
  const transport = connect(t, `https://127.0.0.2:${server.port}/`)
  t.match(await transport.send(BATCH, TIMEOUT_MS), {
    status: 'retry',
    reason: /altnames/,
  })
  t.strictSame(server.seen, [])
})

for (const [address, host] of [
  ['127.0.0.1', '127.0.0.1'],
  ['[::1]', '::1'],
] as const) {
  const addresses = Object.values(networkInterfaces()).flatMap(each => each ?? [])
  const skip = addresses.some(each => each.address === host) ? false : `no ${host} here`

  // RFC 6066 has no addresses among server names; Node warns on the function's stderr when it is told to send one.
  t.test(`the address ${address} is sent to without a server name`, { skip }, async t => {
    trust(t)
    await using server = await startSecureServer(host)
    const transport = connect(t, `https://${address}:${server.port}/`)
    t.match(await transport.send(BATCH, TIMEOUT_MS), { status: 'accepted' })
    t.match(server.seen, [{ servername: false }])
  })
}
