// What the emulator itself refuses. What happens to an invocation is an answer, never an exception.

export type EmulatorErrorCode = 'DIRECTORY_MISSING' | 'FUNCTION_STOPPED'

export class EmulatorError extends Error {
  override readonly name = 'EmulatorError'
  readonly code: EmulatorErrorCode

  constructor(code: EmulatorErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
