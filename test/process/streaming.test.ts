// C39, C113-C125: handlers that answer by a stream, on the wire.
import t from 'tap'
import { startFunction } from '../helpers/function.ts'
import { errorOf, startStreamingFunction, untilLogged } from '../helpers/streaming.ts'

const NULS = '\0'.repeat(8)
const PRELUDE_TYPE = 'application/vnd.awslambda.http-integration-response'

t.test('C39 a mark that is not `response` is an init error', async t => {
  await using fn = await startFunction({
    files: {
      'index.js': `exports.handler = async () => 1
      exports.handler[Symbol.for('aws.lambda.runtime.handler.streaming')] = 'request'`,
    },
  })
  t.not((await fn.exit).code, 0)
  t.match(fn.api.posts, [{ operation: 'init/error' }])
  t.equal(fn.api.posts.length, 1)
  t.match(JSON.parse(fn.api.posts[0]?.body ?? ''), {
    errorType: 'Runtime.MalformedStreamingHandler',
    errorMessage: 'Only response streaming is supported.',
  })
})

t.test('C39 the marks of AWS are enough: no global is needed', async t => {
  await using fn = await startFunction({
    files: {
      'index.js': `exports.handler = async (e, s) => { s.end(typeof awslambda + s.writableHighWaterMark) }
      exports.handler[Symbol.for('aws.lambda.runtime.handler.streaming')] = 'response'
      exports.handler[Symbol.for('aws.lambda.runtime.handler.streaming.highWaterMark')] = 11`,
    },
    events: [{}],
    env: { AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA: '1' },
  })
  await fn.answered(1)
  t.match(fn.api.posts, [{ operation: 'response', body: 'undefined11' }])
})

t.test('C113 C114 what stands on awslambda, from before the module is loaded', async t => {
  await using fn = await startFunction({
    files: {
      'index.js': `
        const f = async () => [
          awslambda.streamifyResponse(g) === g,
          typeof awslambda.streamifyResponse,
          typeof awslambda.HttpResponseStream,
          typeof awslambda.HttpResponseStream.from,
          typeof awslambda.InvokeStore,
        ]
        const g = async () => {}
        awslambda.streamifyResponse(g)
        exports.handler = f`,
    },
    events: [{}],
  })
  await fn.answered(1)
  t.strictSame(JSON.parse(fn.api.posts[0]?.body ?? ''), [
    true,
    'function',
    'function',
    'function',
    'object',
  ])
})

t.test('C115 the request: mode, two lines of trailers, content type, chunks', async t => {
  await using fn = await startStreamingFunction(
    's.setContentType("text/plain");s.write("a");s.write("b");s.end()',
  )
  await fn.answered(1)
  const [post] = fn.api.posts
  t.match(post, { operation: 'response', requestId: 'req-0', body: 'ab' })
  t.match(post?.headers, {
    'lambda-runtime-function-response-mode': 'streaming',
    'content-type': 'text/plain',
    'transfer-encoding': 'chunked',
    'user-agent': /^baton\//,
  })
  t.notOk('content-length' in (post?.headers ?? {}))
  const trailers = post?.rawHeaders.filter((_, index, all) => all[index - 1] === 'Trailer')
  t.strictSame(trailers, [
    'Lambda-Runtime-Function-Error-Type',
    'Lambda-Runtime-Function-Error-Body',
  ])
  t.equal(errorOf(post).type, undefined, 'none of them is sent')
})

t.test('C116 the stream is a Writable, with the two additions of AWS', async t => {
  await using fn = await startStreamingFunction(`
    const { Writable } = require('node:stream')
    s.end(JSON.stringify([
      s instanceof Writable, s.writable, s.destroyed, s.writableEnded, s.writableLength,
      typeof s.setContentType, '_onBeforeFirstWrite' in s, typeof s.pipe, typeof s.cork,
    ]))`)
  await fn.answered(1)
  t.strictSame(JSON.parse(fn.api.posts[0]?.body ?? ''), [
    true,
    true,
    false,
    false,
    0,
    'function',
    true,
    'function',
    'function',
  ])
})

t.test('C117 highWaterMark is the stream’s, and counts', async t => {
  await using fn = await startFunction({
    files: {
      'index.js': `exports.handler = awslambda.streamifyResponse(async (e, s) => {
        const answers = [s.write('123456789'), s.write('1234567890')]
        await new Promise(resolve => s.once('drain', resolve))
        s.end(JSON.stringify([s.writableHighWaterMark, ...answers]))
      }, { highWaterMark: 10 })`,
    },
    events: [{}],
  })
  await fn.answered(1)
  t.equal(fn.api.posts[0]?.body, '1234567891234567890[10,true,false]')
})

t.test('C118 strings and bytes as they are, the rest as JSON', async t => {
  await using fn = await startStreamingFunction(
    's.write({a:1});s.write(Buffer.from("B"));s.write(new Uint8Array([67]));s.write([1,2]);s.end()',
  )
  await fn.answered(1)
  t.equal(fn.api.posts[0]?.body, '{"a":1}BC[1,2]')
})

t.test('C120 the prelude, 8 NULs, the body', async t => {
  await using fn = await startStreamingFunction(
    's = awslambda.HttpResponseStream.from(s,{statusCode:201,headers:{x:"y"},cookies:["a=b"]});s.write("hello");s.end()',
  )
  await fn.answered(1)
  t.equal(
    fn.api.posts[0]?.body,
    `{"statusCode":201,"headers":{"x":"y"},"cookies":["a=b"]}${NULS}hello`,
  )
  t.equal(fn.api.posts[0]?.headers['content-type'], PRELUDE_TYPE)
})

for (const [end, body] of [
  ['end()', ''],
  ['end("body")', 'body'],
] as const) {
  t.test(`C121 the prelude is there with a bare ${end}`, async t => {
    await using fn = await startStreamingFunction(
      `awslambda.HttpResponseStream.from(s,{statusCode:204}).${end}`,
    )
    await fn.answered(1)
    t.equal(fn.api.posts[0]?.body, `{"statusCode":204}${NULS}${body}`)
  })
}

t.test('C122 an end without a write is an empty body', async t => {
  await using fn = await startStreamingFunction('s.end()', { events: [{}, {}] })
  await fn.answered(2)
  t.match(fn.api.posts, [
    { operation: 'response', body: '', headers: { 'content-type': 'application/octet-stream' } },
    { operation: 'response', body: '' },
  ])
})

t.test('C124 a value that is returned is not sent, and a warning says so', async t => {
  await using fn = await startStreamingFunction('s.end("x"); return 5')
  await fn.answered(1)
  t.match(fn.api.posts, [{ body: 'x' }])
  await untilLogged(fn, /\treq-0\tWARN\tStreaming handlers ignore return values\.\n/)
})

t.test('C125 a handler that is not async: the body if it ended it, and an error line', async t => {
  await using fn = await startFunction({
    files: {
      'index.js': 'exports.handler = awslambda.streamifyResponse((e, s) => { s.end("x") })',
    },
    events: [{}, {}],
  })
  await fn.answered(2)
  t.match(fn.api.posts, [{ operation: 'response', body: 'x' }, { body: 'x' }])
  t.equal(errorOf(fn.api.posts[0]).type, undefined)
  await untilLogged(fn, /\treq-0\tERROR\t.*Streaming does not support non-async handlers\./)
})

t.test('an event that is no JSON is reported to error, unstreamed', async t => {
  await using fn = await startStreamingFunction('s.end("x")', { events: ['{', {}] })
  await fn.answered(2)
  t.match(fn.api.posts, [{ operation: 'error' }, { operation: 'response', body: 'x' }])
})

t.test('C145 the mode is said of streams only', async t => {
  await using fn = await startFunction({
    files: { 'index.js': 'exports.handler = async () => 1' },
    events: [{}],
  })
  await fn.answered(1)
  t.notOk('lambda-runtime-function-response-mode' in (fn.api.posts[0]?.headers ?? {}))
})

t.test('a client whose connections close after each answer streams as well', async t => {
  await using fn = await startStreamingFunction('s.write("a"); s.end("b")', {
    events: [{}, {}],
    closesConnections: true,
  })
  await fn.answered(2)
  t.match(fn.api.posts, [{ body: 'ab' }, { body: 'ab' }])
})
