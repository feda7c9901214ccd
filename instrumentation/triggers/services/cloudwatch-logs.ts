// CloudWatch Logs: a compressed batch of log lines. They are unpacked after the answer: the function does the same and
// waits for it, we need not. Lines that name a span become links; where the lines came from becomes attributes.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html

import type { FoundLink } from '../../propagation/extract-parent.ts'
import { parseTraceparent } from '../../propagation/trace-context.ts'
import {
  ATTR_AWS_LOG_GROUP_NAMES,
  ATTR_AWS_LOG_STREAM_NAMES,
  ATTR_FAAS_TRIGGER,
  ATTR_MESSAGING_BATCH_MESSAGE_COUNT,
} from '../../semconv.ts'
import { SPAN_KIND_CONSUMER } from '../../trace/span-kind.ts'
import { MAX_RECORDS, messagingOf, processName } from '../batch.ts'
import { fieldsOf, listOf, nameOf } from '../fields.ts'
import { type LateDescription, NOTHING_KNOWN, type TriggerSource } from '../trigger.ts'

const LOGS = 'aws.logs'

/** Of the base64 text; a whole batch may have 6 MB, and unpacking that would take 20 ms. */
const MAX_PACKED = 32 * 1024
const MAX_UNPACKED = 128 * 1024
/** Of a line. */
const MAX_LINE_LENGTH = 4096

export const cloudWatchLogs: TriggerSource = {
  name: 'cloudwatch-logs',
  detect: event => typeof fieldsOf(event.awslogs).data === 'string',
  describe: event => {
    const { data } = fieldsOf(event.awslogs)
    return {
      source: cloudWatchLogs.name,
      faasTrigger: 'pubsub',
      spanName: processName('logs'),
      spanKind: SPAN_KIND_CONSUMER,
      attributes: { [ATTR_FAAS_TRIGGER]: 'pubsub', ...messagingOf(LOGS, undefined) },
      carriers: [],
      describeLate: () => describePacked(data),
      describeResult: () => NOTHING_KNOWN,
    }
  },
}

function describePacked(data: unknown): LateDescription {
  if (typeof data !== 'string' || data.length > MAX_PACKED) return {}
  const zlib = process.getBuiltinModule('node:zlib')
  const packed = Buffer.from(data, 'base64')
  const text = zlib.gunzipSync(packed, { maxOutputLength: MAX_UNPACKED }).toString('utf8')
  const { logGroup, logStream, logEvents } = fieldsOf(JSON.parse(text))
  const group = nameOf(logGroup)
  const stream = nameOf(logStream)
  return {
    spanName: processName(group),
    attributes: {
      ...messagingOf(LOGS, group),
      [ATTR_AWS_LOG_GROUP_NAMES]: group === undefined ? undefined : [group],
      [ATTR_AWS_LOG_STREAM_NAMES]: stream === undefined ? undefined : [stream],
      [ATTR_MESSAGING_BATCH_MESSAGE_COUNT]: listOf(logEvents).length,
    },
    links: linksOf(listOf(logEvents)),
  }
}

/** The spans that lines name, each once. */
function linksOf(events: readonly unknown[]): readonly FoundLink[] {
  const links = new Map<string, FoundLink>()
  for (const event of events) {
    const { message } = fieldsOf(event)
    if (typeof message !== 'string' || links.size === MAX_RECORDS) continue
    const traceparent = traceparentOf(message.slice(0, MAX_LINE_LENGTH))
    const context = traceparent === undefined ? undefined : parseTraceparent(traceparent)
    if (context !== undefined) links.set(context.traceId + context.spanId, { context })
  }
  return [...links.values()]
}

const TRACEPARENT = /\b00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}\b/
const TRACE_ID = /trace_?id\W{1,5}([0-9a-f]{32})\b/i
const SPAN_ID = /span_?id\W{1,5}([0-9a-f]{16})\b/i

/** As a header, or by both ids as JSON and logfmt lines have them. */
function traceparentOf(line: string): string | undefined {
  const header = TRACEPARENT.exec(line)?.[0]
  if (header !== undefined) return header
  const traceId = TRACE_ID.exec(line)?.[1]
  const spanId = traceId === undefined ? undefined : SPAN_ID.exec(line)?.[1]
  return spanId === undefined ? undefined : `00-${traceId}-${spanId}-01`
}
