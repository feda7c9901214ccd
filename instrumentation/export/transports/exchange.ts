// One request to a collector, through what a freeze does to it: kept connections die, and a process that was stopped has
// not given the collector its time. Spans have ids: the worst that can come of a repetition is that one arrives twice.
import type { HttpClient, HttpRequest, HttpResponse } from '../../../runtime/contract.ts'

/** An exchange that ends so long after its time says that the process was stopped, or kept busy, meanwhile. */
const STOPPED_MS = 1000

/**
 * The answer within the time given. Repeated at once, on a new connection, where a kept one was dead, and once, with
 * the whole time again, where the process was stopped. Rejects as the client does.
 */
export async function exchange(
  client: HttpClient,
  request: HttpRequest,
  timeoutMs: number,
): Promise<HttpResponse> {
  let untilMs = Date.now() + timeoutMs
  let wasStopped = false
  let onNewConnection = false
  for (;;) {
    try {
      const leftMs = Math.max(1, untilMs - Date.now())
      return await client.request({ ...request, onNewConnection, timeoutMs: leftMs })
    } catch (error) {
      // A status that came all the same counts: what was taken must not be sent twice.
      if (statusOf(error) !== undefined) throw error
      const nowMs = Date.now()
      if (!wasStopped && nowMs - untilMs >= STOPPED_MS) {
        wasStopped = true
        untilMs = nowMs + timeoutMs
      } else if (!isStale(error) || nowMs >= untilMs) throw error
      onNewConnection = true
    }
  }
}

/** Of an answer that broke off. */
export function statusOf(error: unknown): number | undefined {
  const status: unknown = (error as { statusCode?: unknown } | null)?.statusCode
  return typeof status === 'number' ? status : undefined
}

/** A kept connection was dead, as they are after a freeze. A new one cannot be. */
function isStale(error: unknown): boolean {
  return (error as { maybeStale?: unknown } | null)?.maybeStale === true
}
