// What the span of an invocation says of an answer that was streamed.
import type { StreamFacts } from '../runtime/contract.ts'
import { ATTR_HTTP_RESPONSE_BODY_SIZE } from './semconv.ts'
import type { Attributes } from './trace/attributes.ts'

/** Ours: no convention has a name for these. */
const ATTR_STREAM_BYTES = 'baton.stream.bytes'
const ATTR_STREAM_FIRST_BYTE = 'baton.stream.first_byte_ms'
const ATTR_STREAM_END = 'baton.stream.end_ms'

/** Times count from the call of the handler; one that did not come is left out. */
export function describeStream(facts: StreamFacts, isHttp: boolean): Attributes {
  return {
    [isHttp ? ATTR_HTTP_RESPONSE_BODY_SIZE : ATTR_STREAM_BYTES]: facts.bytes,
    [ATTR_STREAM_FIRST_BYTE]: facts.firstByteMs,
    [ATTR_STREAM_END]: facts.endMs,
  }
}
