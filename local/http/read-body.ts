// Reads a request's body up to a limit. What is above it is still read, and thrown away: a client that is cut off
// while it sends sees a reset connection instead of the status that says why.
import type { IncomingMessage } from 'node:http'

export interface ReceivedBody {
  /** The first `limitBytes` of the body, which is all of it when `sizeBytes` is not above the limit. */
  readonly bytes: Buffer
  readonly sizeBytes: number
  /** The connection ended before the body did. */
  readonly isTruncated: boolean
}

/** Resolves when the body has ended or the connection has; never rejects. */
export async function readBody(
  request: IncomingMessage,
  limitBytes: number,
): Promise<ReceivedBody> {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  let isTruncated = false
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      const roomBytes = limitBytes - sizeBytes
      if (roomBytes > 0) chunks.push(chunk.subarray(0, roomBytes))
      sizeBytes += chunk.length
    }
  } catch {
    isTruncated = true
  }
  return { bytes: Buffer.concat(chunks), sizeBytes, isTruncated }
}
