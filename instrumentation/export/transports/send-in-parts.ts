// A collector that answers 413 gets less at a time: the batch is sent in halves, and in halves of those, and batches that
// come later are never again as large as what was refused.
import { lengthOfSpans } from '../span-buffer.ts'
import type { SendResult, SpanBatch, Transport } from '../transport.ts'

/** What became of one request; `too large` is 413. */
export type Posted = SendResult | 'too large'
export type Post = (batch: SpanBatch, timeoutMs: number) => Promise<Posted>

/** One too large span among thousands is found with a few dozen; a collector that takes next to nothing gets no more. */
const MAX_REQUESTS = 64
const TAKES_TOO_LITTLE = 'the collector answers 413 to nearly everything'

/** What is left for one batch. */
interface Budget {
  readonly untilMs: number
  requests: number
}

/** `Transport.send` over single requests. */
export function createPartedSend(post: Post): Transport['send'] {
  /** The smallest that was refused for its size. */
  let refusedBytes = Number.POSITIVE_INFINITY

  async function postPart(part: SpanBatch, budget: Budget): Promise<Posted> {
    if (part.count > 1 && part.spans.length >= refusedBytes) return 'too large'
    if (budget.requests === 0) return { status: 'rejected', reason: TAKES_TOO_LITTLE }
    budget.requests--
    const posted = await post(part, Math.max(1, budget.untilMs - Date.now()))
    if (posted === 'too large') refusedBytes = Math.min(refusedBytes, part.spans.length)
    return posted
  }

  /** When a half is to come later, what was taken of the other comes again with it: ids make that harmless. */
  async function sendPart(part: SpanBatch, budget: Budget): Promise<SendResult> {
    const posted = await postPart(part, budget)
    if (posted !== 'too large') return posted
    const halves = splitBatch(part)
    if (halves === undefined) {
      const bytes = part.spans.length
      return {
        status: 'rejected',
        reason: `the collector answered 413 to ${bytes} bytes of one span`,
      }
    }
    const [one, other] = halves
    const first = await sendPart(one, budget)
    if (first.status === 'retry') return first
    const second = await sendPart(other, budget)
    return second.status === 'retry' ? second : join(refusals(one, first), refusals(other, second))
  }

  return (batch, timeoutMs) =>
    sendPart(batch, { untilMs: Date.now() + timeoutMs, requests: MAX_REQUESTS })
}

interface Refusals {
  readonly isWhole: boolean
  readonly count: number
  readonly reason: string
}

type Final = Exclude<SendResult, { status: 'retry' }>

function refusals({ count }: SpanBatch, result: Final): Refusals {
  if (result.status === 'rejected') return { isWhole: true, count, reason: result.reason }
  return { isWhole: false, ...(result.refused ?? { count: 0, reason: '' }) }
}

function join(one: Refusals, other: Refusals): SendResult {
  const reason = one.reason || other.reason
  if (one.isWhole && other.isWhole) return { status: 'rejected', reason }
  const count = one.count + other.count
  return count === 0 ? { status: 'accepted' } : { status: 'accepted', refused: { count, reason } }
}

/** Two halves by the number of spans; `undefined` where there is one span or none. */
export function splitBatch({
  head,
  spans,
  count,
}: SpanBatch): readonly [SpanBatch, SpanBatch] | undefined {
  if (count < 2) return undefined
  const half = count >> 1
  const at = lengthOfSpans(spans, half)
  return [
    { head, spans: spans.subarray(0, at), count: half },
    { head, spans: spans.subarray(at), count: count - half },
  ]
}
