// The handler's second argument: Node's Writable, with the two things that AWS adds to it.
import { Writable } from 'node:stream'
import { types } from 'node:util'
import type { Piece } from '../api/chunk-buffer.ts'
import type { Complete, WriteDone } from '../contract.ts'
import { InvalidStreamingOperationError } from '../errors.ts'

/** Where a response stream's bytes go. */
export interface ResponseSink {
  setContentType(contentType: string): void
  /** `done` is called when there is room for more. */
  write(pieces: readonly Piece[], done: WriteDone): void
  end(done: WriteDone): void
  /** The stream was destroyed, by an error or by the user, and that before its end unless `end` was called. */
  abandon(error: Error | null): void
}

interface Chunk {
  readonly chunk: Piece
  readonly encoding: string
}

/** What goes out in front of everything; given a `write` of its own. */
export type WriteFirst = (write: (chunk: unknown) => boolean) => void

/**
 * Takes strings and bytes as they are; anything else is written as JSON. Being destroyed, as by a pipeline whose source
 * failed, does not break the answer: what was written before is sent, and the runtime ends it with the error.
 */
export class ResponseStream extends Writable {
  /** Called in front of the first byte, or of an end without any; what it writes goes out with that. */
  _onBeforeFirstWrite: WriteFirst | undefined
  /** Adds to the prelude that is put in front of it; only declared, so that a stream has it where it is set. */
  declare _completePrelude?: Complete
  readonly #sink: ResponseSink
  #hasBegun = false

  constructor(sink: ResponseSink, highWaterMark: number | undefined) {
    // Text stays text until it is put on the wire, all of a tick together.
    super({ decodeStrings: false, ...(highWaterMark !== undefined && { highWaterMark }) })
    this.#sink = sink
    // Errors reach the runtime by the sink; an event without a listener would end the process.
    this.on('error', () => {})
  }

  /** Replaces the content type. Throws InvalidStreamingOperationError once the first byte was written. */
  setContentType(contentType: string): void {
    if (this.#hasBegun) {
      throw new InvalidStreamingOperationError('Cannot set content-type, too late.')
    }
    this.#sink.setContentType(contentType)
  }

  override write(chunk: unknown, callback?: WriteDone): boolean
  override write(chunk: unknown, encoding?: BufferEncoding, callback?: WriteDone): boolean
  override write(chunk: unknown, ...rest: WriteArguments): boolean {
    const data = toData(chunk)
    // Node refuses null, undefined and the like in its own words.
    if (!isData(data) || this.#hasBegun) return super.write(data, ...asNode(rest))
    this.cork()
    try {
      this.#begin()
      return super.write(data, ...asNode(rest))
    } finally {
      this.uncork()
    }
  }

  override end(callback?: () => void): this
  override end(chunk: unknown, callback?: () => void): this
  override end(chunk: unknown, encoding?: BufferEncoding, callback?: () => void): this
  override end(...args: EndArguments): this {
    if (!this.#hasBegun && !this.writableEnded) {
      // An end of its own accord sends what was held back.
      this.cork()
      this.#begin()
    }
    const [first, ...rest] = args
    const hasChunk = typeof first !== 'function' && first !== undefined
    return super.end(...((hasChunk ? [toData(first), ...rest] : args) as []))
  }

  override destroy(error?: Error): this {
    if (!this.destroyed && !this.writableFinished) {
      // Writable drops what it still holds.
      const { writableBuffer } = this as unknown as { readonly writableBuffer: readonly Chunk[] }
      if (writableBuffer.length > 0) this._writev(writableBuffer, () => {})
      if (this.writableEnded) this.#sink.end(() => {})
    }
    return super.destroy(error)
  }

  override _write(chunk: Piece, encoding: string, done: WriteDone): void {
    this.#sink.write([toPiece({ chunk, encoding })], done)
  }

  override _writev(chunks: readonly Chunk[], done: WriteDone): void {
    this.#sink.write(chunks.map(toPiece), done)
  }

  override _final(done: WriteDone): void {
    this.#hasBegun = true
    this.#sink.end(done)
  }

  override _destroy(error: Error | null, done: WriteDone): void {
    if (!this.writableFinished) this.#sink.abandon(error)
    done(error)
  }

  #begin(): void {
    this.#hasBegun = true
    this._onBeforeFirstWrite?.(chunk => super.write(toData(chunk)))
  }
}

type WriteArguments = [(BufferEncoding | WriteDone)?, WriteDone?]
type EndArguments = [unknown?, (BufferEncoding | (() => void))?, (() => void)?]

/** Writable's overloads cannot be told apart by the compiler; at run time they are one function. */
function asNode(rest: WriteArguments): [BufferEncoding, WriteDone] {
  return rest as [BufferEncoding, WriteDone]
}

function isData(data: unknown): data is string | Uint8Array {
  return typeof data === 'string' || types.isUint8Array(data)
}

function toData(chunk: unknown): unknown {
  return chunk === null || isData(chunk) ? chunk : JSON.stringify(chunk)
}

/** Text of another encoding than the wire's stands for bytes. */
function toPiece({ chunk, encoding }: Chunk): Piece {
  const isPlain = typeof chunk !== 'string' || encoding === 'utf8' || encoding === 'utf-8'
  return isPlain ? chunk : Buffer.from(chunk, encoding as BufferEncoding)
}
