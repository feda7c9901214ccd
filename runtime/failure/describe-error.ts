// The caller's copy of an error. Anything at all can be thrown, and nothing that is thrown may break its own report.
import { types } from 'node:util'

/** The three keys of AWS's runtimes: `trace`, not `stackTrace`. */
export interface ErrorDescription {
  readonly errorType: string
  readonly errorMessage: string
  /** The stack by lines; the first is `Name: message`. */
  readonly trace: readonly string[]
}

const UNREADABLE: ErrorDescription = {
  errorType: 'handled',
  errorMessage:
    'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack',
  trace: [],
}

/** True for errors of this and other realms (`node:vm`), and for what looks like one. Never throws, whatever it is given. */
export function isErrorLike(value: unknown): value is Error {
  try {
    if (value instanceof Error || types.isNativeError(value)) return true
    if (typeof value !== 'object' || value === null) return false
    return 'name' in value && 'message' in value && 'stack' in value
  } catch {
    return false
  }
}

/** Describes whatever was thrown, in the words of AWS's runtimes. Never throws. */
export function describeError(thrown: unknown): ErrorDescription {
  try {
    if (!isErrorLike(thrown)) {
      return { errorType: typeof thrown, errorMessage: clean(String(thrown)), trace: [] }
    }
    const { name, message, stack } = thrown
    return {
      errorType: clean(String(name)),
      errorMessage: clean(String(message)),
      trace: stack === undefined ? [] : clean(String(stack)).split('\n'),
    }
  } catch {
    return UNREADABLE
  }
}

/** AWS's runtimes write DEL as `%7F`. */
function clean(text: string): string {
  return text.replaceAll('\x7f', '%7F')
}
