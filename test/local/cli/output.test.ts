// What the command prints, line by line.
import t from 'tap'
import { formatJson, formatLog, formatOutcome, isFailure } from '../../../local/cli/output.ts'
import type { Answer } from '../../../local/emulator/answer.ts'
import { createPalette } from '../../../local/viewer/palette.ts'

const PLAIN = createPalette(false)
const RESPONSE: Answer = {
  kind: 'response',
  body: '{"a":1}',
  bytes: Buffer.from('{"a":1}'),
  contentType: 'application/json',
  isStreamed: false,
  requestId: 'r-1',
  durationMs: 12.345,
}
const ERROR: Answer = {
  kind: 'error',
  errorType: 'Bo\x1bom',
  body: '{"errorType":"Boom"}',
  origin: 'invocation',
  requestId: 'r-1',
  durationMs: 1,
}
const BROKEN_STREAM: Answer = {
  ...RESPONSE,
  isStreamed: true,
  body: 'half',
  streamError: { errorType: 'Cut', body: 'not json' },
}

t.test('a line of the log keeps the lines within it; what Lambda writes is dim', async t => {
  t.equal(formatLog({ source: 'stdout', text: 'a\rb' }, PLAIN), 'a\nb\n')
  const palette = createPalette(true)
  t.equal(formatLog({ source: 'stderr', text: 'a' }, palette), 'a\n')
  t.equal(formatLog({ source: 'platform', text: 'END' }, palette), '\x1b[2mEND\x1b[22m\n')
})

t.test('the outcome says what failed, in printable characters', async t => {
  t.equal(formatOutcome(RESPONSE, PLAIN), '✓ answered after 12.3 ms\n')
  t.equal(formatOutcome(ERROR, PLAIN), '✗ Bo\\x1bom after 1.0 ms\n')
  t.equal(formatOutcome(BROKEN_STREAM, PLAIN), '✗ Cut in the stream, after 12.3 ms\n')
  t.strictSame([RESPONSE, ERROR, BROKEN_STREAM].map(isFailure), [false, true, true])
})

t.test('the document has the result or the error, parsed where it is JSON', async t => {
  t.strictSame(JSON.parse(formatJson(RESPONSE, undefined)), {
    requestId: 'r-1',
    kind: 'response',
    durationMs: 12.345,
    result: { a: 1 },
  })
  t.strictSame(JSON.parse(formatJson(ERROR, [])), {
    requestId: 'r-1',
    kind: 'error',
    durationMs: 1,
    errorType: 'Bo\x1bom',
    error: { errorType: 'Boom' },
    spans: [],
  })
  t.match(JSON.parse(formatJson(BROKEN_STREAM, [])), {
    result: 'half',
    errorType: 'Cut',
    error: 'not json',
  })
})
