// What tests of streaming handlers share: a function of one such handler, and the report in a stream's trailers.
import { once } from 'node:events'
import { type FunctionOptions, type StartedFunction, startFunction } from './function.ts'
import type { RecordedPost } from './runtime-api.ts'

/** Starts a function whose streaming handler has this body; `e`, `s` and `c` are event, stream and context. */
export function startStreamingFunction(
  body: string,
  options: Partial<FunctionOptions> = {},
): Promise<StartedFunction> {
  const code = `exports.handler = awslambda.streamifyResponse(async (e, s, c) => {${body}})`
  return startFunction({ files: { 'index.js': code }, events: [{}], ...options })
}

/** Resolves when stdout holds it. */
export async function untilLogged(fn: StartedFunction, pattern: RegExp): Promise<void> {
  const { stdout } = fn.process
  while (!pattern.test(fn.stdout()) && stdout !== null) await once(stdout, 'data')
}

/** What a stream said at its end of how it failed; both are `undefined` when it did not. */
export function errorOf(post: Pick<RecordedPost, 'trailers'> | undefined): {
  readonly type: string | undefined
  readonly body: unknown
} {
  const base64 = post?.trailers['lambda-runtime-function-error-body']
  return {
    type: post?.trailers['lambda-runtime-function-error-type'],
    body: base64 === undefined ? undefined : JSON.parse(Buffer.from(base64, 'base64').toString()),
  }
}
