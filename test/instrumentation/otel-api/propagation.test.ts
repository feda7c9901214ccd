// Baggage and propagation by way of the real @opentelemetry/api.
import { once } from 'node:events'
import { createServer } from 'node:http'
import {
  baggageEntryMetadataFromString,
  context,
  propagation,
  ROOT_CONTEXT,
  trace,
} from '@opentelemetry/api'
import t from 'tap'
import { startApi } from './start-api.ts'

const { run, ended, tracer: native } = startApi()
const tracer = trace.getTracer('t')
const REMOTE = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 }

t.test('baggage that came with the invocation is read, changed, and carried on', async t => {
  run(
    () => {
      const came = propagation.getActiveBaggage()
      t.strictSame(
        came?.getAllEntries().map(([key, { value }]) => [key, value]),
        [
          ['tenant', 'acme ü'],
          ['broken', '%'],
        ],
      )
      t.equal(came?.getEntry('tenant')?.metadata?.toString(), 'ttl=60;x')
      const changed = came?.setEntry('user', { value: 'ä,b' }).removeEntries('broken')
      if (changed === undefined) throw new Error('expected baggage')
      context.with(propagation.setBaggage(context.active(), changed), () => {
        t.equal(native.active()?.baggage, 'tenant=acme%20%C3%BC;ttl=60;x,user=%C3%A4%2Cb')
        t.equal(changed.removeEntry('user').getAllEntries().length, 1)
        t.equal(changed.clear().getAllEntries().length, 0)
      })
      context.with(propagation.deleteBaggage(context.active()), () => {
        t.equal(native.active()?.baggage, undefined)
        t.equal(propagation.getActiveBaggage(), undefined)
      })
      t.equal(native.active()?.baggage, 'tenant=acme%20%C3%BC;ttl=60;x,broken=%')
    },
    { baggage: 'tenant=acme%20%C3%BC;ttl=60;x,broken=%' },
  )
})

t.test('baggage made by the API: metadata is sent, what breaks a header is not', async t => {
  const baggage = propagation.createBaggage({
    a: { value: '1', metadata: baggageEntryMetadataFromString('p=1') },
    evil: { value: 'x', metadata: baggageEntryMetadataFromString('p\r\nHost: evil') },
  })
  const carrier: Record<string, string> = {}
  propagation.inject(propagation.setBaggage(ROOT_CONTEXT, baggage), carrier)
  t.strictSame(carrier, { baggage: 'a=1;p=1' })
})

t.test(
  'inject and extract: from the code to a message and back, with getters and setters',
  async t => {
    run(
      invocation => {
        const message = new Map<string, string>()
        propagation.inject(context.active(), message, {
          set: (carrier, key, value) => carrier.set(key, value),
        })
        t.strictSame(
          [...message],
          [
            ['traceparent', `00-${invocation.context.traceId}-${invocation.context.spanId}-01`],
            ['baggage', 'a=1'],
          ],
        )
        const extracted = propagation.extract(ROOT_CONTEXT, message, {
          get: (carrier, key) => carrier.get(key),
          keys: carrier => [...carrier.keys()],
        })
        t.match(trace.getSpanContext(extracted), {
          traceId: invocation.context.traceId,
          spanId: invocation.context.spanId,
          isRemote: true,
        })
        t.equal(propagation.getBaggage(extracted)?.getEntry('a')?.value, '1')
      },
      { baggage: 'a=1' },
    )
  },
)

t.test('extract: lists of values, nothing, and broken headers', async t => {
  const traceparent = `00-${REMOTE.traceId}-${REMOTE.spanId}-01`
  const carrier = {
    traceparent: [traceparent, 'other'],
    tracestate: ['a=1', 'b=2'],
    baggage: ['x=1', 'y=2'],
  }
  const extracted = propagation.extract(ROOT_CONTEXT, carrier)
  t.equal(trace.getSpanContext(extracted)?.traceState?.serialize(), 'a=1,b=2')
  t.equal(propagation.getBaggage(extracted)?.getAllEntries().length, 2)
  for (const nothing of [
    {},
    { traceparent: 'x' },
    { traceparent: [] },
    { traceparent: 5 },
    null,
    undefined,
  ])
    t.equal(propagation.extract(ROOT_CONTEXT, nothing), ROOT_CONTEXT)
  t.strictSame(propagation.fields(), ['traceparent', 'tracestate', 'baggage'])
})

t.test('a server of the code’s own that extracts has its spans under the caller’s', async t => {
  const server = createServer((request, response) => {
    context.with(propagation.extract(ROOT_CONTEXT, request.headers), () =>
      tracer.startActiveSpan('serve', span => {
        response.end()
        span.end()
      }),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as { port: number }
  const headers: Record<string, string> = {}
  propagation.inject(trace.setSpanContext(ROOT_CONTEXT, REMOTE), headers)
  await (await fetch(`http://127.0.0.1:${port}`, { headers })).text()
  t.match(ended, [{ name: 'serve', parentSpanId: REMOTE.spanId, hasRemoteParent: true }])
})
