// Versions against ranges.
import t from 'tap'
import { isInRange } from '../../../instrumentation/hooks/version-range.ts'

t.test('the last version that is in and the first that is not', t => {
  for (const [version, range, expected] of [
    ['3.24.0', '>=3.24.0', true],
    ['3.23.99', '>=3.24.0', false],
    ['3.99.99', '>=3.24.0 <4', true],
    ['4.0.0', '>=3.24.0 <4', false],
    ['10.0.0', '>=9 <11', true],
    ['9.0.0', '>=10', false],
    ['4.0.0-beta.1', '>=3 <4', false],
    ['4.0.0-beta.1', '>=4', true],
    ['3.0.0+build', '>=3', true],
    ['anything', '*', true],
    ['anything', '>=0', false],
    ['', '>=0', false],
  ] as const) {
    t.equal(isInRange(version, range), expected, `${version} ${range}`)
  }
  t.end()
})

t.test('a range that nobody can read is a mistake in the table', t => {
  t.throws(() => isInRange('1.0.0', '^1.0.0'), { message: /expected >=VERSION or <VERSION/ })
  t.throws(() => isInRange('1.0.0', '>1.0.0'))
  t.end()
})
