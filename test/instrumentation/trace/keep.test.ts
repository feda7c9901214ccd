// Which invocations are kept that were not sampled, and where their spans wait.
import t from 'tap'
import { Aside, findKeepReason, MAX_ASIDE_SPANS } from '../../../instrumentation/trace/keep.ts'
import type { Span } from '../../../instrumentation/trace/span.ts'
import { endedSpan } from '../export/decode.ts'

const NEVER = { errors: false, timeouts: false, coldStarts: false, slowerThanMs: undefined }
const FINE = { isError: false, isTimeout: false, isColdStart: false, durationMs: 100 }

t.test('each condition is a reason for what it names, and for nothing else', async t => {
  t.equal(
    findKeepReason(NEVER, { isError: true, isTimeout: true, isColdStart: true, durationMs: 9e9 }),
    undefined,
  )
  const all = { errors: true, timeouts: true, coldStarts: true, slowerThanMs: 100 }
  t.equal(findKeepReason(all, FINE), undefined)
  t.equal(
    findKeepReason({ ...NEVER, slowerThanMs: 100 }, { ...FINE, durationMs: 100.1 }),
    'slower-than',
  )
  t.equal(
    findKeepReason({ ...NEVER, coldStarts: true }, { ...FINE, isColdStart: true }),
    'cold-starts',
  )
  t.equal(findKeepReason({ ...NEVER, errors: true }, { ...FINE, isError: true }), 'errors')
  const timedOut = { ...FINE, isError: true, isTimeout: true }
  t.equal(findKeepReason({ ...NEVER, timeouts: true }, timedOut), 'timeouts')
  t.equal(findKeepReason({ ...NEVER, timeouts: true }, { ...FINE, isError: true }), undefined)
  t.equal(findKeepReason({ ...NEVER, errors: true }, timedOut), 'errors')
  t.equal(findKeepReason(all, { ...timedOut, isColdStart: true, durationMs: 9e9 }), 'timeouts')
})

t.test('so many spans wait; the next one is counted', async t => {
  const kept: Span[] = []
  const aside = new Aside(span => void kept.push(span))
  for (let index = 0; index < MAX_ASIDE_SPANS; index++) aside.add(endedSpan())
  t.equal(aside.droppedSpans, 0)
  aside.add(endedSpan())
  t.equal(aside.droppedSpans, 1)
  aside.settle(true)
  t.equal(kept.length, MAX_ASIDE_SPANS)
  aside.settle(false)
  aside.add(endedSpan())
  t.equal(kept.length, MAX_ASIDE_SPANS + 1, 'the first decision stands')
})
