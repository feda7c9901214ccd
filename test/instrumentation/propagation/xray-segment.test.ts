// When an invocation's span belongs under the segment that Lambda sends.
import t from 'tap'
import { readLambdaSegment } from '../../../instrumentation/propagation/xray-segment.ts'

const TRACE_ID = '5759e988bd862e3fe1be46a994272793'
const ROOT = 'Root=1-5759e988-bd862e3fe1be46a994272793'

for (const [header, expected] of [
  [`${ROOT};Parent=53995c3f42cd8ad8;Sampled=1`, '53995c3f42cd8ad8'],
  [`${ROOT};Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:a87bd80c:0`, '53995c3f42cd8ad8'],
  [`${ROOT};Parent=53995c3f42cd8ad8;Sampled=0`, undefined],
  [`${ROOT};Parent=53995c3f42cd8ad8`, undefined],
  [`${ROOT};Sampled=1`, undefined],
  ['Root=1-5759e988-bd862e3fe1be46a994272794;Parent=53995c3f42cd8ad8;Sampled=1', undefined],
  ['nonsense', undefined],
  [undefined, undefined],
] as const) {
  t.test(`${header} means ${expected ?? 'no segment'}`, async t => {
    t.equal(readLambdaSegment(header, TRACE_ID), expected)
  })
}
