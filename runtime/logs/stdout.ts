// Lines to file descriptor 1, written before the call returns: what was logged is out even if the process dies next.
// process.stdout would load a stream for it (4-6 ms of a cold start).
import { writeSync } from 'node:fs'

const STDOUT = 1
/** A pipe in non-blocking mode may be full; the reader gets this long to make room before a line is given up. */
const MAX_WAIT_MS = 1000

/** Writes one line; a reader that went away or stays stuck loses it, never the invocation. */
export function writeLine(line: string): void {
  let rest = Buffer.from(`${line}\n`)
  let waitedMs = 0
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(STDOUT, rest))
    } catch (error) {
      const isFull = (error as NodeJS.ErrnoException).code === 'EAGAIN'
      if (!isFull || waitedMs >= MAX_WAIT_MS) return
      waitedMs++
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
    }
  }
}
