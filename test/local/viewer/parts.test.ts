// The viewer's small parts at their edges.
import t from 'tap'
import { drawBar } from '../../../local/viewer/bar.ts'
import { formatDuration } from '../../../local/viewer/duration.ts'
import { wantsColor } from '../../../local/viewer/palette.ts'
import { fit, makePrintable, truncate, widthOf } from '../../../local/viewer/text.ts'

t.test('durations have three digits and at most eight characters', async t => {
  for (const [ns, text] of [
    [-1n, '?'],
    [0n, '0 ns'],
    [999n, '999 ns'],
    [1000n, '1.00 µs'],
    [9_994n, '9.99 µs'],
    [9_995n, '10.0 µs'],
    [99_949n, '99.9 µs'],
    [99_950n, '100 µs'],
    [1_000_000n, '1.00 ms'],
    [999_499_999n, '999 ms'],
    [999_500_000n, '1.00 s'],
    [59_940_000_000n, '59.9 s'],
    [59_950_000_000n, '1 m 00 s'],
    [899_000_000_000n, '14 m 59 s'],
    [3_600_000_000_000n, '1 h 00 m'],
  ] as const)
    t.equal(formatDuration(ns), text, `${ns} ns`)
})

t.test('bars keep their width and are never invisible', async t => {
  for (const [from, to, bar] of [
    [0, 1, '████'],
    [0, 0, '▌   '],
    [1, 1, '   ▐'],
    [0.5, 0.5, '  ▌ '],
    [0.125, 0.875, '▐██▌'],
    [0.25, 0.75, ' ██ '],
  ] as const)
    t.equal(drawBar({ from, to }, 4), bar, `${from} to ${to}`)
  t.equal(drawBar({ from: 0, to: 1 }, 0), '')
})

t.test('text is measured in columns and cut between characters', async t => {
  t.equal(widthOf('abc'), 3)
  t.equal(widthOf('東京'), 4)
  t.equal(widthOf('é'), 1, 'a letter and its accent')
  t.equal(widthOf('👩‍👩‍👧‍👦!'), 3)
  t.equal(truncate('abcdef', 6), 'abcdef')
  t.equal(truncate('abcdefg', 6), 'abcde…')
  t.equal(truncate('東京都庁', 6), '東京…')
  t.equal(truncate('東京都', 6), '東京都')
  t.equal(truncate('👩‍👩‍👧‍👦👩‍👩‍👧‍👦', 3), '👩‍👩‍👧‍👦…')
  t.equal(truncate('abc', 1), '…')
  t.equal(truncate('abc', 0), '')
  t.equal(truncate('x'.repeat(1_000_000), 4), 'xxx…')
  t.equal(fit('東', 4), '東  ')
  t.equal(fit('東京都', 4), '東… ')
})

t.test('what does not print is spelled out, and what does stays', async t => {
  t.equal(
    makePrintable('a\0\x1b\x7f\x85\u200b\ufeff\ue000\u2029'),
    'a\\x00\\x1b\\x7f\\x85\\u{200b}\\u{feff}\\u{e000}\\u{2029}',
  )
  t.equal(makePrintable('Zürich 東京 👩‍👩‍👧‍👦 é'), 'Zürich 東京 👩‍👩‍👧‍👦 é')
})

t.test('colour is for terminals whose owner has not asked for none', async t => {
  t.equal(wantsColor({ isTTY: true }, {}), true)
  t.equal(wantsColor({ isTTY: true }, { NO_COLOR: '' }), true)
  t.equal(wantsColor({ isTTY: true }, { NO_COLOR: '0' }), false)
  t.equal(wantsColor({ isTTY: false }, {}), false)
  t.equal(wantsColor({}, {}), false)
})
