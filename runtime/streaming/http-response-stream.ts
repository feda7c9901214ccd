// `awslambda.HttpResponseStream`: a stream whose first part, the prelude, is the status, headers and cookies of an HTTP
// response, for function URLs and API Gateway. On the wire: JSON, 8 NUL bytes, the body.
//   {"statusCode":201,"headers":{"x":"y"},"cookies":["a=b"]} 00 00 00 00 00 00 00 00 hello

import type { Complete } from '../contract.ts'
import type { WriteFirst } from './response-stream.ts'

export const PRELUDE_CONTENT_TYPE = 'application/vnd.awslambda.http-integration-response'
export const PRELUDE_END: Buffer = Buffer.alloc(8)

/** What is needed of a response stream; AWS's has both, and so has whatever wraps it. */
interface PreludeTarget {
  setContentType(contentType: string): void
  _onBeforeFirstWrite?: WriteFirst | undefined
  readonly _completePrelude?: Complete | undefined
}

/**
 * Puts the prelude in front of whatever the stream is given, also when that is nothing, and answers the same stream.
 * The prelude is sent as it is and never checked, but for what the invocation's observer adds to it.
 */
function from<T extends PreludeTarget>(stream: T, prelude?: unknown): T {
  stream.setContentType(PRELUDE_CONTENT_TYPE)
  const complete = stream._completePrelude
  const json = JSON.stringify(complete === undefined ? prelude : complete(prelude)) ?? '{}'
  stream._onBeforeFirstWrite = write => {
    write(json)
    write(PRELUDE_END)
  }
  return stream
}

interface HttpResponseStreamType {
  (): void
  readonly from: typeof from
}

/** A function, since AWS's is a class: `instanceof` and `typeof` give what they give there. */
export const HttpResponseStream: HttpResponseStreamType = Object.assign(
  function HttpResponseStream(): void {},
  { from },
)
