// A client for the server that a URL names, over TCP or TLS. TLS is 17-21 ms of CPU to load, so it is loaded only where
// it is needed, and after the first response. DECISIONS.md has the figures of undici in its place.
import type { Connection, HttpClient, OpenHttpClient } from '../../../runtime/contract.ts'

/** Paths of PEM files; absent ones mean Node's own trust, and no certificate of ours. */
export interface TlsFiles {
  /** Authorities that are trusted in place of Node's. */
  readonly certificate?: string | undefined
  readonly clientKey?: string | undefined
  readonly clientCertificate?: string | undefined
}

/** A collector answers with a few bytes; what is longer is not read. */
export const MAX_RESPONSE_BYTES: number = 64 * 1024
/** Most load balancers forget a connection that was idle for a minute, and some without a word. */
const MAX_IDLE_MS = 50_000
const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 }

/** Opens nothing yet. Throws where a PEM file cannot be read. */
export function openCollectorClient(
  url: URL,
  open: OpenHttpClient,
  files: TlsFiles = {},
): HttpClient {
  // `[::1]` is how a URL writes the host `::1`.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const port = url.port === '' ? (DEFAULT_PORTS[url.protocol] ?? 0) : Number(url.port)
  const target = {
    host,
    port,
    // Without the port where it is the usual one: what AWS's signatures are made and checked over.
    authority: url.host,
    maxBodyBytes: MAX_RESPONSE_BYTES,
    maxIdleMs: MAX_IDLE_MS,
  }
  if (url.protocol === 'http:') return open(target)
  return open({ ...target, connect: createTlsConnect(host, port, files) })
}

/** Connections after the first one resume its session: after a freeze that spares half of the handshake's CPU. */
function createTlsConnect(host: string, port: number, files: TlsFiles): () => Connection {
  const { connect, createSecureContext } = process.getBuiltinModule('node:tls')
  const pem = {
    ...readPem('ca', files.certificate, 'OTEL_EXPORTER_OTLP_CERTIFICATE'),
    ...readPem('key', files.clientKey, 'OTEL_EXPORTER_OTLP_CLIENT_KEY'),
    ...readPem('cert', files.clientCertificate, 'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE'),
  }
  const options = {
    host,
    port,
    ALPNProtocols: ['http/1.1'],
    // An address is no server name (RFC 6066, section 3).
    ...(isName(host) && { servername: host }),
    ...(Object.keys(pem).length > 0 && { secureContext: createSecureContext(pem) }),
  }
  let session: Buffer | undefined
  return () => {
    const socket = connect({ ...options, ...(session && { session }) })
    socket.setNoDelay(true)
    return socket.on('session', ticket => {
      session = ticket
    })
  }
}

function readPem(
  key: string,
  path: string | undefined,
  option: string,
): Readonly<Record<string, Buffer>> {
  if (path === undefined) return {}
  try {
    return { [key]: process.getBuiltinModule('node:fs').readFileSync(path) }
  } catch (error) {
    throw new Error(`${option}: expected a file that can be read, got ${codeOf(error)}`)
  }
}

function codeOf(error: unknown): unknown {
  return (error as NodeJS.ErrnoException).code
}

function isName(host: string): boolean {
  return !host.includes(':') && !/^[0-9.]+$/.test(host)
}
