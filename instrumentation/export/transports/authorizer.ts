// What makes a collector trust a request: keys that are fetched, and signatures.
import type { HttpResponse } from '../../../runtime/contract.ts'

export type Headers = Readonly<Record<string, string>>

/** A request that is about to be sent. */
export interface Unauthorized {
  readonly method: 'POST' | 'GET'
  readonly url: URL
  readonly headers: Headers
  readonly body: Uint8Array | undefined
}

export interface Authorizer {
  /** The request's headers with what it adds. Rejects, with a message fit for a log, when that cannot be had now. */
  authorize(request: Unauthorized, timeoutMs: number): Promise<Headers>
  /** Told of a 400, 401 or 403. True when the same request, authorized again, may be taken. */
  learn(response: HttpResponse): boolean
}

/** Statuses by which a server says that it does not trust a request: AWS says some of it with 400. */
export function isDistrust(statusCode: number): boolean {
  return statusCode === 401 || statusCode === 403 || statusCode === 400
}

/** Later ones win, in whatever case their names are written. */
export function mergeHeaders(...sources: readonly Headers[]): Record<string, string> {
  const merged = new Map<string, [name: string, value: string]>()
  for (const source of sources) {
    for (const [name, value] of Object.entries(source))
      merged.set(name.toLowerCase(), [name, value])
  }
  return Object.fromEntries(merged.values())
}
