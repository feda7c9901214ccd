// Puts the many small pieces that a tick wrote into one buffer, framed as one chunk. A new buffer for each would be left
// to the collector, which comes only after tens of megabytes: as much as a small function has.

/** Text is sent as UTF-8. */
export type Piece = string | Uint8Array

/** Pieces larger than this on average go out as they are: the copy would cost more than the system's extra work. */
const MAX_SMALL_BYTES = 4096
/** Twice what a stream takes in by default, as its pieces come to in one tick. */
const MAX_BUFFER_BYTES = 128 * 1024
const NOTHING = Buffer.alloc(0)
const CRLF = '\r\n'

export function sizeOf(pieces: readonly Piece[]): number {
  let size = 0
  for (const piece of pieces) {
    size += typeof piece === 'string' ? Buffer.byteLength(piece) : piece.length
  }
  return size
}

/** One buffer, for one chunk at a time. */
export class ChunkBuffer {
  #bytes: Buffer = NOTHING
  #isInUse = false

  /**
   * The chunk with what goes in front of it, valid until `release`. `undefined` when the pieces are better sent as they
   * are, or the last chunk has not left.
   */
  frame(start: string, pieces: readonly Piece[], size: number): Uint8Array | undefined {
    const length = start.length + size + CRLF.length
    const isSmall = pieces.some(isText) || size < pieces.length * MAX_SMALL_BYTES
    if (this.#isInUse || !isSmall || length > MAX_BUFFER_BYTES) return undefined
    // Grown by doubling: how much a tick writes is seen by and by.
    if (this.#bytes.length < length) this.#bytes = Buffer.allocUnsafeSlow(length * 2)
    this.#isInUse = true
    const bytes = this.#bytes
    let at = bytes.write(start, 'latin1')
    for (const piece of pieces) {
      if (typeof piece === 'string') at += bytes.write(piece, at)
      else {
        bytes.set(piece, at)
        at += piece.length
      }
    }
    at += bytes.write(CRLF, at, 'latin1')
    return bytes.subarray(0, at)
  }

  release(): void {
    this.#isInUse = false
  }
}

function isText(piece: Piece): boolean {
  return typeof piece === 'string'
}
