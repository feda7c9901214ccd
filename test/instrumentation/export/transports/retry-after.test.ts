// `Retry-After` in both of its forms, by the collector's clock, and within bounds.
import t from 'tap'
import { readRetryAfter } from '../../../../instrumentation/export/transports/retry-after.ts'

const NOW = Date.parse('2026-01-01T00:00:00Z')

for (const [value, expected] of [
  ['0', 0],
  ['1', 1000],
  ['300', 300_000],
  ['301', 300_000],
  ['99999999999999999999', 300_000],
  ['Thu, 01 Jan 2026 00:00:07 GMT', 7000],
  ['Thu, 01 Jan 2026 01:00:00 GMT', 300_000],
  ['Wed, 31 Dec 2025 23:00:00 GMT', 0],
  ['soon', undefined],
  ['', undefined],
] as const) {
  t.test(`"${value}" means ${expected} ms`, async t => {
    t.equal(readRetryAfter({ 'retry-after': value }, NOW), expected)
  })
}

t.test('no header, no wish', async t => {
  t.equal(readRetryAfter({}, NOW), undefined)
})

t.test('a date is read by the clock of the collector that set it', async t => {
  const headers = {
    date: 'Thu, 01 Jan 2026 08:00:00 GMT',
    'retry-after': 'Thu, 01 Jan 2026 08:00:30 GMT',
  }
  t.equal(readRetryAfter(headers, NOW), 30_000)
  t.equal(readRetryAfter({ ...headers, date: 'noon' }, NOW), 300_000)
})
