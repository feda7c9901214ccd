// A command line that cannot be followed: exit status 2, and a message that says what was expected and what came.

export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly code = 'USAGE'
}
