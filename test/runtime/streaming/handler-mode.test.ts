// The marks of streaming handlers.
import t from 'tap'
import { installStreamingGlobals } from '../../../runtime/streaming/globals.ts'
import { streamifyResponse, streamingModeOf } from '../../../runtime/streaming/handler-mode.ts'
import { HttpResponseStream } from '../../../runtime/streaming/http-response-stream.ts'

const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming')
const HIGH_WATER_MARK = Symbol.for('aws.lambda.runtime.handler.streaming.highWaterMark')

t.test('C114 streamifyResponse marks the function that it is given', async t => {
  const handler = async (): Promise<void> => {}
  t.equal(streamifyResponse(handler), handler)
  t.equal(Reflect.get(handler, STREAMING), 'response')
  t.strictSame(streamingModeOf(handler), { highWaterMark: undefined })
  t.equal(streamifyResponse(handler, { highWaterMark: 10 }), handler)
  t.equal(Reflect.get(handler, HIGH_WATER_MARK), 10)
  t.strictSame(streamingModeOf(handler), { highWaterMark: 10 })
})

t.test('C39 what the mark may be', async t => {
  for (const mark of [undefined, null, '', 0, false]) {
    t.equal(streamingModeOf(Object.assign(() => {}, { [STREAMING]: mark })), undefined)
  }
  for (const mark of ['request', 'Response', true, 1, {}]) {
    t.throws(() => streamingModeOf(Object.assign(() => {}, { [STREAMING]: mark })), {
      name: 'Runtime.MalformedStreamingHandler',
      message: 'Only response streaming is supported.',
    })
  }
})

t.test('C117 a high-water mark that is no size is none', async t => {
  for (const [mark, highWaterMark] of [
    [0, 0],
    [1, 1],
    ['10', 10],
    [10.7, 10],
    [-1, undefined],
    [Number.NaN, undefined],
    ['x', undefined],
    [null, undefined],
  ]) {
    const handler = Object.assign(() => {}, { [STREAMING]: 'response', [HIGH_WATER_MARK]: mark })
    t.strictSame(streamingModeOf(handler), { highWaterMark }, String(mark))
  }
})

t.test('C113 the globals are added to what is there', async t => {
  const globals = globalThis as { awslambda?: unknown }
  t.teardown(() => {
    delete globals.awslambda
  })
  globals.awslambda = { mine: 1, streamifyResponse: 2 }
  installStreamingGlobals()
  t.strictSame(globals.awslambda, { mine: 1, streamifyResponse, HttpResponseStream })
})
