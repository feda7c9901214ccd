// `Retry-After`: how long a collector asks to be left alone. RFC 9110 section 10.2.3.

/** What asks for more, or for nonsense, is not worth the spans that would be lost by then. */
const MAX_WAIT_MS = 300_000

type Headers = Readonly<Record<string, string>>

/** Milliseconds from now, 0 to five minutes; `undefined` where the header says nothing that can be used. */
export function readRetryAfter(headers: Headers, nowMs: number): number | undefined {
  const value = headers['retry-after']
  if (value === undefined) return undefined
  const waitMs = /^[0-9]+$/.test(value)
    ? Number(value) * 1000
    : // A date is the collector's: its own clock says how far away that is.
      Date.parse(value) - (readDate(headers) ?? nowMs)
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(0, waitMs), MAX_WAIT_MS)
}

/** The other side's clock, epoch milliseconds. */
export function readDate(headers: Headers): number | undefined {
  const dateMs = Date.parse(headers.date ?? '')
  return Number.isNaN(dateMs) ? undefined : dateMs
}
