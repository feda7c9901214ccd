// Whether a trace is sampled: asked once for each span whose parent is not in this process. Spans below follow it.
//
// The ratio is OpenTelemetry's consistent probability sampling: the last 56 bits of the trace id are held against a
// threshold, so that all services that sample by such a ratio keep the same traces, the smaller ratio's among the
// larger's; and `ot=th:…` in `tracestate` says to backends that count how many traces a sampled one stands for.
// https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/

import { isSampled, type SpanContext } from './span-context.ts'
import type { SpanKind } from './span-kind.ts'
import { hasThreshold, RANDOM_DIGITS, readRandomValue, setThreshold } from './trace-state.ts'

/** Values of `OTEL_TRACES_SAMPLER`. */
export type SamplerName =
  | 'always_on'
  | 'always_off'
  | 'traceidratio'
  | 'parentbased_always_on'
  | 'parentbased_always_off'
  | 'parentbased_traceidratio'

export interface SamplingRequest {
  readonly traceId: string
  /** The caller's span, in another process. */
  readonly parent: SpanContext | undefined
  /** The caller named no span and said not to trace. */
  readonly isDenied: boolean
  readonly name: string
  readonly kind: SpanKind
}

export interface SamplingDecision {
  readonly isSampled: boolean
  /** The span's `tracestate`. */
  readonly traceState: string | undefined
}

export interface Sampler {
  sample(request: SamplingRequest): SamplingDecision
}

/** `ratio`, from 0 to 1, counts for the names that end in `traceidratio`. */
export function createSampler(name: SamplerName, ratio: number): Sampler {
  switch (name) {
    case 'always_on':
      return alwaysOn
    case 'always_off':
      return alwaysOff
    case 'traceidratio':
      return byRatio(ratio)
    case 'parentbased_always_on':
      return byParent(alwaysOn)
    case 'parentbased_always_off':
      return byParent(alwaysOff)
    case 'parentbased_traceidratio':
      return byParent(byRatio(ratio))
  }
}

/** As the parent is; where there is none, or one that left it open, as `root` says. */
function byParent(root: Sampler): Sampler {
  return {
    sample(request) {
      const { parent, isDenied } = request
      if (parent !== undefined && !parent.isDeferred)
        return { isSampled: isSampled(parent), traceState: parent.traceState }
      return isDenied ? alwaysOff.sample(request) : root.sample(request)
    },
  }
}

/** A threshold that a caller stated is not ours; one is stated only where that was done, as nothing else was lost. */
const alwaysOn: Sampler = {
  sample({ parent }) {
    const traceState = parent?.traceState
    return {
      isSampled: true,
      traceState: hasThreshold(traceState) ? setThreshold(traceState, '0') : traceState,
    }
  },
}

const alwaysOff: Sampler = {
  sample: ({ parent }) => ({
    isSampled: false,
    traceState: setThreshold(parent?.traceState, undefined),
  }),
}

function byRatio(ratio: number): Sampler {
  const threshold = thresholdOf(ratio)
  if (threshold === undefined) return alwaysOff
  const stated = withoutTrailingZeros(threshold)
  return {
    sample({ traceId, parent }) {
      const traceState = parent?.traceState
      // Hex digits of one length and one case compare as the numbers do.
      const value = readRandomValue(traceState) ?? traceId.slice(-RANDOM_DIGITS)
      const isKept = value >= threshold
      return {
        isSampled: isKept,
        traceState: setThreshold(traceState, isKept ? stated : undefined),
      }
    },
  }
}

/** 2^56 times the share that is not sampled, in hex; `undefined` where nothing is. */
function thresholdOf(ratio: number): string | undefined {
  const all = 2 ** (4 * RANDOM_DIGITS)
  const sampled = BigInt(Math.round(ratio * all))
  if (sampled === 0n) return undefined
  return (BigInt(all) - sampled).toString(16).padStart(RANDOM_DIGITS, '0')
}

function withoutTrailingZeros(digits: string): string {
  let end = digits.length
  while (end > 1 && digits[end - 1] === '0') end--
  return digits.slice(0, end)
}
