// The sending half of a request whose body comes piece by piece: chunked framing with trailers, RFC 9112 section 7.1.
// The head goes out with the first piece, so that the first byte costs one packet.
import type { Connection, WriteDone } from '../contract.ts'
import { ConnectionError } from '../errors.ts'
import { ChunkBuffer, type Piece, sizeOf } from './chunk-buffer.ts'

export interface ChunkedBody {
  /**
   * Sends the pieces as one chunk and answers their bytes; none at all send only the head, if that has not gone yet.
   * `done` is told when the system took them, or why it did not, and never before the call returns.
   */
  write(pieces: readonly Piece[], done: WriteDone): number
  /** Ends the body, with trailers if there are any. Nothing may be written after it. */
  end(trailers: Readonly<Record<string, string>> | undefined, done: WriteDone): void
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
const CLOSED_EARLY = 'the connection was closed before the end of the body'

export function createChunkedBody(options: ChunkedBodyOptions): ChunkedBody {
  const { socket, isOpen, onEnd } = options
  const buffer = new ChunkBuffer()
  let { head } = options

  function send(parts: readonly Piece[], done: WriteDone): void {
    // A socket may tell at once that the system had room. A writable stream is told a tick later: else it never fills,
    // its high-water mark means nothing, and what is written in one tick does not share a packet.
    let hasReturned = false
    const finish: WriteDone = error => {
      if (hasReturned) done(error)
      else process.nextTick(done, error)
    }
    if (!isOpen()) finish(new ConnectionError('CONNECTION_CLOSED', CLOSED_EARLY))
    else if (parts.length === 0) finish()
    else hand(parts, finish)
    hasReturned = true
  }

  /** One packet for all of it. */
  function hand(parts: readonly Piece[], done: WriteDone): void {
    socket.cork()
    parts.forEach((part, index) => {
      const callback = index === parts.length - 1 ? done : undefined
      if (typeof part === 'string') socket.write(part, 'utf8', callback)
      else socket.write(part, callback)
    })
    socket.uncork()
  }

  function takeHead(): string {
    const taken = head
    head = ''
    return taken
  }

  return {
    write(pieces, done) {
      const size = sizeOf(pieces)
      const start = takeHead()
      // A chunk of no bytes would end the body.
      if (size === 0) {
        send(start === '' ? [] : [start], done)
        return size
      }
      const front = `${start}${size.toString(16)}${CRLF}`
      const chunk = buffer.frame(front, pieces, size)
      if (chunk === undefined) send([front, ...pieces, CRLF], done)
      else {
        send([chunk], error => {
          buffer.release()
          done(error)
        })
      }
      return size
    },
    end(trailers, done) {
      let text = `${takeHead()}0${CRLF}`
      for (const name in trailers) text += `${name}: ${trailers[name]}${CRLF}`
      send([text + CRLF], done)
      onEnd()
    },
  }
}
