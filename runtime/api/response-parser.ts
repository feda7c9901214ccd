// Reads HTTP/1.1 responses from bytes as they come, without I/O. Written for one answer at a time on a connection
// that asks before it is answered: no pipelining, no upgrades. RFC 9112 sections 4-7.
import type { HttpResponse } from '../contract.ts'
import { ConnectionError } from '../errors.ts'

/** The Runtime API itself allows 1 MB of request headers; nothing answers with more. */
const MAX_HEAD_BYTES = 1024 * 1024
const HEAD_END = Buffer.from('\r\n\r\n')
/** A size in hex and its extensions. */
const MAX_CHUNK_LINE_BYTES = 4096
const NOTHING = Buffer.alloc(0)

interface Head {
  readonly statusCode: number
  readonly headers: Record<string, string>
  readonly keepsAlive: boolean
}

/** How the body ends: after so many bytes, by its own chunk framing, or with the connection. */
type Body =
  | { readonly framing: 'length'; readonly bytes: number }
  | { readonly framing: 'chunked'; readonly ready: Buffer[]; readyBytes: number }
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
  #hasStarted = false

  constructor(maxBodyBytes: number = Number.POSITIVE_INFINITY) {
    this.#maxBodyBytes = maxBodyBytes
  }

  /** Whether any byte of the response has come. */
  get hasStarted(): boolean {
    return this.#hasStarted
  }

  /** Once the status line has come. */
  get statusCode(): number | undefined {
    return this.#head?.statusCode
  }

  /** Whether the connection may serve again; known once the response is whole. */
  get keepsAlive(): boolean {
    return this.#head?.keepsAlive === true && this.#body?.framing !== 'close'
  }

  feed(chunk: Buffer): HttpResponse | undefined {
    let rest = chunk
    this.#hasStarted ||= chunk.length > 0
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
    const bytesSoFar = this.#join()
    const end = readChunks(bytesSoFar, body, size => this.#checkSize(size))
    if (end.isWhole) {
      if (end.at < bytesSoFar.length) throw malformed('nothing after the last chunk', 'more bytes')
      return { statusCode: head.statusCode, headers: head.headers, body: Buffer.concat(body.ready) }
    }
    // Only what is not yet a whole chunk is joined again when more comes.
    this.#parts = [bytesSoFar.subarray(end.at)]
    return undefined
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

interface ChunksEnd {
  readonly isWhole: boolean
  /** Where the bytes begin that are not read yet. */
  readonly at: number
}

/** Takes complete chunks out of `bytes`; whole after the last one and its trailers. */
function readChunks(
  bytes: Buffer,
  body: { readonly ready: Buffer[]; readyBytes: number },
  checkSize: (bytes: number) => void,
): ChunksEnd {
  for (let at = 0; ; ) {
    const line = readChunkLine(bytes, at)
    if (line === undefined) return { isWhole: false, at }
    if (line.size === 0) {
      const end = findTrailersEnd(bytes, line.end)
      return { isWhole: end !== undefined, at: end ?? at }
    }
    checkSize(body.readyBytes + line.size)
    const end = line.end + line.size
    if (bytes.length < end + 2) return { isWhole: false, at }
    if (bytes[end] !== 0x0d || bytes[end + 1] !== 0x0a) {
      throw malformed('CRLF after a chunk', 'other bytes')
    }
    body.ready.push(bytes.subarray(line.end, end))
    body.readyBytes += line.size
    at = end + 2
  }
}

function readChunkLine(bytes: Buffer, at: number): { size: number; end: number } | undefined {
  const lineEnd = bytes.indexOf('\r\n', at, 'latin1')
  if (lineEnd !== -1)
    return { size: parseChunkSize(bytes.toString('latin1', at, lineEnd)), end: lineEnd + 2 }
  if (bytes.length - at > MAX_CHUNK_LINE_BYTES) throw malformed('a chunk size', 'a long line')
  return undefined
}

/** Extensions after a semicolon mean nothing to us. */
function parseChunkSize(line: string): number {
  const digits = /^([0-9a-fA-F]{1,8})[ \t]*(?:;|$)/.exec(line)?.[1]
  if (digits === undefined) throw malformed('a chunk size', JSON.stringify(line.slice(0, 40)))
  return Number.parseInt(digits, 16)
}

/** The empty line that ends the trailers, which may be none. */
function findTrailersEnd(bytes: Buffer, start: number): number | undefined {
  if (bytes[start] === 0x0d && bytes[start + 1] === 0x0a) return start + 2
  const end = bytes.indexOf(HEAD_END, start)
  if (end !== -1) return end + HEAD_END.length
  if (bytes.length - start > MAX_HEAD_BYTES) throw malformed('the end of the trailers', 'more')
  return undefined
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
    const value = trimBlanks(line, colon + 1)
    const earlier = headers[name]
    headers[name] = earlier === undefined ? value : `${earlier}, ${value}`
  }
  const connection = (headers.connection ?? '').toLowerCase()
  const keepsAlive =
    status[1] === '1' ? !connection.includes('close') : connection.includes('keep-alive')
  return { statusCode: Number(status[2]), headers, keepsAlive }
}

/** Blanks and tabs only: trim() would also take bytes that belong to a value. */
function trimBlanks(line: string, from: number): string {
  let start = from
  let end = line.length
  while (start < end && isBlank(line.charCodeAt(start))) start++
  while (end > start && isBlank(line.charCodeAt(end - 1))) end--
  return line.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}

function bodyOf(head: Head): Body {
  if (head.statusCode === 204 || head.statusCode === 304) return { framing: 'length', bytes: 0 }
  const coding = head.headers['transfer-encoding']
  if (coding !== undefined) {
    if (coding.toLowerCase() !== 'chunked') throw malformed('transfer-encoding: chunked', coding)
    return { framing: 'chunked', ready: [], readyBytes: 0 }
  }
  const length = head.headers['content-length']
  if (length === undefined) return { framing: 'close' }
  if (!/^[0-9]{1,15}$/.test(length)) throw malformed('a content-length', JSON.stringify(length))
  return { framing: 'length', bytes: Number(length) }
}

function malformed(expected: string, got: string): ConnectionError {
  return new ConnectionError('HTTP_MALFORMED', `HTTP response: expected ${expected}, got ${got}`)
}
