// X-Ray's `cause` and its three flags: what of a span says that something failed.
import type { DecodedEvent, DecodedSpan } from '../otlp-decoder.ts'
import { toText } from '../plain-values.ts'
import { isOutgoing } from './blocks.ts'

export interface Failure {
  /** A status of 4xx. */
  readonly error?: true
  /** A status of 429. */
  readonly throttle?: true
  /** A status of 5xx, and every other failure. */
  readonly fault?: true
  readonly cause?: { readonly exceptions: readonly XRayException[] }
}

export interface XRayException {
  /** 16 hex digits, unique in the trace. */
  readonly id: string
  readonly type: string
  readonly message: string
  /** Another service's failure. */
  readonly remote?: true
  readonly stack?: readonly StackFrame[]
  /** Frames that were left out. */
  readonly truncated?: number
}

interface StackFrame {
  readonly path: string
  readonly line?: number
  readonly label: string
}

const ERROR = 2
const MAX_FRAMES = 50
const MAX_MESSAGE_CHARACTERS = 4096
const MAX_FRAME_CHARACTERS = 1024
/** Turns a span's id into one that no span has: ids of both kinds must differ within a trace. */
const EXCEPTION_ID_MASK = 0x5a5a_5a5a_5a5a_5a5an

export function isException(event: DecodedEvent): boolean {
  return event.name === 'exception'
}

export function readFailure(span: DecodedSpan, httpStatus: number | undefined): Failure {
  const isFailed = span.statusCode === ERROR
  const flags = readFlags(isFailed, httpStatus)
  const exceptions = span.events
    .filter(isException)
    .map((event, index) => toException(span, new Map(event.attributes), index))
  if (exceptions.length === 0 && isFailed) exceptions.push(toException(span, new Map(), 0))
  return { ...flags, ...(exceptions.length > 0 && { cause: { exceptions } }) }
}

function readFlags(isFailed: boolean, httpStatus: number | undefined): Failure {
  if (httpStatus !== undefined && httpStatus >= 400 && httpStatus < 500)
    return httpStatus === 429 ? { error: true, throttle: true } : { error: true }
  return isFailed || (httpStatus !== undefined && httpStatus >= 500) ? { fault: true } : {}
}

function toException(
  span: DecodedSpan,
  attributes: ReadonlyMap<string, Parameters<typeof toText>[0]>,
  index: number,
): XRayException {
  const errorType = span.attributes.find(([key]) => key === 'error.type')?.[1]
  const message = toText(attributes.get('exception.message')) || span.statusMessage
  const frames = parseStack(toText(attributes.get('exception.stacktrace')))
  const truncated = frames.length - MAX_FRAMES
  return {
    id: (BigInt(`0x${span.spanId}`) ^ EXCEPTION_ID_MASK ^ BigInt(index))
      .toString(16)
      .padStart(16, '0'),
    type: (toText(attributes.get('exception.type')) || toText(errorType) || 'Error').slice(0, 250),
    message: message.slice(0, MAX_MESSAGE_CHARACTERS).toWellFormed(),
    ...(isOutgoing(span) && { remote: true }),
    ...(frames.length > 0 && { stack: frames.slice(0, MAX_FRAMES) }),
    ...(truncated > 0 && { truncated }),
  }
}

/** `    at fn (/var/task/a.js:1:2)`, `    at file:///var/task/a.mjs:1:2`; other lines are no frames. */
function parseStack(stack: string): StackFrame[] {
  return stack.split('\n').flatMap(line => {
    const text = line.trim().slice(0, MAX_FRAME_CHARACTERS).toWellFormed()
    return text.startsWith('at ') ? [parseFrame(text.slice(3))] : []
  })
}

function parseFrame(text: string): StackFrame {
  const open = text.endsWith(')') ? text.lastIndexOf(' (') : -1
  const location = open === -1 ? text.replace(/^async /, '') : text.slice(open + 2, -1)
  const position = /^(?<path>.*?):(?<line>[0-9]+):[0-9]+$/.exec(location)?.groups
  return {
    path: (position?.path ?? location).replace(/^file:\/\//, ''),
    ...(position?.line !== undefined && { line: Number(position.line) }),
    label: open === -1 ? 'anonymous' : text.slice(0, open),
  }
}
