// Reads HTTP/1.1 responses from bytes as they come, without I/O. Written for one answer at a time on a connection
// that asks before it is answered: no pipelining, no upgrades. RFC 9112 sections 4-7.
import type { HttpResponse } from '../contract.ts'
import { ConnectionError } from '../errors.ts'

/** The Runtime API itself allows 1 MB of request headers; nothing answers with more. */
const MAX_HEAD_BYTES = 1024 * 1024
const HEAD_END = Buffer.from('\r\n\r\n')
const NOTHING = Buffer.alloc(0)

interface Head {
  readonly statusCode: number
  readonly headers: Record<string, string>
  readonly keepsAlive: boolean
}

/** How the body ends: after so many bytes, by its own chunk framing, or with the connection. */
type Body =
  | { readonly framing: 'length'; readonly bytes: number }
  | { readonly framing: 'chunked'; at: number; ready: Buffer[] }
  | { readonly framing: 'close' }

/**
 * One response. `feed()` answers it once it is whole and `undefined` before; bytes after its end are an error, since
 * nothing was asked. Throws ConnectionError HTTP_MALFORMED.
 */
export class ResponseParser {
  readonly #maxBodyBytes: number
  #pending: Buffer = NOTHING
  #parts: Buffer[] = []
  #size = 0
  #head: Head | undefined
  #body: Body | undefined

  constructor(maxBodyBytes: number = Number.POSITIVE_INFINITY) {
    this.#maxBodyBytes = maxBodyBytes
  }

  /** Whether any byte of the response has come. */
  get hasStarted(): boolean {
    return this.#head !== undefined || this.#size > 0 || this.#pending.length > 0
  }

  /** Whether the connection may serve again; known once the response is whole. */
  get keepsAlive(): boolean {
    return this.#head?.keepsAlive === true && this.#body?.framing !== 'close'
  }

  feed(chunk: Buffer): HttpResponse | undefined {
    let rest = chunk
    while (this.#head === undefined) {
      const bytes = this.#pending.length === 0 ? rest : Buffer.concat([this.#pending, rest])
      const end = bytes.indexOf(HEAD_END)
      if (end > MAX_HEAD_BYTES || (end === -1 && bytes.length > MAX_HEAD_BYTES)) {
        throw malformed(
          `a header section of at most ${MAX_HEAD_BYTES} bytes`,
          `${bytes.length} bytes`,
        )
      }
      if (end === -1) {
        this.#pending = bytes
        return undefined
      }
      this.#pending = NOTHING
      const head = parseHead(bytes.toString('latin1', 0, end))
      rest = bytes.subarray(end + HEAD_END.length)
      // 1xx answers come before the real one.
      if (head.statusCode >= 200) {
        this.#head = head
        this.#body = bodyOf(head)
      } else if (rest.length === 0) return undefined
    }
    return this.#take(this.#head, rest)
  }

  /** The connection was closed by the other side: the answer if that is how its body ends. */
  end(): HttpResponse | undefined {
    return this.#head !== undefined && this.#body?.framing === 'close'
      ? this.#whole(this.#head)
      : undefined
  }

  #take(head: Head, bytes: Buffer): HttpResponse | undefined {
    if (bytes.length > 0) {
      this.#parts.push(bytes)
      this.#size += bytes.length
    }
    const body = this.#body
    if (body === undefined || body.framing === 'close') {
      this.#checkSize(this.#size)
      return undefined
    }
    if (body.framing === 'length') {
      this.#checkSize(body.bytes)
      if (this.#size < body.bytes) return undefined
      if (this.#size > body.bytes) throw malformed(`a body of ${body.bytes} bytes`, `${this.#size}`)
      return this.#whole(head)
    }
    this.#checkSize(this.#size)
    const bytesSoFar = this.#join()
    const isWhole = readChunks(bytesSoFar, body)
    // Only what is not yet a whole chunk is joined again when more comes.
    this.#parts = [bytesSoFar.subarray(body.at)]
    body.at = 0
    return isWhole
      ? { statusCode: head.statusCode, headers: head.headers, body: Buffer.concat(body.ready) }
      : undefined
  }

  #whole(head: Head): HttpResponse {
    return { statusCode: head.statusCode, headers: head.headers, body: this.#join() }
  }

  #join(): Buffer {
    const [first] = this.#parts
    return this.#parts.length === 1 && first !== undefined ? first : Buffer.concat(this.#parts)
  }

  #checkSize(bytes: number): void {
    if (bytes > this.#maxBodyBytes) {
      throw malformed(`a body of at most ${this.#maxBodyBytes} bytes`, `${bytes} or more`)
    }
  }
}

/** Advances over complete chunks; true after the last one and its trailers. */
function readChunks(bytes: Buffer, body: { at: number; ready: Buffer[] }): boolean {
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', body.at, 'latin1')
    if (lineEnd === -1) return false
    const line = bytes.toString('latin1', body.at, lineEnd)
    const digits = (line.split(';', 1)[0] ?? '').trim()
    if (!/^[0-9a-fA-F]{1,8}$/.test(digits))
      throw malformed('a chunk size', JSON.stringify(line.slice(0, 40)))
    const size = Number.parseInt(digits, 16)
    const start = lineEnd + 2
    if (size === 0) return hasTrailersEnd(bytes, start)
    const end = start + size
    if (bytes.length < end + 2) return false
    if (bytes[end] !== 0x0d || bytes[end + 1] !== 0x0a)
      throw malformed('CRLF after a chunk', 'other bytes')
    body.ready.push(bytes.subarray(start, end))
    body.at = end + 2
  }
}

function hasTrailersEnd(bytes: Buffer, start: number): boolean {
  if (bytes.length < start + 2) return false
  return (
    (bytes[start] === 0x0d && bytes[start + 1] === 0x0a) || bytes.indexOf(HEAD_END, start) !== -1
  )
}

function parseHead(text: string): Head {
  const lines = text.split('\r\n')
  const statusLine = lines[0] ?? ''
  const status = /^HTTP\/1\.([01]) ([1-9][0-9]{2})(?: |$)/.exec(statusLine)
  if (status === null)
    throw malformed('an HTTP/1.1 status line', JSON.stringify(statusLine.slice(0, 80)))
  const headers: Record<string, string> = Object.create(null)
  for (let index = 1; index < lines.length; index++) {
    const line = lines[index] ?? ''
    const colon = line.indexOf(':')
    if (colon < 1) throw malformed('"name: value" header lines', JSON.stringify(line.slice(0, 80)))
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    const earlier = headers[name]
    headers[name] = earlier === undefined ? value : `${earlier}, ${value}`
  }
  const connection = (headers.connection ?? '').toLowerCase()
  const keepsAlive =
    status[1] === '1' ? !connection.includes('close') : connection.includes('keep-alive')
  return { statusCode: Number(status[2]), headers, keepsAlive }
}

function bodyOf(head: Head): Body {
  if (head.statusCode === 204 || head.statusCode === 304) return { framing: 'length', bytes: 0 }
  const coding = head.headers['transfer-encoding']
  if (coding !== undefined) {
    if (coding.toLowerCase() !== 'chunked') throw malformed('transfer-encoding: chunked', coding)
    return { framing: 'chunked', at: 0, ready: [] }
  }
  const length = head.headers['content-length']
  if (length === undefined) return { framing: 'close' }
  if (!/^[0-9]{1,15}$/.test(length)) throw malformed('a content-length', JSON.stringify(length))
  return { framing: 'length', bytes: Number(length) }
}

function malformed(expected: string, got: string): ConnectionError {
  return new ConnectionError('HTTP_MALFORMED', `HTTP response: expected ${expected}, got ${got}`)
}
