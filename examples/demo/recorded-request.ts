// A request as a server received it, kept so that the demo can show what arrived and not what was meant to be sent.
import type { IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'

export interface RecordedRequest {
  readonly method: string
  readonly path: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export async function recordRequest(request: IncomingMessage): Promise<RecordedRequest> {
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)])
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    headers: Object.fromEntries(headers),
    body: await buffer(request),
  }
}
