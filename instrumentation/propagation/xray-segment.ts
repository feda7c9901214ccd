// The segment that Lambda itself sends to X-Ray for an invocation. Its id is the `Parent` of the invocation's header;
// documents that we send are put under it, where they are of the same trace.
import { parseXRay } from './xray.ts'

/** Ours: on the invocation's span. */
export const ATTR_XRAY_SEGMENT = 'baton.xray.segment'

/** Its id, if the header says that X-Ray will see the segment and that it is of the trace given; else `undefined`. */
export function readLambdaSegment(
  traceHeader: string | undefined,
  traceId: string,
): string | undefined {
  const header = traceHeader === undefined ? undefined : parseXRay(traceHeader)
  if (header === undefined || header.isSampled !== true) return undefined
  return header.traceId === traceId ? header.parentId : undefined
}
