// A build that cannot be done as asked: exit status 1, and a message that says what was expected and what came.

export class BuildError extends Error {
  override readonly name = 'BuildError'
  readonly code = 'BUILD'
}
