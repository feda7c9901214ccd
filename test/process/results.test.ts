// C56-C60, C75-C81: what a handler gives back, and how it is posted.
import t from 'tap'
import { startFunction } from '../helpers/function.ts'

t.test('C56 an async handler answers what it resolves to', async t => {
  await using fn = await startFunction({
    files: { 'index.js': 'exports.handler = async e => ({ a: 1, e })' },
    events: [{ x: 2 }],
  })
  await fn.answered(1)
  t.match(fn.api.posts, [
    { operation: 'response', requestId: 'req-0', body: '{"a":1,"e":{"x":2}}' },
  ])
})
