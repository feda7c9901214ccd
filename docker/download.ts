// One file by HTTP, whole, with limits of size and time.
import { BuildError } from './errors.ts'

/** The largest that is asked for, a tarball of Node 26, has 63 MB. */
const LIMIT_BYTES = 256 * 1024 * 1024
const TIME_LIMIT_MS = 300_000

/** Throws a `BuildError` that names `url`. */
export async function download(url: string): Promise<Buffer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIME_LIMIT_MS) }).catch(cause => {
    throw new BuildError(`${url}: could not be fetched`, { cause })
  })
  if (!response.ok || response.body === null)
    throw new BuildError(`${url}: expected status 200, got ${response.status}`)
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of response.body) {
    bytes += part.length
    if (bytes > LIMIT_BYTES) throw new BuildError(`${url}: expected at most ${LIMIT_BYTES} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts)
}
