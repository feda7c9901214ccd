// The AWS SDK's instrumentation as one chunk, which is loaded when the first module of an SDK has run or the first signed request
// goes out: a function that calls no AWS never reads it.
import type { Wrap } from '../../hooks/module-hooks.ts'
import type { AwsTools } from './call.ts'
import { wrapClient } from './client.ts'
import { wrapV2 } from './v2.ts'

export { readAwsRequest } from './wire.ts'

/** What the table of hooked files names. */
export function createWraps(tools: AwsTools): Readonly<Record<string, Wrap>> {
  return {
    wrapClient: loaded => wrapClient(tools, loaded),
    wrapV2: loaded => wrapV2(tools, loaded),
  }
}
