// What a streaming function finds on `globalThis.awslambda`.
import { streamifyResponse } from './handler-mode.ts'
import { HttpResponseStream } from './http-response-stream.ts'

/** Adds to what is there. */
export function installStreamingGlobals(): void {
  const globals = globalThis as { awslambda?: object }
  globals.awslambda = { ...globals.awslambda, streamifyResponse, HttpResponseStream }
}
