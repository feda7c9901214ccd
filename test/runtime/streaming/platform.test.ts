// Streams that the platform does not take: what becomes of the handler, the log and the next event.
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t, { type Test } from 'tap'
import type { ResponseStream } from '../../../runtime/streaming/response-stream.ts'
import type { ArrivingPost, Fault } from '../../helpers/runtime-api.ts'
import { type Streaming, startStreaming } from './stream-handler.ts'

/** Goes on writing until it cannot. */
const endless = async (_event: unknown, stream: ResponseStream): Promise<void> => {
  await pipeline(
    Readable.from(
      (async function* () {
        for (;;) {
          await new Promise(resolve => setImmediate(resolve))
          yield 'a'
        }
      })(),
    ),
    stream,
  )
}

const afterFirstByte =
  (fault: Fault) =>
  ({ bytes }: ArrivingPost): Fault | undefined =>
    bytes > 0 ? fault : undefined

async function expectLost(t: Test, streaming: Streaming, reason: RegExp): Promise<void> {
  const { outcome, mayContinue } = await streaming.answer
  t.match(outcome, { status: 'error', errorType: 'Runtime.ResponsePostFailed' })
  t.equal(mayContinue, false)
  t.equal(streaming.log.length, 1)
  t.match(streaming.log[0], /^req-0\tERROR\tthe Runtime API did not take the answer: /)
  t.match(streaming.log[0], reason)
  t.equal(streaming.api.posts.filter(post => post.operation === 'error').length, 0)
}

t.test('C146 a connection reset in the middle', async t => {
  await using streaming = await startStreaming(endless, {
    faultWhile: afterFirstByte({ reset: true }),
  })
  await expectLost(t, streaming, /ECONNRESET|EPIPE|closed/)
})

t.test('C146 a connection reset while the handler never settles', async t => {
  await using streaming = await startStreaming(
    async (_event, stream) => {
      stream.write('a')
      await new Promise(() => {})
    },
    { faultWhile: afterFirstByte({ reset: true }) },
  )
  await expectLost(t, streaming, /ECONNRESET|closed/)
})

t.test('C147 a refusal in the middle, and one after the end', async t => {
  await using early = await startStreaming(endless, { faultWhile: afterFirstByte({ status: 400 }) })
  await expectLost(t, early, /expected a 2xx from the Runtime API, got 400/)
  await using late = await startStreaming(async (_event, stream) => void stream.end('x'), {
    faultOn: () => ({ status: 403 }),
  })
  await expectLost(t, late, /got 403/)
})

t.test('an acceptance in the middle is none', async t => {
  await using streaming = await startStreaming(endless, {
    faultWhile: afterFirstByte({ status: 202 }),
  })
  await expectLost(t, streaming, /Response stream is not finished\./)
})

t.test('too large is no end: the handler is waited for, and the next event may come', async t => {
  const { promise: mayReturn, resolve: allowReturn } = Promise.withResolvers<void>()
  let seen: unknown
  await using streaming = await startStreaming(
    async (event, stream) => {
      await endless(event, stream).catch(error => {
        seen = error
      })
      allowReturn()
      await new Promise(resolve => setImmediate(resolve))
    },
    { faultWhile: afterFirstByte({ status: 413 }) },
  )
  await mayReturn
  t.match(seen, { name: 'Runtime.ResponsePostFailed' })
  t.equal(streaming.running.state, 'running', 'the handler has not returned')
  const { outcome, mayContinue } = await streaming.answer
  t.match(outcome, { status: 'error', errorType: 'Runtime.ResponsePostFailed' })
  t.equal(mayContinue, true)
  t.match(streaming.log, [/^req-0\tERROR\t.*got 413/])
  t.equal(streaming.log.length, 1)
})

t.test('too large after the end', async t => {
  await using streaming = await startStreaming(async (_event, stream) => void stream.end('x'), {
    faultOn: () => ({ status: 413 }),
  })
  t.match(await streaming.answer, {
    outcome: { errorType: 'Runtime.ResponsePostFailed' },
    mayContinue: true,
  })
})

t.test('an error of the handler beside a stream that was lost: both are logged', async t => {
  await using streaming = await startStreaming(
    async (event, stream) => {
      await endless(event, stream).catch(() => {})
      throw new RangeError('mine')
    },
    { faultWhile: afterFirstByte({ status: 413 }) },
  )
  t.match(await streaming.answer, {
    outcome: { errorType: 'Runtime.ResponsePostFailed' },
    mayContinue: true,
  })
  t.match(streaming.log, [/ERROR\tInvoke Error \t.*RangeError/, /got 413/])
})
