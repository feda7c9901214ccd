// Streaming handlers that fail: what the caller is told behind the body so far, and what is only logged.
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t from 'tap'
import { HttpResponseStream } from '../../../runtime/streaming/http-response-stream.ts'
import { errorOf } from '../../helpers/streaming.ts'
import { startStreaming } from './stream-handler.ts'

const PRELUDE = { statusCode: 201 }

t.test('C119 null and undefined are refused as Node does, and nothing was sent by it', async t => {
  for (const chunk of [null, undefined, Symbol('s'), () => {}]) {
    await using streaming = await startStreaming(async (_event, stream) => {
      HttpResponseStream.from(stream, { statusCode: 200 })
      stream.write(chunk)
    })
    t.match((await streaming.answer).outcome, { status: 'error', errorType: 'TypeError' })
    const [post] = streaming.api.posts
    t.equal(post?.body, '')
    t.match(errorOf(post), {
      type: 'TypeError',
      body: { errorType: 'TypeError', errorMessage: /null values|must be of type string/ },
    })
  }
})

t.test('C119 the content type cannot change after the first write', async t => {
  await using streaming = await startStreaming(async (_event, stream) => {
    stream.write('a')
    stream.setContentType('text/plain')
  })
  t.match((await streaming.answer).outcome, { errorType: 'Runtime.InvalidStreamingOperation' })
  t.match(streaming.api.posts, [{ body: 'a' }])
  t.match(errorOf(streaming.api.posts[0]), {
    type: 'Runtime.InvalidStreamingOperation',
    body: { errorMessage: 'Cannot set content-type, too late.' },
  })
})

t.test('a content type that is no header value is refused where it is set', async t => {
  for (const contentType of ['a\r\nX: y', 'é', '', 7]) {
    await using streaming = await startStreaming(async (_event, stream) => {
      stream.setContentType(contentType as string)
    })
    t.match((await streaming.answer).outcome, { errorType: 'TypeError' })
    t.equal(streaming.api.posts[0]?.headers['content-type'], 'application/octet-stream')
  }
})

t.test(
  'C126 thrown before the first write: an empty body with trailers, no error post',
  async t => {
    await using streaming = await startStreaming(async (_event, stream) => {
      HttpResponseStream.from(stream, PRELUDE)
      throw new TypeError('no')
    })
    t.match(await streaming.answer, {
      outcome: { status: 'error', errorType: 'TypeError', stream: { bytes: 0 } },
      mayContinue: true,
    })
    t.match(streaming.api.posts, [{ operation: 'response', body: '' }])
    t.equal(streaming.api.posts.length, 1)
    t.match(errorOf(streaming.api.posts[0]), {
      type: 'TypeError',
      body: {
        errorType: 'TypeError',
        errorMessage: 'no',
        trace: [/^TypeError: no$/, /failure\.test\.ts/],
      },
    })
    t.match(streaming.log, [/^req-0\tERROR\tInvoke Error \t\{"errorType":"TypeError"/])
    t.equal(streaming.log.length, 1)
  },
)

t.test('C127 thrown in the middle: the body so far, then trailers', async t => {
  await using streaming = await startStreaming(async (_event, stream) => {
    stream.write('a')
    stream.write('b')
    throw 'a string'
  })
  t.match((await streaming.answer).outcome, { status: 'error', errorType: 'string' })
  t.equal(streaming.api.posts[0]?.body, 'ab')
  t.strictSame(errorOf(streaming.api.posts[0]), {
    type: 'string',
    body: { errorType: 'string', errorMessage: 'a string', trace: [] },
  })
})

t.test('C128 a name that is no header value is called Error', async t => {
  for (const name of ['Ошибка', 'a b', 'a\r\nX: y', '', 'x'.repeat(257)]) {
    await using streaming = await startStreaming(async () => {
      throw Object.assign(new Error('no'), { name })
    })
    await streaming.answer
    t.match(errorOf(streaming.api.posts[0]), {
      type: 'Error',
      body: { errorType: name, errorMessage: 'no' },
    })
  }
})

t.test('thrown after the end: the caller has its answer, the error is logged', async t => {
  await using streaming = await startStreaming(async (_event, stream) => {
    stream.end('whole')
    await once(stream, 'finish')
    throw new Error('late')
  })
  t.match(await streaming.answer, {
    outcome: { status: 'error', errorType: 'Error' },
    mayContinue: true,
  })
  t.match(streaming.api.posts, [{ body: 'whole' }])
  t.equal(errorOf(streaming.api.posts[0]).type, undefined)
  t.match(streaming.log, [/Invoke Error \t.*"late"/])
})

t.test('a write after the end is logged; the body stands', async t => {
  const told: unknown[] = []
  await using streaming = await startStreaming(async (_event, stream) => {
    stream.on('error', error => told.push(error))
    stream.write('a')
    stream.end('b')
    t.equal(
      stream.write('c', error => told.push(error)),
      false,
    )
    stream.end('d')
  })
  t.match((await streaming.answer).outcome, { status: 'error', errorType: 'Error' })
  t.equal(streaming.api.posts[0]?.body, 'ab')
  t.equal(told.length, 2)
  t.match(told, [{ code: 'ERR_STREAM_WRITE_AFTER_END' }])
  t.match(streaming.log, [/Invoke Error \t.*write after end/])
})

t.test('a pipeline whose source fails: the body so far, then its error', async t => {
  await using streaming = await startStreaming(async (_event, stream) => {
    const source = Readable.from(
      (async function* () {
        yield 'a'
        yield 'b'
        throw new RangeError('source')
      })(),
    )
    await pipeline(source, stream)
  })
  t.match((await streaming.answer).outcome, { errorType: 'RangeError' })
  t.equal(streaming.api.posts[0]?.body, 'ab')
  t.equal(errorOf(streaming.api.posts[0]).type, 'RangeError')
  t.equal(streaming.log.length, 1)
})

t.test('a destroyed stream that nobody speaks of is a failure of its own', async t => {
  for (const [error, type] of [
    [new RangeError('mine'), 'RangeError'],
    [undefined, 'Runtime.InvalidStreamingOperation'],
  ] as const) {
    await using streaming = await startStreaming(async (_event, stream) => {
      stream.write('a')
      stream.destroy(error)
    })
    t.match((await streaming.answer).outcome, { errorType: type })
    t.equal(streaming.api.posts[0]?.body, 'a')
    t.equal(errorOf(streaming.api.posts[0]).type, type)
  }
})

t.test(
  'an exception from elsewhere ends the body with trailers, whatever the handler does',
  async t => {
    await using streaming = await startStreaming(async (_event, stream) => {
      stream.write('a')
      await new Promise(() => {})
    })
    streaming.running.failureTitle = 'Uncaught Exception'
    streaming.running.settle({ status: 'error', errorType: 'Error', error: new Error('uc') })
    t.match(await streaming.answer, { outcome: { status: 'error' }, mayContinue: true })
    t.equal(streaming.api.posts[0]?.body, 'a')
    t.match(streaming.log, [/^req-0\tERROR\tUncaught Exception \t.*"uc"/])
  },
)
