import t from 'tap'
import { extractParent } from '../../../instrumentation/propagation/extract-parent.ts'
import { detectTrigger } from '../../../instrumentation/triggers/detect.ts'
import { readEvent } from './read-event.ts'

t.test('of a REST event both sets of headers are carriers, the single values first', async t => {
  const { carriers } = detectTrigger(readEvent('api-gateway-rest'), 'fn')
  t.strictSame(
    [...new Set(carriers.map(({ name }) => name))],
    ['apigateway.headers', 'apigateway.multiValueHeaders'],
  )
  const event = readEvent('api-gateway-rest')
  event.headers = { traceparent: 'broken' }
  const found = extractParent({
    carriers: detectTrigger(event, 'fn').carriers,
    clientContext: undefined,
    traceHeader: undefined,
  })
  t.equal(found.parent?.carrier, 'apigateway.multiValueHeaders')
})

const HTTP_EVENTS = [
  'api-gateway-rest',
  'api-gateway-rest-proxy',
  'api-gateway-http',
  'api-gateway-http-any',
  'function-url',
  'function-url-iam',
  'alb',
  'alb-multi-value',
  'vpc-lattice-v1',
  'authorizer-request',
]

t.test('no query string and no header but the user agent is recorded', async t => {
  for (const name of HTTP_EVENTS) {
    const event = readEvent(name)
    if (typeof event.rawPath === 'string') event.rawPath += '?token=s3cr3t'
    if (typeof event.path === 'string') event.path += '?token=s3cr3t'
    const recorded = JSON.stringify(detectTrigger(event, 'fn').attributes)
    t.notMatch(recorded, /s3cr3t|deadbeef|application\/json|Root=/, name)
  }
})
