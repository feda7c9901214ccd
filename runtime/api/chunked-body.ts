// The sending half of a request whose body comes piece by piece: chunked framing with trailers, RFC 9112 section 7.1.
// The head goes out with the first piece, so that the first byte costs one packet.
import type { Connection } from '../contract.ts'
import { ConnectionError } from '../errors.ts'

/** Told when the system took what was written, or why it did not; never before the call returns. */
export type Done = (error?: Error | null) => void

export interface ChunkedBody {
  /** Sends the parts as one chunk; no bytes at all send only the head, if that has not gone yet. */
  write(parts: readonly Uint8Array[], done: Done): void
  /** Ends the body, with trailers if there are any. Nothing may be written after it. */
  end(trailers: Readonly<Record<string, string>> | undefined, done: Done): void
}

export interface ChunkedBodyOptions {
  readonly socket: Connection
  readonly head: string
  /** False once the exchange is over: the socket may be serving another one, or be gone. */
  readonly isOpen: () => boolean
  /** Called when the last byte was handed to the socket. */
  readonly onEnd: () => void
}

const CRLF = '\r\n'
/** On average. */
const MAX_SMALL_BYTES = 4096
const CLOSED_EARLY = 'the connection was closed before the end of the body'

export function createChunkedBody(options: ChunkedBodyOptions): ChunkedBody {
  const { socket, isOpen, onEnd } = options
  let { head } = options

  function send(pieces: readonly (string | Uint8Array)[], done: Done): void {
    // A socket may tell at once that the system had room. A writable stream is told a tick later: else it never fills,
    // its high-water mark means nothing, and what is written in one tick does not share a packet.
    let hasReturned = false
    const finish: Done = error => {
      if (hasReturned) done(error)
      else process.nextTick(done, error)
    }
    if (!isOpen()) finish(new ConnectionError('CONNECTION_CLOSED', CLOSED_EARLY))
    else if (pieces.length === 0) finish()
    else write(pieces, finish)
    hasReturned = true
  }

  /** One packet for all of it. */
  function write(pieces: readonly (string | Uint8Array)[], done: Done): void {
    socket.cork()
    pieces.forEach((piece, index) => {
      const callback = index === pieces.length - 1 ? done : undefined
      if (typeof piece === 'string') socket.write(piece, 'latin1', callback)
      else socket.write(piece, callback)
    })
    socket.uncork()
  }

  function takeHead(): string {
    const taken = head
    head = ''
    return taken
  }

  return {
    write(parts, done) {
      let size = 0
      for (const part of parts) size += part.length
      const start = takeHead()
      // A chunk of no bytes would end the body.
      if (size === 0) send(start === '' ? [] : [start], done)
      else send([`${start}${size.toString(16)}${CRLF}`, ...pack(parts, size), CRLF], done)
    },
    end(trailers, done) {
      let text = `${takeHead()}0${CRLF}`
      for (const name in trailers) text += `${name}: ${trailers[name]}${CRLF}`
      send([text + CRLF], done)
      onEnd()
    },
  }
}

/** Many small parts are one: each would cost the system more than the copy does. */
function pack(parts: readonly Uint8Array[], size: number): readonly Uint8Array[] {
  const isSmall = parts.length > 1 && size < parts.length * MAX_SMALL_BYTES
  return isSmall ? [Buffer.concat(parts, size)] : parts
}
