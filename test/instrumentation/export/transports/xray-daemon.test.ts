// Batches on their way to the X-Ray daemon, over real sockets.
import { execFile } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { encodeHead } from '../../../../instrumentation/export/otlp-encoder.ts'
import type { SpanBatch } from '../../../../instrumentation/export/transport.ts'
import {
  createXRayDaemonTransport,
  parseDaemonAddress,
} from '../../../../instrumentation/export/transports/xray-daemon.ts'
import {
  encodeDatagrams,
  MAX_DATAGRAM_BYTES,
} from '../../../../instrumentation/export/xray/datagrams.ts'
import type { Span } from '../../../../instrumentation/trace/span.ts'
import { startUdpDaemon } from '../../../helpers/udp-daemon.ts'
import { batchOf, encodedSpan, startSpan } from '../decode.ts'
import { findXRayFlaws } from '../xray-schema.ts'

const TIMEOUT_MS = 10_000
const HEAD = encodeHead({ 'service.name': 'orders' }, 'baton', '1.2.3')
const HEADER = { format: 'json', version: 1 }

function span(name: string, length = 0, traceFlags = 1): Span {
  const context = { ...startSpan().context, traceFlags }
  const started = startSpan({ name, context, parentSpanId: 'aaaaaaaaaaaaaaaa' })
  started.setAttributes({ n: name, ...(length > 0 && { long: 'x'.repeat(length) }) })
  started.end(started.startMs + 1)
  return started
}

const spans = (...names: readonly string[]): SpanBatch =>
  batchOf(
    HEAD,
    names.map(name => span(name)),
  )

for (const [text, expected] of [
  ['169.254.79.129:2000', { host: '169.254.79.129', port: 2000 }],
  ['localhost:1', { host: 'localhost', port: 1 }],
  [' daemon.example:65535 ', { host: 'daemon.example', port: 65_535 }],
  ['tcp:10.0.0.1:2001 udp:10.0.0.2:2002', { host: '10.0.0.2', port: 2002 }],
  ['udp:10.0.0.2:2002 tcp:10.0.0.1:2001', { host: '10.0.0.2', port: 2002 }],
  ['udp:10.0.0.2:2002', { host: '10.0.0.2', port: 2002 }],
  ['[::1]:2000', { host: '::1', port: 2000 }],
  ['tcp:10.0.0.1:2001', undefined],
  ['10.0.0.1', undefined],
  ['10.0.0.1:', undefined],
  [':2000', undefined],
  ['10.0.0.1:0', undefined],
  ['10.0.0.1:65536', undefined],
  ['10.0.0.1:2e3', undefined],
  ['', undefined],
] as const) {
  t.test(`the address ${JSON.stringify(text)} means ${JSON.stringify(expected)}`, async t => {
    t.strictSame(parseDaemonAddress(text), expected)
  })
}

for (const host of ['127.0.0.1', '::1']) {
  t.test(`segments arrive at ${host}, one a datagram`, async t => {
    await using daemon = await startUdpDaemon(host)
    const { address } = daemon
    const transport = createXRayDaemonTransport({ address, format: 'segments' })
    t.strictSame(await transport.send(spans('a', 'b'), TIMEOUT_MS), { status: 'accepted' })
    await daemon.waitFor(2)
    t.match(daemon.received, [
      { header: HEADER, document: { name: 'a', type: 'subsegment' } },
      { header: HEADER, document: { name: 'b' } },
    ])
    t.strictSame(
      daemon.received.flatMap(each => findXRayFlaws(each.document ?? {})),
      [],
    )
  })
}

t.test('OTLP arrives behind its mark, sampled spans apart from others', async t => {
  await using daemon = await startUdpDaemon()
  const transport = createXRayDaemonTransport({ address: daemon.address, format: 'otlp' })
  const batch = batchOf(HEAD, [span('a'), span('u', 0, 0), span('b')])
  t.strictSame(await transport.send(batch, TIMEOUT_MS), { status: 'accepted' })
  await daemon.waitFor(2)
  t.match(daemon.received, [
    {
      header: HEADER,
      mark: 'T1S',
      spans: [{ name: 'a', resource: { 'service.name': 'orders' } }, { name: 'b' }],
    },
    { header: HEADER, mark: 'T1U', spans: [{ name: 'u' }] },
  ])
})

for (const format of ['segments', 'otlp'] as const) {
  t.test(`hundreds of spans as ${format} arrive whole and in order`, async t => {
    await using daemon = await startUdpDaemon()
    const transport = createXRayDaemonTransport({ address: daemon.address, format })
    const names = Array.from({ length: 512 }, (_, n) => `span ${n}`)
    const batch = batchOf(
      HEAD,
      names.map(name => span(name, 500)),
    )
    t.strictSame(await transport.send(batch, TIMEOUT_MS), { status: 'accepted' })
    await daemon.waitFor(format === 'segments' ? 512 : 7)
    const seen = daemon.received.flatMap(each =>
      each.spans === undefined ? [each.document?.name] : each.spans.map(one => one.name),
    )
    t.strictSame(seen, names)
    t.equal(Math.max(...daemon.received.map(each => each.bytes)) <= 65_507, true)
  })

  t.test(`a span too large for a datagram of ${format} is cut, and says so`, async t => {
    await using daemon = await startUdpDaemon()
    const transport = createXRayDaemonTransport({ address: daemon.address, format })
    const batch = batchOf(HEAD, [span('large', 70_000), span('small')])
    t.strictSame(await transport.send(batch, TIMEOUT_MS), { status: 'accepted' })
    await daemon.waitFor(format === 'segments' ? 2 : 1)
    t.match(
      daemon.received[0],
      format === 'segments'
        ? {
            document: {
              annotations: { n: 'large' },
              metadata: { otel: { dropped_attributes: 1 } },
            },
          }
        : { spans: [{ attributes: { n: 'large' }, droppedAttributesCount: 1 }, { name: 'small' }] },
    )
  })

  t.test(
    `damaged spans are refused with their count, the others are sent as ${format}`,
    async t => {
      await using daemon = await startUdpDaemon()
      const transport = createXRayDaemonTransport({ address: daemon.address, format })
      const damaged = encodedSpan('b').subarray(0, 20)
      const batch = { head: HEAD, spans: Buffer.concat([spans('a').spans, damaged]), count: 2 }
      t.match(await transport.send(batch, TIMEOUT_MS), {
        status: 'accepted',
        refused: { count: 1 },
      })
      t.match(await transport.send({ head: HEAD, spans: damaged, count: 1 }, TIMEOUT_MS), {
        status: 'rejected',
      })
      await daemon.waitFor(1)
      t.equal(daemon.received.length, 1)
    },
  )
}

t.test('the largest datagram is the largest that the system sends', async t => {
  await using daemon = await startUdpDaemon()
  const { address } = daemon
  const some = encodeDatagrams(batchOf(HEAD, [span('a', 50_000)]), 'segments').datagrams[0]
  const length = 50_000 + MAX_DATAGRAM_BYTES - (some?.length ?? 0)
  const transport = createXRayDaemonTransport({ address, format: 'segments' })
  const batch = batchOf(HEAD, [span('a', length)])
  t.strictSame(await transport.send(batch, TIMEOUT_MS), { status: 'accepted' })
  await daemon.waitFor(1)
  t.equal(daemon.received[0]?.bytes, MAX_DATAGRAM_BYTES)
  const socket = createSocket('udp4')
  t.teardown(() => socket.close())
  const port = Number(address.split(':')[1])
  const send = (bytes: number): Promise<Error | null> =>
    new Promise(resolve => socket.send(Buffer.alloc(bytes), port, '127.0.0.1', resolve))
  t.match(await send(MAX_DATAGRAM_BYTES + 1), { code: 'EMSGSIZE' })
})

t.test('nobody there means retry, and a daemon that comes back gets the next batch', async t => {
  const gone = await startUdpDaemon()
  const { address } = gone
  await gone[Symbol.asyncDispose]()
  const transport = createXRayDaemonTransport({ address, format: 'segments' })
  t.match(await transport.send(spans('a'), TIMEOUT_MS), { status: 'retry', reason: /ECONNREFUSED/ })
  const port = Number(address.split(':')[1])
  await using daemon = await startUdpDaemon('127.0.0.1', port)
  t.strictSame(await transport.send(spans('b'), TIMEOUT_MS), { status: 'accepted' })
  await daemon.waitFor(1)
  t.match(daemon.received, [{ document: { name: 'b' } }])
})

t.test('a name that nobody knows means retry', async t => {
  const transport = createXRayDaemonTransport({ address: 'no.such.invalid:2000', format: 'otlp' })
  t.match(await transport.send(spans('a'), TIMEOUT_MS), { status: 'retry', reason: /\w/ })
})

t.test('what takes longer than the time given means retry, and is not sent on', async t => {
  await using daemon = await startUdpDaemon()
  const transport = createXRayDaemonTransport({ address: daemon.address, format: 'segments' })
  // A moment after each 16 datagrams: 64 ms at least.
  const many = batchOf(
    HEAD,
    Array.from({ length: 1024 }, (_, n) => span(`${n}`)),
  )
  t.match(await transport.send(many, 5), { status: 'retry', reason: /5 ms/ })
  t.strictSame(await transport.send(spans('next'), TIMEOUT_MS), { status: 'accepted' })
  while (daemon.received.at(-1)?.document?.name !== 'next')
    await daemon.waitFor(daemon.received.length + 1)
  t.ok(daemon.received.length < 1024)
})

t.test('batches may be sent side by side, and each is told when they take too long', async t => {
  await using daemon = await startUdpDaemon()
  const transport = createXRayDaemonTransport({ address: daemon.address, format: 'segments' })
  const many = batchOf(
    HEAD,
    Array.from({ length: 1024 }, (_, n) => span(`${n}`)),
  )
  const both = [transport.send(spans('a'), TIMEOUT_MS), transport.send(spans('b'), TIMEOUT_MS)]
  t.strictSame(await Promise.all(both), [{ status: 'accepted' }, { status: 'accepted' }])
  const results = await Promise.all([transport.send(many, 10), transport.send(many, 5)])
  t.match(results, [{ status: 'retry' }, { status: 'retry' }])
})

t.test('a socket that waits does not keep the process alive', async t => {
  await using daemon = await startUdpDaemon()
  const root = join(import.meta.dirname, '..', '..', '..', '..')
  const script = `
    const { createXRayDaemonTransport } = await import(${JSON.stringify(join(root, 'instrumentation/export/transports/xray-daemon.ts'))})
    const { batchOf, endedSpan } = await import(${JSON.stringify(join(root, 'test/instrumentation/export/decode.ts'))})
    const { encodeHead } = await import(${JSON.stringify(join(root, 'instrumentation/export/otlp-encoder.ts'))})
    const transport = createXRayDaemonTransport({ address: ${JSON.stringify(daemon.address)}, format: 'otlp' })
    console.log(JSON.stringify(await transport.send(batchOf(encodeHead({}, '', ''), [endedSpan()]), 600_000)))
  `
  const path = join(t.testdir({ 'send.mjs': script }), 'send.mjs')
  const node = [process.execPath, '--experimental-strip-types', '--no-warnings', path]
  const { stdout } = await promisify(execFile)('/usr/bin/env', ['-i', ...node], { timeout: 60_000 })
  t.equal(stdout, '{"status":"accepted"}\n')
  await daemon.waitFor(1)
})
