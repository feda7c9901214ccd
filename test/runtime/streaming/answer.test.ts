// A streaming handler from its call to the accepted answer: what it gets, what the platform gets, when it is over.
import { once } from 'node:events'
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t from 'tap'
import type { ResponseStream } from '../../../runtime/streaming/response-stream.ts'
import { errorOf } from '../../helpers/streaming.ts'
import { CONTEXT, startStreaming } from './stream-handler.ts'

t.test('the handler gets event, stream and context, and no this', async t => {
  const seen: unknown[] = []
  await using streaming = await startStreaming(
    async function (this: unknown, ...args) {
      seen.push(this, ...args)
      args[1].end()
    },
    { event: { a: 1 } },
  )
  const { outcome, mayContinue } = await streaming.answer
  t.match(outcome, { status: 'ok', result: undefined, stream: { bytes: 0 } })
  t.equal(mayContinue, true)
  t.equal(seen.length, 4)
  t.equal(seen[0], undefined)
  t.strictSame(seen[1], { a: 1 })
  t.ok(seen[2] instanceof Writable)
  t.equal(seen[3], CONTEXT)
  t.strictSame(streaming.log, [])
})

t.test('C115 head and body on the wire', async t => {
  await using streaming = await startStreaming(async (_event, stream) => {
    stream.setContentType('text/plain')
    stream.write('a')
    stream.write('b')
    stream.end()
  })
  await streaming.answer
  const [post] = streaming.api.posts
  t.match(post, { operation: 'response', requestId: 'req-0', body: 'ab' })
  t.strictSame(post?.rawHeaders, [
    'Host',
    streaming.api.address,
    'User-Agent',
    'baton/1.2.3',
    'Content-Type',
    'text/plain',
    'Lambda-Runtime-Function-Response-Mode',
    'streaming',
    'Trailer',
    'Lambda-Runtime-Function-Error-Type',
    'Trailer',
    'Lambda-Runtime-Function-Error-Body',
    'Transfer-Encoding',
    'chunked',
  ])
  t.equal(errorOf(post).type, undefined)
})

t.test('C122 an end without a write is an empty body of octets', async t => {
  await using streaming = await startStreaming(async (_event, stream) => void stream.end())
  t.match((await streaming.answer).outcome, { status: 'ok', stream: { bytes: 0 } })
  t.match(streaming.api.posts, [
    { body: '', headers: { 'content-type': 'application/octet-stream' } },
  ])
})

t.test('C118 strings and bytes go as they are, anything else as JSON', async t => {
  await using streaming = await startStreaming(async (_event, stream) => {
    stream.write({ a: 1 })
    stream.write(Buffer.from('B'))
    stream.write(new Uint8Array([67]))
    stream.write([1, 2])
    stream.write(7)
    stream.write('aGk=', 'base64')
    stream.write('é')
    stream.end({ z: true })
  })
  await streaming.answer
  t.equal(streaming.api.posts[0]?.body, '{"a":1}BC[1,2]7hié{"z":true}')
})

t.test('what is written arrives before the handler is done', async t => {
  const { promise: mayEnd, resolve: allowEnd } = Promise.withResolvers<void>()
  await using streaming = await startStreaming(async (_event, stream) => {
    stream.write('first')
    await mayEnd
    stream.end('last')
  })
  await streaming.api.until(({ arrivals }) => arrivals[0]?.body() === 'first')
  t.equal(streaming.api.arrivals[0]?.state, 'open')
  allowEnd()
  t.match((await streaming.answer).outcome, { status: 'ok', stream: { bytes: 9 } })
  t.equal(streaming.api.posts[0]?.body, 'firstlast')
})

t.test('pipe and pipeline end the stream', async t => {
  for (const send of [
    async (stream: ResponseStream) => pipeline(Readable.from(['a', 'b']), stream),
    async (stream: ResponseStream) => {
      Readable.from(['a', 'b']).pipe(stream)
      await once(stream, 'finish')
    },
    async (stream: ResponseStream) => void Readable.from(['a', 'b']).pipe(stream),
  ]) {
    await using streaming = await startStreaming(
      async (_event, stream) => void (await send(stream)),
    )
    t.match((await streaming.answer).outcome, { status: 'ok', stream: { bytes: 2 } })
    t.equal(streaming.api.posts[0]?.body, 'ab')
  }
})

t.test('C123 a handler that returns without an end is open until someone ends it', async t => {
  let kept: ResponseStream | undefined
  await using streaming = await startStreaming(async (_event, stream) => {
    kept = stream
    stream.write('a')
  })
  await streaming.api.until(({ arrivals }) => arrivals[0]?.body() === 'a')
  t.equal(streaming.running.atEmptyLoop?.(), undefined, 'not over')
  t.equal(streaming.running.atEmptyLoop?.(), undefined)
  t.equal(streaming.running.state, 'running')
  t.match(streaming.log, [/^req-0\tWARN\t.*without ending its response stream/])
  t.equal(streaming.log.length, 1, 'said once')
  kept?.end('b')
  t.match((await streaming.answer).outcome, { status: 'ok', stream: { bytes: 2 } })
  t.equal(streaming.api.posts[0]?.body, 'ab')
})

t.test('an event loop run empty while the handler is pending is its failure', async t => {
  await using streaming = await startStreaming(async (_event, stream) => {
    stream.write('a')
    await new Promise(() => {})
  })
  const outcome = streaming.running.atEmptyLoop?.()
  t.match(outcome, { status: 'error', errorType: 'Runtime.NodeJsExit' })
  if (outcome !== undefined) streaming.running.settle(outcome)
  t.match(await streaming.answer, {
    outcome: { errorType: 'Runtime.NodeJsExit', stream: { bytes: 1 } },
    mayContinue: true,
  })
  t.match(streaming.api.posts, [{ body: 'a' }])
  t.equal(errorOf(streaming.api.posts[0]).type, 'Runtime.NodeJsExit')
})

t.test('C124 what the handler returns is not used, and a warning says so', async t => {
  await using streaming = await startStreaming(async (_event, stream) => {
    stream.end('x')
    return 5
  })
  t.match((await streaming.answer).outcome, { status: 'ok', result: undefined })
  t.strictSame(streaming.log, ['req-0\tWARN\tStreaming handlers ignore return values.'])
})

t.test('C125 a handler that is not async: its own end stands, the error is logged', async t => {
  await using streaming = await startStreaming((_event, stream) => void stream.end('x'))
  t.match((await streaming.answer).outcome, { errorType: 'Runtime.MalformedStreamingHandler' })
  t.equal(errorOf(streaming.api.posts[0]).type, undefined)
  t.equal(streaming.api.posts[0]?.body, 'x')
  t.match(streaming.log, [
    /^req-0\tERROR\tInvoke Error \t.*Streaming does not support non-async handlers\./,
  ])
})

t.test('C125 a handler that is not async and has not ended: trailers', async t => {
  await using streaming = await startStreaming((_event, stream) => {
    stream.write('x')
    setImmediate(() => stream.end('too late'))
  })
  t.match((await streaming.answer).outcome, { errorType: 'Runtime.MalformedStreamingHandler' })
  t.equal(streaming.api.posts[0]?.body, 'x')
  t.match(errorOf(streaming.api.posts[0]), {
    type: 'Runtime.MalformedStreamingHandler',
    body: { errorMessage: 'Streaming does not support non-async handlers.' },
  })
})

t.test('a thenable is a promise enough', async t => {
  await using streaming = await startStreaming((_event, stream) => {
    stream.end('x')
    // biome-ignore lint/suspicious/noThenProperty: the subject of the test
    return { then: (resolve: (value: undefined) => void) => resolve(undefined) }
  })
  t.match((await streaming.answer).outcome, { status: 'ok' })
})
