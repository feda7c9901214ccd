// How a streamed answer reports a failure: in two trailers behind the body, since its status has long been sent.
import { ERROR_BODY_TRAILER, ERROR_TYPE_TRAILER } from '../api/client.ts'
import { describeError, type ErrorDescription } from '../failure/describe-error.ts'

/**
 * The Runtime API is a Go server, and Go's refuses a request whose trailers with the empty line after them pass 4096
 * bytes (`bufio`'s buffer; net/http, `seeUpcomingDoubleCRLF`): then the caller would not get even the body.
 */
const MAX_SECTION_BYTES = 4096
const SECTION_OVERHEAD_BYTES: number =
  ERROR_TYPE_TRAILER.length + ERROR_BODY_TRAILER.length + ': \r\n: \r\n\r\n'.length
const MAX_TYPE_CHARACTERS = 256

export type Trailers = Readonly<Record<string, string>>

/** Whatever was thrown, as trailers of ASCII; of a long error the end of its stack is left out, then of its message. */
export function describeErrorInTrailers(thrown: unknown): Trailers {
  const description = describeError(thrown)
  const { errorType } = description
  const isHeaderSafe = errorType.length <= MAX_TYPE_CHARACTERS && /^[\x21-\x7e]+$/.test(errorType)
  const type = isHeaderSafe ? errorType : 'Error'
  const maxBase64 = MAX_SECTION_BYTES - SECTION_OVERHEAD_BYTES - type.length
  // Base64 makes four bytes of three.
  const body = writeWithin(description, Math.floor(maxBase64 / 4) * 3)
  return { [ERROR_TYPE_TRAILER]: type, [ERROR_BODY_TRAILER]: body.toString('base64') }
}

/** JSON of at most so many bytes, and of as much of the error as fits. */
function writeWithin(description: ErrorDescription, maxBytes: number): Buffer {
  let { errorType, errorMessage } = description
  let free: number
  for (;;) {
    free = maxBytes - sizeOf({ errorType, errorMessage, trace: [] })
    if (free >= 0) break
    if (errorMessage.length > errorType.length) errorMessage = shorten(errorMessage, maxBytes)
    else errorType = shorten(errorType, maxBytes)
  }
  const trace: string[] = []
  for (const line of description.trace) {
    // And a comma.
    free -= sizeOf(line) + 1
    if (free < 0) break
    trace.push(line)
  }
  return Buffer.from(JSON.stringify({ errorType, errorMessage, trace }))
}

function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}

/** At first what could fit at all, then half of it each time: escapes take up to six bytes a character. */
function shorten(text: string, maxBytes: number): string {
  return text.slice(0, text.length > maxBytes ? maxBytes : Math.floor(text.length / 2))
}
