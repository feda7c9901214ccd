// A TCP socket straight on Node's own binding. Loading node:net and connecting with it is the largest part of what a
// cold start of ours costs: 3.5 ms of CPU, against 0.4 ms here. The binding is reached by process.binding, which Node
// documents as deprecated (DEP0111) and keeps for those who depend on it: where it is refused or has another shape,
// node:net serves instead.
import type { Connection, WriteDone } from '../contract.ts'

interface WriteRequest {
  oncomplete: (status: number) => void
  /** Kept until the system has taken it. */
  data: Uint8Array | readonly Uint8Array[]
}

interface TcpHandle {
  onread: (chunk: ArrayBuffer | undefined) => void
  connect(request: object, address: string, port: number): number
  connect6(request: object, address: string, port: number): number
  setNoDelay(on: boolean): number
  readStart(): number
  writeBuffer(request: WriteRequest, data: Uint8Array): number
  writeLatin1String(request: WriteRequest, data: string): number
  writeUtf8String(request: WriteRequest, data: string): number
  writev(request: WriteRequest, data: readonly Uint8Array[], areBuffers: true): number
  ref(): void
  unref(): void
  close(done: () => void): void
}

/** What is used of `tcp_wrap` and `stream_wrap`. */
interface Bindings {
  readonly TCP: new (type: number) => TcpHandle
  readonly TCPConnectWrap: new () => { oncomplete: (status: number) => void }
  readonly WriteWrap: new () => WriteRequest
  readonly socketType: number
  /** The binding leaves its numbers here; the indices say where. */
  readonly state: Int32Array
  readonly readBytesAt: number
  readonly offsetAt: number
  readonly wasAsyncAt: number
}

type Listeners = {
  data: (chunk: Buffer) => void
  end: () => void
  error: (error: Error) => void
  close: () => void
}

/** What is larger goes out in its parts: copies that Buffer's pool has no room for stay until the next collection. */
const MAX_COPIED_BYTES = 4095
/** libuv's end of a stream. */
const UV_EOF = -4095

/** Opens connections to IP addresses; `undefined` where this Node does not let us. */
export function loadTcp(): ((host: string, port: number) => Connection) | undefined {
  try {
    const bindings = readBindings()
    return bindings && ((host, port) => new TcpSocket(bindings, host, port))
  } catch {
    // Refused, as under Node's permission model.
    return undefined
  }
}

function readBindings(): Bindings | undefined {
  const { binding } = process as unknown as { binding(name: string): Record<string, unknown> }
  const { TCP, TCPConnectWrap, constants } = binding('tcp_wrap')
  const stream = binding('stream_wrap')
  const socketType = (constants as { SOCKET?: unknown } | undefined)?.SOCKET
  const bindings = {
    TCP,
    TCPConnectWrap,
    WriteWrap: stream.WriteWrap,
    socketType,
    state: stream.streamBaseState,
    readBytesAt: stream.kReadBytesOrError,
    offsetAt: stream.kArrayBufferOffset,
    wasAsyncAt: stream.kLastWriteWasAsync,
  }
  const { prototype } = TCP as { prototype: TcpHandle }
  const hasShape =
    bindings.state instanceof Int32Array &&
    [socketType, bindings.readBytesAt, bindings.offsetAt, bindings.wasAsyncAt].every(
      Number.isInteger,
    ) &&
    typeof TCPConnectWrap === 'function' &&
    typeof bindings.WriteWrap === 'function' &&
    METHODS.every(name => typeof prototype[name] === 'function')
  return hasShape ? (bindings as unknown as Bindings) : undefined
}

const METHODS = [
  'connect',
  'connect6',
  'setNoDelay',
  'readStart',
  'writeBuffer',
  'writeLatin1String',
  'writeUtf8String',
  'writev',
  'ref',
  'unref',
  'close',
] as const

interface Written {
  readonly bytes: Uint8Array
  readonly done: WriteDone | undefined
}

/** States: connecting (what is written waits) -> open -> closed, by an error, by the other side or by `destroy()`. */
class TcpSocket implements Connection {
  readonly #bindings: Bindings
  readonly #handle: TcpHandle
  readonly #listeners: Partial<Listeners> = {}
  /** What is not handed to the system yet: while connecting, and while corked. */
  #waiting: Written[] = []
  #isOpen = false
  #isClosed = false
  #isCorked = false
  writableLength = 0

  constructor(bindings: Bindings, host: string, port: number) {
    this.#bindings = bindings
    this.#handle = new bindings.TCP(bindings.socketType)
    const request = new bindings.TCPConnectWrap()
    request.oncomplete = status => this.#connected(status)
    const status = host.includes(':')
      ? this.#handle.connect6(request, host, port)
      : this.#handle.connect(request, host, port)
    if (status !== 0) process.nextTick(() => this.#fail('connect', status))
  }

  on<K extends keyof Listeners>(event: K, listener: Listeners[K]): this {
    this.#listeners[event] = listener
    return this
  }

  write(
    data: string | Uint8Array,
    encoding?: BufferEncoding | WriteDone,
    done?: WriteDone,
  ): boolean {
    const isText = typeof data === 'string'
    if (isText && typeof encoding !== 'function' && done === undefined && this.#isFree()) {
      this.#writeText(data, encoding === 'latin1')
      return this.writableLength === 0
    }
    const bytes = isText
      ? Buffer.from(data, typeof encoding === 'string' ? encoding : 'utf8')
      : data
    const written = { bytes, done: typeof encoding === 'function' ? encoding : done }
    if (this.#isClosed) {
      this.#lose([written])
      return false
    }
    this.#waiting.push(written)
    this.writableLength += bytes.length
    if (this.#isOpen && !this.#isCorked) this.#flush()
    return this.writableLength === 0
  }

  /** Nothing waits and nothing keeps what is written from going out at once. */
  #isFree(): boolean {
    return this.#isOpen && !this.#isCorked && this.#waiting.length === 0
  }

  /** A whole request, as nearly all are: encoded by the binding itself, without a buffer of ours. */
  #writeText(text: string, isLatin1: boolean): void {
    const request = new this.#bindings.WriteWrap()
    const status = isLatin1
      ? this.#handle.writeLatin1String(request, text)
      : this.#handle.writeUtf8String(request, text)
    if (status !== 0) {
      this.#fail('write', status)
      return
    }
    if (this.#bindings.state[this.#bindings.wasAsyncAt] === 0) return
    this.writableLength += text.length
    request.oncomplete = written => {
      this.writableLength = Math.max(0, this.writableLength - text.length)
      if (written !== 0) this.#fail('write', written)
    }
  }

  cork(): void {
    this.#isCorked = true
  }

  uncork(): void {
    this.#isCorked = false
    if (this.#isOpen) this.#flush()
  }

  ref(): void {
    if (!this.#isClosed) this.#handle.ref()
  }

  unref(): void {
    if (!this.#isClosed) this.#handle.unref()
  }

  destroy(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#isOpen = false
    this.#lose(this.#waiting)
    this.#waiting = []
    this.writableLength = 0
    this.#handle.close(() => this.#listeners.close?.())
  }

  /** What will not be sent any more is told so, later, as every answer to a write is. */
  #lose(parts: readonly Written[]): void {
    const told = parts.filter(part => part.done !== undefined)
    if (told.length === 0) return
    const error = Object.assign(new Error('write after the end'), {
      code: 'EPIPE',
      syscall: 'write',
    })
    process.nextTick(() => {
      for (const { done } of told) done?.(error)
    })
  }

  #connected(status: number): void {
    if (this.#isClosed) return
    if (status !== 0) {
      this.#fail('connect', status)
      return
    }
    this.#handle.setNoDelay(true)
    this.#handle.onread = chunk => this.#read(chunk)
    const reading = this.#handle.readStart()
    if (reading !== 0) {
      this.#fail('read', reading)
      return
    }
    this.#isOpen = true
    this.#flush()
  }

  #read(chunk: ArrayBuffer | undefined): void {
    const { state, readBytesAt, offsetAt } = this.#bindings
    const size = state[readBytesAt] ?? 0
    if (size > 0 && chunk !== undefined) {
      this.#listeners.data?.(Buffer.from(chunk, state[offsetAt], size))
    } else if (size === UV_EOF) {
      this.#listeners.end?.()
      this.destroy()
    } else if (size < 0) this.#fail('read', size)
  }

  /** One call to the system for all that waits. */
  #flush(): void {
    const [first] = this.#waiting
    if (first === undefined) return
    const parts = this.#waiting
    this.#waiting = []
    let size = 0
    for (const { bytes } of parts) size += bytes.length
    const request = new this.#bindings.WriteWrap()
    const finish = (error?: Error): void => {
      this.writableLength = Math.max(0, this.writableLength - size)
      for (const { done } of parts) done?.(error)
    }
    request.oncomplete = status => {
      if (status === 0) finish()
      else finish(this.#fail('write', status))
    }
    const data = parts.length === 1 ? first.bytes : join(parts, size)
    request.data = data
    const status = Array.isArray(data)
      ? this.#handle.writev(request, data, true)
      : this.#handle.writeBuffer(request, data)
    if (status !== 0) finish(this.#fail('write', status))
    else if (this.#bindings.state[this.#bindings.wasAsyncAt] === 0) finish()
  }

  #fail(operation: string, status: number): Error {
    const { getSystemErrorName } = process.getBuiltinModule('node:util')
    const code = getSystemErrorName(status)
    const error = Object.assign(new Error(`${operation} ${code}`), { code, syscall: operation })
    if (!this.#isClosed) this.#listeners.error?.(error)
    this.destroy()
    return error
  }
}

function join(parts: readonly Written[], size: number): Uint8Array | Uint8Array[] {
  const data = parts.map(part => part.bytes)
  return size > MAX_COPIED_BYTES ? data : Buffer.concat(data, size)
}
