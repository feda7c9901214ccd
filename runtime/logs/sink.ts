// Where log lines go, each written before the call returns: what was logged is out even if the process dies next.
import { writeSync } from 'node:fs'
import type { LogFormat, LogLevel } from './levels.ts'
import { formatText, formatTextLine, type LineContext } from './line.ts'

export interface LogSink {
  readonly formatText: (context: LineContext, args: readonly unknown[]) => string
  /** `timeMs` is when it was logged, epoch milliseconds. */
  write(line: string, level: LogLevel, format: LogFormat, timeMs: number): void
}

const STDOUT = 1
/** A pipe in non-blocking mode may be full; the reader gets this long to make room before a line is given up. */
const MAX_WAIT_MS = 1000

/** Lines on stdout. process.stdout would load a stream for it (4-6 ms of a cold start). */
export const stdoutSink: LogSink = {
  formatText: formatTextLine,
  write: line => writeWhole(STDOUT, Buffer.from(`${line}\n`)),
}

const FRAME_HEADER_BYTES = 16
const FRAME_TEXT = 0xa55a0003
const FRAME_JSON = 0xa55a0002
/** Bits that name the level in a frame's type. */
const LEVEL_BITS: Readonly<Record<LogLevel, number>> = {
  TRACE: 4,
  DEBUG: 8,
  INFO: 12,
  WARN: 16,
  ERROR: 20,
  FATAL: 24,
}
const TWO_POW_32 = 0x1_0000_0000

/**
 * Frames on the descriptor of `_LAMBDA_TELEMETRY_LOG_FD`, all big-endian: u32 type, i32 length of the message in bytes,
 * i64 microseconds since the epoch, message.
 */
export function createFrameSink(descriptor: number): LogSink {
  return {
    formatText,
    write(line, level, format, timeMs) {
      const message = Buffer.from(format === 'text' ? `${line}\n` : line)
      const header = Buffer.alloc(FRAME_HEADER_BYTES)
      const microseconds = timeMs * 1000
      header.writeUInt32BE(
        ((format === 'text' ? FRAME_TEXT : FRAME_JSON) | LEVEL_BITS[level]) >>> 0,
        0,
      )
      header.writeInt32BE(message.length, 4)
      header.writeUInt32BE(Math.floor(microseconds / TWO_POW_32), 8)
      header.writeUInt32BE(microseconds % TWO_POW_32, 12)
      writeWhole(descriptor, Buffer.concat([header, message]))
    },
  }
}

/**
 * Lines on a socket of the platform's, as Managed Instances have it: `_LAMBDA_TELEMETRY_LOG_FD_PROVIDER_SOCKET`. Stdout
 * where it cannot be reached.
 */
export async function connectSocketSink(path: string): Promise<LogSink> {
  const socket = process.getBuiltinModule('node:net').connect(path)
  const isConnected = await new Promise<boolean>(resolve => {
    socket.once('connect', () => resolve(true))
    socket.on('error', () => resolve(false))
  })
  if (!isConnected) return stdoutSink
  socket.unref()
  return { formatText: formatTextLine, write: line => void socket.write(`${line}\n`) }
}

/** A reader that went away or stays stuck loses the line, never the invocation. */
function writeWhole(descriptor: number, bytes: Buffer): void {
  let rest = bytes
  let waitedMs = 0
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest))
    } catch (error) {
      const isFull = (error as NodeJS.ErrnoException).code === 'EAGAIN'
      if (!isFull || waitedMs >= MAX_WAIT_MS) return
      waitedMs++
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
    }
  }
}
