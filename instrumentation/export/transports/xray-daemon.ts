// The X-Ray daemon, over UDP: Lambda runs one beside the function where active tracing is on. UDP promises nothing: what
// the system took counts as accepted, and what is told of a datagram later, that nobody listens, counts for the batch.
import type { Socket } from 'node:dgram'
import type { SendResult, Transport } from '../transport.ts'
import { encodeDatagrams, type XRayFormat } from '../xray/datagrams.ts'

export interface XRayDaemonOptions {
  /** `AWS_XRAY_DAEMON_ADDRESS` as it stands there. */
  readonly address: string | undefined
  readonly format: XRayFormat
}

export interface DaemonAddress {
  readonly host: string
  readonly port: number
}

/** Where the daemon listens unless something else is said; Lambda says `169.254.79.129:2000`. */
const DEFAULT_ADDRESS: DaemonAddress = { host: '127.0.0.1', port: 2000 }
const MAX_PORT = 65_535
/** A receiver has room for some 200 KB: after so many datagrams it gets a moment to read them. */
const BURST = 16
const PAUSE_MS = 1
const MAX_REASON_CHARACTERS = 200
/** A way that takes no datagrams of this size will hardly do so later. */
const MAX_SIZE_ATTEMPTS = 3

/** `host:port`, or `tcp:host:port udp:host:port` in either order; `undefined` for what is neither. */
export function parseDaemonAddress(text: string): DaemonAddress | undefined {
  const parts = text.trim().split(/\s+/)
  const part = parts.find(each => each.startsWith('udp:')) ?? parts[0] ?? ''
  const address = part.startsWith('udp:') ? part.slice('udp:'.length) : part
  const colon = address.lastIndexOf(':')
  const host = address.slice(0, Math.max(0, colon)).replace(/^\[(.*)\]$/, '$1')
  const digits = address.slice(colon + 1)
  const port = Number(digits)
  const isPort = /^[0-9]+$/.test(digits) && port > 0 && port <= MAX_PORT
  return host === '' || !isPort || host.startsWith('tcp:') ? undefined : { host, port }
}

/** Nothing is loaded or opened before the first batch. */
export function createXRayDaemonTransport(options: XRayDaemonOptions): Transport {
  const address = parseDaemonAddress(options.address ?? '') ?? DEFAULT_ADDRESS
  let daemon: DaemonSocket | undefined
  return {
    async send(batch, timeoutMs): Promise<SendResult> {
      const { datagrams, refused } = encodeDatagrams(batch, options.format)
      const reason = 'they are damaged, or too large for a datagram'
      if (datagrams.length === 0) return { status: 'rejected', reason }
      if (daemon?.hasFailed) daemon.close()
      try {
        if (daemon === undefined || daemon.hasFailed) daemon = new DaemonSocket(address)
      } catch (error) {
        return describeFailure(error as Error)
      }
      const failure = await daemon.sendAll(datagrams, timeoutMs)
      if (failure === undefined)
        return refused === 0
          ? { status: 'accepted' }
          : { status: 'accepted', refused: { count: refused, reason } }
      return describeFailure(failure)
    },
  }
}

/** Datagrams that did arrive come again with the rest: of two documents of one id X-Ray keeps the later. */
function describeFailure(failure: NodeJS.ErrnoException): SendResult {
  const reason = failure.message.slice(0, MAX_REASON_CHARACTERS)
  return failure.code === 'EMSGSIZE'
    ? { status: 'retry', reason, maxAttempts: MAX_SIZE_ATTEMPTS }
    : { status: 'retry', reason }
}

/** States: connecting -> connected -> failed, from each of which `close` leads to the end. A failed one stays failed. */
class DaemonSocket {
  readonly #socket: Socket
  readonly #connected: Promise<void>
  #failure: Error | undefined
  /** Of every batch under way: at the end of the process there may be several. */
  readonly #onFailure = new Set<(failure: Error) => void>()

  constructor({ host, port }: DaemonAddress) {
    const { createSocket } = process.getBuiltinModule('node:dgram')
    const { isIP } = process.getBuiltinModule('node:net')
    this.#socket = createSocket(isIP(host) === 6 ? 'udp6' : 'udp4')
    this.#socket.unref()
    this.#socket.on('error', error => this.#fail(error))
    // Connected, it is told when nobody listens on the other side.
    this.#connected = new Promise(resolve => {
      this.#socket.once('connect', resolve)
      this.#socket.connect(port, host)
    })
  }

  get hasFailed(): boolean {
    return this.#failure !== undefined
  }

  /** Sends one after the other; `undefined` when the system took all of them in time. Never rejects. */
  async sendAll(datagrams: readonly Uint8Array[], timeoutMs: number): Promise<Error | undefined> {
    return new Promise(resolve => {
      const timer = setTimeout(
        () => this.#fail(new Error(`not all datagrams were taken within ${timeoutMs} ms`)),
        timeoutMs,
      )
      timer.unref()
      const settle = (failure: Error | undefined): void => {
        clearTimeout(timer)
        this.#onFailure.delete(settle)
        resolve(failure)
      }
      this.#onFailure.add(settle)
      this.#sendEach(datagrams).then(settle, (error: Error) => this.#fail(error))
    })
  }

  close(): void {
    try {
      this.#socket.close()
    } catch {
      // It was closed before.
    }
  }

  async #sendEach(datagrams: readonly Uint8Array[]): Promise<Error | undefined> {
    await this.#connected
    for (const [index, datagram] of datagrams.entries()) {
      if (index > 0 && index % BURST === 0) await pause(PAUSE_MS)
      // It may be closed by now.
      if (this.#failure !== undefined) return this.#failure
      const error = await new Promise<Error | null>(resolve => this.#socket.send(datagram, resolve))
      if (error !== null) this.#fail(error)
    }
    // On this machine a refusal is there at once, but is read only now.
    await new Promise<void>(resolve => setImmediate(() => setImmediate(resolve)))
    return this.#failure
  }

  #fail(error: Error): void {
    this.#failure ??= error
    for (const told of [...this.#onFailure]) told(this.#failure)
  }
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => {
    setTimeout(resolve, ms)
  })
}
