// X-Ray's picture of an exception, sent as a header with an invocation error. The platform keeps 64 KB of it, and
// refuses a request whose headers pass 1 MB, after which AWS's own runtimes run the same event again and again: so
// ours is ASCII and capped.
import type { ErrorDescription } from './describe-error.ts'

const MAX_HEADER_BYTES = 64 * 1024
/** Two texts of this length, all in six-byte escapes, still leave room for the rest. */
const MAX_TEXT_CHARACTERS = 4096
const MAX_FRAMES = 100
const MAX_FRAME_CHARACTERS = 1024

interface Frame {
  readonly path: string
  readonly line: number | null
  readonly label: string
}

/** The header's value; `undefined` stands for something thrown that was no error. */
export function describeXRayCause(error: ErrorDescription | undefined): string {
  const frames = parseFrames(error?.trace ?? [])
  let header = format(error, frames)
  while (header.length > MAX_HEADER_BYTES && frames.length > 0) {
    frames.length = Math.floor(frames.length / 2)
    header = format(error, frames)
  }
  return header
}

function format(error: ErrorDescription | undefined, stack: readonly Frame[]): string {
  const exception = error && {
    type: error.errorType.slice(0, MAX_TEXT_CHARACTERS),
    message: error.errorMessage.slice(0, MAX_TEXT_CHARACTERS),
  }
  return toAscii(
    JSON.stringify({
      working_directory: workingDirectory(),
      exceptions: [{ ...exception, stack }],
      paths: [...new Set(stack.map(frame => frame.path))],
    }),
  )
}

/** It may have been removed. */
function workingDirectory(): string {
  try {
    return process.cwd()
  } catch {
    return ''
  }
}

function parseFrames(trace: readonly string[]): Frame[] {
  const frames: Frame[] = []
  for (const line of trace) {
    const frame = parseFrame(line)
    if (frame !== undefined) frames.push(frame)
    if (frames.length === MAX_FRAMES) break
  }
  return frames
}

/** `    at fn (/var/task/a.js:1:2)`, `    at file:///var/task/a.mjs:1:2`, `    at async fn (node:fs:1:2)`. */
function parseFrame(line: string): Frame | undefined {
  const text = line.trim()
  if (!text.startsWith('at ') || text.length > MAX_FRAME_CHARACTERS) return undefined
  const open = text.endsWith(')') ? text.lastIndexOf(' (') : -1
  const label = open === -1 ? 'anonymous' : text.slice(3, open)
  const location = open === -1 ? text.slice(3).replace(/^async /, '') : text.slice(open + 2, -1)
  const position = /^(?<path>.*?):(?<line>[0-9]+):[0-9]+$/.exec(location)?.groups
  return {
    path: (position?.path ?? location).replace(/^file:\/\//, ''),
    line: position?.line === undefined ? null : Number(position.line),
    label,
  }
}

/** JSON's own escapes keep the header ASCII whatever the message holds. */
function toAscii(json: string): string {
  return json.replace(
    /[\x7f-\uffff]/g,
    unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
