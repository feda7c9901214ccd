// How a function says that it streams: by a mark on it, which `awslambda.streamifyResponse` sets. The symbols are
// AWS's; libraries that wrap handlers copy them.
import { MalformedStreamingHandlerError } from '../errors.ts'
import type { Handler } from '../handler/load.ts'

const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming')
const HIGH_WATER_MARK = Symbol.for('aws.lambda.runtime.handler.streaming.highWaterMark')
const STREAMS_RESPONSE = 'response'

type Marked = Handler & { [STREAMING]?: unknown; [HIGH_WATER_MARK]?: unknown }

export interface StreamingMode {
  /** Bytes that the response stream takes before `write` answers false; absent means Node's default. */
  readonly highWaterMark: number | undefined
}

/** Marks the function as one that streams, and answers the same function. */
export function streamifyResponse<T extends Handler>(
  handler: T,
  options?: { readonly highWaterMark?: number },
): T {
  const marked: Marked = handler
  marked[STREAMING] = STREAMS_RESPONSE
  if (options?.highWaterMark !== undefined) marked[HIGH_WATER_MARK] = options.highWaterMark
  return handler
}

/** How the handler streams; `undefined` when it answers as a whole. Throws MalformedStreamingHandlerError. */
export function streamingModeOf(handler: Handler): StreamingMode | undefined {
  const { [STREAMING]: mode, [HIGH_WATER_MARK]: mark }: Marked = handler
  if (!mode) return undefined
  if (mode !== STREAMS_RESPONSE) {
    throw new MalformedStreamingHandlerError('Only response streaming is supported.')
  }
  const highWaterMark = Number.parseInt(String(mark), 10)
  return { highWaterMark: highWaterMark >= 0 ? highWaterMark : undefined }
}
