// Why a collector did not take a request or did not see what was waited for.

export type CollectorErrorCode = 'OTLP_MALFORMED' | 'WAIT_TIMEOUT'

export class CollectorError extends Error {
  override readonly name = 'CollectorError'
  readonly code: CollectorErrorCode

  constructor(code: CollectorErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** `resourceSpans[0].…: expected …, got …`. */
export function malformed(path: string, expected: string, value: unknown): CollectorError {
  const got = typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : typeof value
  return new CollectorError('OTLP_MALFORMED', `${path}: expected ${expected}, got ${got}`)
}
