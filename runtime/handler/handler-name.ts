// `_HANDLER`: `path/to/module.export.path`. The module ends at the first dot of the last path segment.
import { MalformedHandlerNameError } from '../errors.ts'

export interface HandlerName {
  /** As configured; error messages quote it whole. */
  readonly text: string
  /** Folder part, relative to the function's root or absolute; may be empty. */
  readonly directory: string
  /** File name without its extension. */
  readonly module: string
  /** Property path to the handler, from the module's exports. */
  readonly exportPath: readonly string[]
}

/** Throws MalformedHandlerNameError in AWS's words. */
export function parseHandlerName(text: string): HandlerName {
  if (text.includes('..')) {
    throw new MalformedHandlerNameError(
      `'${text}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    )
  }
  const nameStart = text.lastIndexOf('/') + 1
  const name = text.slice(nameStart)
  const dot = name.indexOf('.')
  if (dot === -1) throw new MalformedHandlerNameError('Bad handler')
  return {
    text,
    directory: text.slice(0, nameStart),
    module: name.slice(0, dot),
    exportPath: name.slice(dot + 1).split('.'),
  }
}
