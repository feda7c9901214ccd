// The store that AWS SDK, Powertools and the X-Ray SDK read: keys, getters and refusals of @aws/lambda-invoke-store.
import t from 'tap'
import type { Invocation, TraceContextSource } from '../../runtime/contract.ts'
import { InFlight, RunningInvocation } from '../../runtime/invocation/in-flight.ts'
import { InvokeStore } from '../../runtime/invoke-store.ts'

const key = (name: string): symbol => Symbol.for(`_AWS_LAMBDA_${name}`)
const PROTECTED = [
  'REQUEST_ID',
  'X_RAY_TRACE_ID',
  'TENANT_ID',
  'TRACEPARENT',
  'TRACESTATE',
  'BAGGAGE',
].map(key)

function start(fields: Partial<Invocation> = {}): RunningInvocation {
  return new RunningInvocation({
    requestId: 'req-0',
    deadlineMs: 0,
    functionArn: '',
    traceHeader: 'Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Lineage=a:0',
    clientContext: undefined,
    identity: undefined,
    tenantId: 'blue',
    event: {},
    isColdStart: false,
    ...fields,
  })
}

/** A tracer's part: what is active changes from call to call. */
function changingSource(): TraceContextSource & { active: string; isWithinCall: boolean } {
  return {
    active: 'one',
    isWithinCall: false,
    ids: () => undefined,
    isSending() {
      return this.isWithinCall
    },
    traceparent() {
      return `parent-${this.active}`
    },
    tracestate() {
      return `state-${this.active}`
    },
    baggage() {
      return `baggage-${this.active}`
    },
    xrayTraceId(incoming) {
      return `${incoming}/${this.active}`
    },
  }
}

t.test('outside of any invocation there is no context', async t => {
  const store = new InvokeStore(new InFlight(), undefined)
  t.equal(store.hasContext(), false)
  t.equal(store.getContext(), undefined)
  t.equal(store.getRequestId(), '-')
  for (const value of [
    store.getXRayTraceId(),
    store.getTenantId(),
    store.getTraceparent(),
    store.getTracestate(),
    store.getBaggage(),
    store.get('own'),
  ]) {
    t.equal(value, undefined)
  }
  t.throws(() => store.set('own', 1), { message: 'No context available' })
})

t.test('C155 without a tracer the getters answer what the invocation came with', async t => {
  const inFlight = new InFlight()
  const store = new InvokeStore(inFlight, undefined)
  const running = start()
  inFlight.add(running)
  t.equal(store.hasContext(), true)
  t.equal(store.getRequestId(), 'req-0')
  t.equal(store.getXRayTraceId(), running.invocation.traceHeader)
  t.equal(store.getTenantId(), 'blue')
  t.equal(store.getTraceparent(), undefined)
  t.equal(store.getTracestate(), undefined)
  t.equal(store.getBaggage(), undefined)
})

t.test('C155 C156 with a tracer the getters answer for the moment of the call', async t => {
  const inFlight = new InFlight()
  const source = changingSource()
  const store = new InvokeStore(inFlight, source)
  inFlight.add(start({ traceHeader: 'in' }))
  const read = () => [
    store.getTraceparent(),
    store.getTracestate(),
    store.getBaggage(),
    store.getXRayTraceId(),
  ]
  for (const active of ['one', 'two']) {
    source.active = active
    t.strictSame(read(), [
      `parent-${active}`,
      `state-${active}`,
      `baggage-${active}`,
      `in/${active}`,
    ])
  }
})

t.test("the keys are AWS's, and their values are those of the getters", async t => {
  const inFlight = new InFlight()
  const store = new InvokeStore(inFlight, changingSource())
  inFlight.add(start({ traceHeader: 'in' }))
  const expected = ['req-0', 'in/one', 'blue', 'parent-one', 'state-one', 'baggage-one']
  t.strictSame(
    PROTECTED.map(each => store.get(each)),
    expected,
  )
  t.strictSame(
    PROTECTED.map(each => store.getContext()?.[each]),
    expected,
  )
})

for (const each of PROTECTED) {
  t.test(`${String(each)} is refused to set, inside and outside of an invocation`, async t => {
    const inFlight = new InFlight()
    const store = new InvokeStore(inFlight, undefined)
    const refusal = { message: `Cannot modify protected Lambda context field: ${String(each)}` }
    t.equal(store.isProtectedKey(each), true)
    t.throws(() => store.set(each, 'x'), refusal)
    inFlight.add(start())
    t.throws(() => store.set(each, 'x'), refusal)
    t.equal(store.getRequestId(), 'req-0')
  })
}

t.test('other keys are free, symbols too', async t => {
  const inFlight = new InFlight()
  const store = new InvokeStore(inFlight, undefined)
  inFlight.add(start())
  const symbol = Symbol('own')
  for (const each of ['own', symbol, 7, '_AWS_LAMBDA_REQUEST_ID', 'constructor']) {
    t.equal(store.isProtectedKey(each), false)
    store.set(each, { value: each })
    t.strictSame(store.get(each), { value: each })
    t.strictSame(store.getContext()?.[each], { value: each })
  }
})

t.test('what one invocation sets the next one does not see, nor one beside it', async t => {
  const inFlight = new InFlight()
  const store = new InvokeStore(inFlight, undefined)
  const [first, second] = [start(), start({ requestId: 'req-1', tenantId: undefined })]
  inFlight.add(first)
  inFlight.add(second)
  inFlight.run(first, () => store.set('own', 1))
  inFlight.run(second, () => {
    t.equal(store.get('own'), undefined)
    t.equal(store.getRequestId(), 'req-1')
    t.equal(store.getTenantId(), undefined)
    store.set('own', 2)
  })
  t.equal(
    inFlight.run(first, () => store.get('own')),
    1,
  )
  t.equal(store.hasContext(), false, 'of two invocations, code without a context has none')
})

t.test('getContext() is a copy: what is changed in it changes nothing', async t => {
  const inFlight = new InFlight()
  const store = new InvokeStore(inFlight, undefined)
  inFlight.add(start())
  store.set('own', 1)
  const context = store.getContext() ?? {}
  context.own = 2
  context[key('REQUEST_ID')] = 'x'
  t.equal(store.get('own'), 1)
  t.equal(store.getRequestId(), 'req-0')
})

t.test('run() puts a context of its own over that of the invocation, for its own time', async t => {
  const inFlight = new InFlight()
  const store = new InvokeStore(inFlight, changingSource())
  inFlight.add(start())
  const own: Record<PropertyKey, unknown> = {
    [key('REQUEST_ID')]: 'own-id',
    [key('X_RAY_TRACE_ID')]: 'own-trace',
  }
  const result = await store.run(own, async () => {
    await null
    t.equal(store.getContext(), own)
    t.equal(store.getRequestId(), 'own-id')
    t.equal(store.getXRayTraceId(), 'own-trace')
    t.equal(store.getTraceparent(), undefined, 'nothing shows through')
    store.set('a', 1)
    t.throws(() => store.set(key('TENANT_ID'), 'x'), { message: /protected/ })
    return 'done'
  })
  t.equal(result, 'done')
  t.equal(own.a, 1)
  t.equal(store.getRequestId(), 'req-0')
  t.equal(store.get('a'), undefined)
})

t.test('run() makes a context where there is none', async t => {
  const store = new InvokeStore(new InFlight(), undefined)
  store.run({}, () => {
    t.equal(store.hasContext(), true)
    t.equal(store.getRequestId(), '-')
    store.set('a', 1)
    t.equal(store.get('a'), 1)
  })
  t.equal(store.hasContext(), false)
})

t.test('W3C headers are told to who has a name, and within a call to anyone', async t => {
  const inFlight = new InFlight()
  const source = changingSource()
  const store = new InvokeStore(inFlight, source)
  inFlight.add(start())
  const readByName = () => [store.getTraceparent(), store.getTracestate(), store.getBaggage()]
  const all = ['parent-one', 'state-one', 'baggage-one']
  t.strictSame(readByName(), all)
  // As AWS SDK v3 asks.
  const ask = () => (): (string | undefined)[] => [
    store.getTraceparent(),
    store.getTracestate(),
    store.getBaggage(),
  ]
  t.strictSame(ask()(), [undefined, undefined, undefined])
  t.match((() => store.getXRayTraceId())(), /one$/, 'no signature covers it')
  source.isWithinCall = true
  t.strictSame(ask()(), all)
  source.isWithinCall = false
  const own = { [key('TRACEPARENT')]: 'own' }
  t.equal(
    store.run(own, () => store.getTraceparent()),
    'own',
    'what code sets for itself it gets',
  )
  const untraced = new InvokeStore(inFlight, undefined)
  t.equal((() => untraced.getTraceparent())(), undefined)
})
