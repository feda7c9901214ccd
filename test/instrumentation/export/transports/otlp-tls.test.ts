// TLS with files of the user's: whom we trust, who we are, and sessions that are resumed.
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import tls, { type TLSSocket, type TlsOptions } from 'node:tls'
import t, { type Test } from 'tap'
import { encodeHead } from '../../../../instrumentation/export/otlp-encoder.ts'
import type { SendResult } from '../../../../instrumentation/export/transport.ts'
import type { TlsFiles } from '../../../../instrumentation/export/transports/collector-client.ts'
import { createOtlpHttpTransport } from '../../../../instrumentation/export/transports/otlp-http.ts'
import { createHttpClient } from '../../../../runtime/api/http-client.ts'
import { CERTIFICATE, PRIVATE_KEY } from '../tls-identity.ts'

const TIMEOUT_MS = 60_000
const BATCH = { head: encodeHead({}, 'baton', '1'), spans: new Uint8Array(0), count: 0 }
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'

interface SecureServer {
  readonly url: string
  readonly sockets: readonly TLSSocket[]
  /** Of each request: whether its connection resumed a session, and who the client is. */
  readonly seen: { readonly isResumed: boolean; readonly client: unknown }[]
}

async function startSecureServer(t: Test, options: TlsOptions = {}): Promise<SecureServer> {
  const sockets: TLSSocket[] = []
  const seen: SecureServer['seen'] = []
  const server = tls.createServer({ cert: CERTIFICATE, key: PRIVATE_KEY, ...options }, socket => {
    sockets.push(socket)
    socket.on('error', () => {})
    socket.on('data', bytes => {
      if (!bytes.includes('POST ')) return
      const client = socket.getPeerCertificate()?.subject?.CN
      seen.push({ isResumed: socket.isSessionReused(), client })
      socket.write(OK)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const { port } = server.address() as AddressInfo
  return { url: `https://localhost:${port}/v1/traces`, sockets, seen }
}

function connect(t: Test, url: string, files: TlsFiles): () => Promise<SendResult> {
  const transport = createOtlpHttpTransport({
    url: new URL(url),
    headers: {},
    userAgent: 'baton',
    tls: files,
    openHttpClient: options => {
      const client = createHttpClient(options)
      t.teardown(() => client.close())
      return client
    },
  })
  return () => transport.send(BATCH, TIMEOUT_MS)
}

function writeFiles(t: Test): Record<keyof TlsFiles, string> {
  const folder = t.testdir({
    'ca.pem': CERTIFICATE,
    'key.pem': PRIVATE_KEY,
    'cert.pem': CERTIFICATE,
    'none.pem': 'neither a certificate nor a key',
  })
  return {
    certificate: join(folder, 'ca.pem'),
    clientKey: join(folder, 'key.pem'),
    clientCertificate: join(folder, 'cert.pem'),
  }
}

t.test('an authority out of a file is trusted', async t => {
  const { certificate } = writeFiles(t)
  const server = await startSecureServer(t)
  t.match(await connect(t, server.url, {})(), { status: 'retry' }, 'and not without it')
  t.strictSame(await connect(t, server.url, { certificate })(), { status: 'accepted' })
})

t.test('a collector that asks who we are is shown the certificate', async t => {
  const { certificate, clientKey, clientCertificate } = writeFiles(t)
  const server = await startSecureServer(t, { ca: CERTIFICATE, requestCert: true })
  t.match(await connect(t, server.url, { certificate })(), { status: 'retry' }, 'it insists')
  const files = { certificate, clientKey, clientCertificate }
  t.strictSame(await connect(t, server.url, files)(), { status: 'accepted' })
  t.match(server.seen, [{ client: 'Baton tests' }])
})

for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
  t.test(`a second connection resumes the session of the first, ${maxVersion}`, async t => {
    const { certificate } = writeFiles(t)
    const server = await startSecureServer(t, { maxVersion })
    const send = connect(t, server.url, { certificate })
    t.strictSame(await send(), { status: 'accepted' })
    server.sockets[0]?.destroy()
    t.strictSame(await send(), { status: 'accepted' })
    t.strictSame(
      server.seen.map(each => each.isResumed),
      [false, true],
    )
  })
}

for (const [option, key] of [
  ['OTEL_EXPORTER_OTLP_CERTIFICATE', 'certificate'],
  ['OTEL_EXPORTER_OTLP_CLIENT_KEY', 'clientKey'],
  ['OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE', 'clientCertificate'],
] as const) {
  t.test(`a file of ${option} that is not there is named, and nothing is sent`, async t => {
    const server = await startSecureServer(t)
    const files = { ...writeFiles(t), [key]: '/none/s.pem' }
    t.strictSame(await connect(t, server.url, files)(), {
      status: 'retry',
      reason: `${option}: expected a file that can be read, got ENOENT`,
    })
    t.equal(server.sockets.length, 0)
  })
}

t.test('a file that is no PEM means retry, with the words of the TLS library', async t => {
  const server = await startSecureServer(t)
  const files = writeFiles(t)
  const none = join(dirname(files.certificate), 'none.pem')
  for (const wrong of [
    { ...files, certificate: none },
    { ...files, clientKey: none },
  ])
    t.match(await connect(t, server.url, wrong)(), { status: 'retry', reason: /\w/ })
  t.equal(server.seen.length, 0)
})
