// Members of `tracestate`: ours in front, nobody else's touched.
import t from 'tap'
import {
  hasThreshold,
  readMember,
  readRandomValue,
  setMember,
  setThreshold,
} from '../../../instrumentation/trace/trace-state.ts'

const RV = 'd29d6a7215ced0'

t.test('a member is found by its whole key', async t => {
  t.equal(readMember('ab=1,a=2,xa=3', 'a'), '2')
  t.equal(readMember('ab=1', 'a'), undefined)
  t.equal(readMember(undefined, 'a'), undefined)
})

t.test('a member that is set goes to the front; the 33rd makes room for it', async t => {
  t.equal(setMember(undefined, 'a', '1'), 'a=1')
  t.equal(setMember('b=2,a=1,c=3', 'a', '4'), 'a=4,b=2,c=3')
  t.equal(setMember('b=2,a=1', 'a', undefined), 'b=2')
  t.equal(setMember('a=1', 'a', undefined), undefined)
  const full = Array.from({ length: 32 }, (_, index) => `k${index}=v`).join(',')
  const set = setMember(full, 'a', '1')?.split(',') ?? []
  t.strictSame([set.length, set[0], set.at(-1)], [32, 'a=1', 'k30=v'])
  t.equal(setMember(full, 'k31', '1')?.split(',').length, 32)
})

t.test('the random value is 14 hex digits or nothing', async t => {
  t.equal(readRandomValue(`x=1,ot=th:8;rv:${RV}`), RV)
  t.equal(readRandomValue(`ot=rv:${RV.toUpperCase()}`), RV)
  for (const value of [RV.slice(1), `${RV}0`, RV.replace('d', 'g'), ''])
    t.equal(readRandomValue(`ot=rv:${value}`), undefined, value)
  t.equal(readRandomValue('x=1'), undefined)
})

t.test('a threshold is set beside what else OpenTelemetry says there', async t => {
  t.equal(setThreshold(undefined, '8'), 'ot=th:8')
  t.equal(setThreshold(`x=1,ot=rv:${RV};th:4;p:8`, 'c'), `ot=th:c;rv:${RV};p:8,x=1`)
  t.equal(setThreshold(`x=1,ot=th:4;rv:${RV}`, undefined), `ot=rv:${RV},x=1`)
  t.equal(setThreshold('x=1,ot=th:4', undefined), 'x=1')
  t.equal(setThreshold('x=1,ot=p:8', undefined), 'x=1,ot=p:8', 'what does not change stays')
  const long = `ot=p:${'8'.repeat(250)}`
  t.equal(setThreshold(long, '8'), 'ot=th:8', 'a value has 256 characters')
  t.strictSame(
    [hasThreshold('ot=th:0'), hasThreshold('ot=rv:1'), hasThreshold('th=1')],
    [true, false, false],
  )
})
