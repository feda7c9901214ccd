// What a handler's result says of the records it was given: which of them failed and will come again.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html

import { fieldsOf, listOf, nameOf } from './fields.ts'
import { type BatchFailures, NOTHING_KNOWN, type ResultDescription } from './trigger.ts'

/** Ours: no convention has a name for these. */
const ATTR_FAILED_COUNT = 'baton.batch.failed_count'
const ATTR_FAILED_IDS = 'baton.batch.failed_ids'

/** The largest batch there is: SQS's of a standard queue. */
const MAX_FAILURES = 10_000
const MAX_LISTED = 32

/** `batchItemFailures`; an item without an id means, to Lambda too, that the whole batch failed. */
export function readBatchResult(result: unknown, count: number): ResultDescription {
  try {
    const items = fieldsOf(result).batchItemFailures
    if (!Array.isArray(items) || items.length === 0) return NOTHING_KNOWN
    const ids = new Set<string>()
    for (let at = 0; at < items.length && at < MAX_FAILURES; at++) {
      const id = idOf(fieldsOf(items[at]).itemIdentifier)
      if (id === undefined) return describeFailures('all', count, count)
      ids.add(id)
    }
    return describeFailures(ids, ids.size, count)
  } catch {
    // The result is the user's own object; a getter of theirs may throw.
    return NOTHING_KNOWN
  }
}

/** A text or, of Kafka, a partition (`topic-0`) and an offset. */
function idOf(identifier: unknown): string | undefined {
  const { partition, offset } = fieldsOf(identifier)
  return typeof partition === 'string' && typeof offset === 'number'
    ? nameOf(`${partition}-${offset}`)
    : nameOf(identifier)
}

/** Firehose and S3 Batch Operations want an answer for each record. */
export function readRecordResults(
  results: unknown,
  count: number,
  failedId: (result: unknown) => string | undefined,
): ResultDescription {
  try {
    const ids = new Set<string>()
    for (const result of listOf(results).slice(0, MAX_FAILURES)) {
      const id = failedId(result)
      if (id !== undefined) ids.add(id)
    }
    return ids.size === 0 ? NOTHING_KNOWN : describeFailures(ids, ids.size, count)
  } catch {
    return NOTHING_KNOWN
  }
}

/** An invocation that did part of its work did not fail; one that did none of it did. */
const describeFailures = (
  failures: BatchFailures,
  failed: number,
  count: number,
): ResultDescription => ({
  attributes: {
    [ATTR_FAILED_COUNT]: failed,
    [ATTR_FAILED_IDS]: failures === 'all' ? undefined : [...failures].slice(0, MAX_LISTED),
  },
  isError: failed >= count,
  failures,
})
