// Samplers, held against OpenTelemetry's own: parent-based ones of sdk-trace-base 2.2.0, ratios of sampler-composite
// 0.208.0. The ratio of sdk-trace-base itself is an older algorithm, which no other language shares: only the share
// of what it keeps is compared.
import { ROOT_CONTEXT, SpanKind, TraceFlags, trace } from '@opentelemetry/api'
import { TraceState } from '@opentelemetry/core'
import {
  createComposableTraceIDRatioBasedSampler,
  createCompositeSampler,
} from '@opentelemetry/sampler-composite'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  SamplingDecision,
  type Sampler as SdkSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base'
import t from 'tap'
import { createIdSource } from '../../../instrumentation/trace/ids.ts'
import {
  createSampler,
  type Sampler,
  type SamplerName,
} from '../../../instrumentation/trace/sampler.ts'
import type { SpanContext } from '../../../instrumentation/trace/span-context.ts'
import { SPAN_KIND_SERVER } from '../../../instrumentation/trace/span-kind.ts'
import { startRandom } from '../../helpers/random.ts'

const SPAN_ID = 'b7ad6b7169203331'
const random = startRandom()
t.comment(`seed ${random.seed}`)
const ids = createIdSource(Uint32Array.from({ length: 4 }, () => random.below(2 ** 32)))

const parentOf = (traceId: string, traceFlags: number, traceState?: string): SpanContext => ({
  traceId,
  spanId: SPAN_ID,
  traceFlags,
  traceState,
})

const ask = (sampler: Sampler, traceId: string, parent?: SpanContext, isDenied = false) =>
  sampler.sample({ traceId, parent, isDenied, name: 'n', kind: SPAN_KIND_SERVER })

function askSdk(sampler: SdkSampler, traceId: string, parent?: SpanContext) {
  const { traceState, ...rest } = parent ?? parentOf(traceId, 0)
  const context =
    parent === undefined
      ? ROOT_CONTEXT
      : trace.setSpanContext(ROOT_CONTEXT, {
          ...rest,
          isRemote: true,
          ...(traceState !== undefined && { traceState: new TraceState(traceState) }),
        })
  return sampler.shouldSample(context, traceId, 'n', SpanKind.SERVER, {}, [])
}

const isKept = ({ decision }: { decision: SamplingDecision }): boolean =>
  decision === SamplingDecision.RECORD_AND_SAMPLED

t.test("samplers without a ratio decide as the SDK's do", async t => {
  const pairs: [SamplerName, SdkSampler][] = [
    ['always_on', new AlwaysOnSampler()],
    ['always_off', new AlwaysOffSampler()],
    ['parentbased_always_on', new ParentBasedSampler({ root: new AlwaysOnSampler() })],
    ['parentbased_always_off', new ParentBasedSampler({ root: new AlwaysOffSampler() })],
  ]
  for (const [name, sdk] of pairs) {
    const sampler = createSampler(name, 1)
    const traceId = ids.traceId()
    for (const parent of [undefined, parentOf(traceId, TraceFlags.NONE), parentOf(traceId, 1)])
      t.equal(
        ask(sampler, traceId, parent).isSampled,
        isKept(askSdk(sdk, traceId, parent)),
        `${name}, parent ${parent?.traceFlags}`,
      )
  }
})

t.test(
  'a parent is followed with its state; one that left it open and none leave it to the root',
  async t => {
    const traceId = ids.traceId()
    const deferred = { ...parentOf(traceId, 1, 'v=1'), isDeferred: true } as const
    const [on, off] = [
      createSampler('parentbased_always_on', 1),
      createSampler('parentbased_always_off', 1),
    ]
    t.strictSame(ask(on, traceId, parentOf(traceId, 0, 'v=1,ot=th:8')), {
      isSampled: false,
      traceState: 'v=1,ot=th:8',
    })
    t.strictSame(ask(on, traceId, deferred), { isSampled: true, traceState: 'v=1' })
    t.strictSame(ask(off, traceId, deferred), { isSampled: false, traceState: 'v=1' })
    const never = createSampler('parentbased_traceidratio', 0)
    t.equal(ask(never, traceId, deferred).isSampled, false)
    t.equal(ask(never, traceId, parentOf(traceId, 1)).isSampled, true)
  },
)

t.test('a caller that says without ids not to trace is heard by the parent-based ones', async t => {
  const denied = (name: SamplerName) => ask(createSampler(name, 1), ids.traceId(), undefined, true)
  for (const name of ['parentbased_always_on', 'parentbased_traceidratio'] as const)
    t.strictSame(denied(name), { isSampled: false, traceState: undefined })
  t.equal(denied('always_on').isSampled, true)
})

t.test("always_on and always_off take back a caller's threshold", async t => {
  const traceId = ids.traceId()
  const parent = parentOf(traceId, 1, 'v=1,ot=th:8;rv:00000000000001')
  t.strictSame(ask(createSampler('always_on', 1), traceId, parent), {
    isSampled: true,
    traceState: 'ot=th:0;rv:00000000000001,v=1',
  })
  t.strictSame(ask(createSampler('always_off', 1), traceId, parent), {
    isSampled: false,
    traceState: 'ot=rv:00000000000001,v=1',
  })
})

/** Members in any order: OpenTelemetry's moves to the front even a member that it leaves as it is. */
const membersOf = (traceState: string | undefined): string =>
  (traceState?.split(',') ?? []).sort().join(',')

/** The threshold's neighbours, the ends of the range, and any. */
function traceIdsAround(ratio: number): string[] {
  const end = 2n ** 56n
  const threshold = end - BigInt(Math.round(ratio * 2 ** 56))
  return [0n, 1n, threshold - 1n, threshold, threshold + 1n, end - 1n]
    .filter(value => value >= 0n && value < end)
    .map(value => 'a'.repeat(18) + value.toString(16).padStart(14, '0'))
    .concat(Array.from({ length: 500 }, () => ids.traceId()))
}

t.test('ratios decide, and say so, as the composite sampler does: at the edges too', async t => {
  const differences: unknown[] = []
  let compared = 0
  for (const ratio of [0, 2 ** -56, 1e-9, 0.001, 0.1, 0.25, 1 / 3, 0.5, 0.9, 0.999999, 1]) {
    const sampler = createSampler('traceidratio', ratio)
    const oracle = createCompositeSampler(createComposableTraceIDRatioBasedSampler(ratio))
    const compare = (traceId: string, parent: SpanContext | undefined): void => {
      const { isSampled, traceState } = ask(sampler, traceId, parent)
      const wanted = askSdk(oracle, traceId, parent)
      const isSame =
        isSampled === isKept(wanted) &&
        membersOf(traceState) === membersOf(wanted.traceState?.serialize() || undefined)
      if (!isSame) differences.push({ ratio, traceId, parent, isSampled, traceState, wanted })
      compared++
    }
    for (const traceId of traceIdsAround(ratio)) {
      const rv = ids.traceId().slice(-14)
      compare(traceId, undefined)
      for (const traceState of ['v=1', `v=1,ot=rv:${rv}`, `ot=th:8;rv:${rv};x:1`])
        compare(traceId, parentOf(traceId, 1, traceState))
    }
  }
  t.strictSame(differences.slice(0, 3), [])
  t.ok(compared > 20_000)
})

t.test(
  'a smaller ratio keeps a part of what a larger one keeps, in the share that was asked',
  async t => {
    const ratios = [0.01, 0.1, 0.5, 0.9]
    const samplers = ratios.map(ratio => createSampler('parentbased_traceidratio', ratio))
    const counts = ratios.map(() => 0)
    const sdkCounts = ratios.map(() => 0)
    const sdk = ratios.map(ratio => new TraceIdRatioBasedSampler(ratio))
    const traces = 50_000
    let inversions = 0
    for (let index = 0; index < traces; index++) {
      const traceId = ids.traceId()
      const kept = samplers.map(sampler => ask(sampler, traceId).isSampled)
      kept.forEach((each, at) => {
        if (each) counts[at] = (counts[at] ?? 0) + 1
        if (each && kept[at + 1] === false) inversions++
      })
      sdk.forEach((sampler, at) => {
        if (isKept(askSdk(sampler, traceId))) sdkCounts[at] = (sdkCounts[at] ?? 0) + 1
      })
    }
    t.equal(inversions, 0)
    ratios.forEach((ratio, at) => {
      // Five standard deviations: one false alarm in a million runs.
      const allowed = 5 * Math.sqrt(traces * ratio * (1 - ratio))
      for (const [whose, count] of [
        ['ours', counts[at]],
        ["the SDK's", sdkCounts[at]],
      ] as const)
        t.ok(Math.abs((count ?? 0) - traces * ratio) < allowed, `${whose} at ${ratio}: ${count}`)
    })
  },
)
