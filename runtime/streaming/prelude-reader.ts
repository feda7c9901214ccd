// Finds the prelude of a streamed HTTP response in the bytes that go out: whoever writes it, `HttpResponseStream.from`
// or a framework by hand, the status in it says how the request went.
import type { Piece } from '../api/chunk-buffer.ts'
import { PRELUDE_END } from './http-response-stream.ts'

const NOTHING = Buffer.alloc(0)
/** Headers and cookies; a service in front takes no more. Without an end by then, there is no prelude. */
const MAX_PRELUDE_BYTES = 64 * 1024

export class PreludeReader {
  #seen: Buffer = NOTHING
  #isOver = false
  #prelude: unknown
  /** Bytes of the prelude with its end, once that has come; 0 before, and when there is none. */
  length = 0

  /** What the prelude says; `undefined` when there is none, or none that is JSON. */
  get prelude(): unknown {
    return this.#prelude
  }

  read(piece: Piece): void {
    if (this.#isOver) return
    this.#seen = Buffer.concat([this.#seen, typeof piece === 'string' ? Buffer.from(piece) : piece])
    const end = this.#seen.indexOf(PRELUDE_END)
    if (end === -1 && this.#seen.length <= MAX_PRELUDE_BYTES) return
    this.#isOver = true
    if (end !== -1) {
      this.length = end + PRELUDE_END.length
      this.#prelude = parse(this.#seen.toString('utf8', 0, end))
    }
    this.#seen = NOTHING
  }
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
