// npm run simulate [-- --seed N]: the policies of instrumentation/export/policy.ts over patterns of events, as a table.
// With --write, the tables and the plot of docs/shipping.md are made anew.
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { drawPlot } from './plot.ts'
import { drawAll, renderAll, renderDocuments, SEED, withTables } from './report.ts'

const DOCS = join(dirname(dirname(import.meta.dirname)), 'docs')

const { values } = parseArgs({
  options: { seed: { type: 'string', default: String(SEED) }, write: { type: 'boolean' } },
})
if (values.write === true) writeDocuments()
else {
  const seed = Number(values.seed)
  if (!Number.isSafeInteger(seed)) throw new Error(`--seed: expected a number, got ${values.seed}`)
  console.log(`seed ${seed}; delays count from an invocation's end; per cent are of invocations`)
  for (const line of renderAll(drawAll(seed), seed)) console.log(line)
}

function writeDocuments(): void {
  const drawn = drawAll(SEED)
  const path = join(DOCS, 'shipping.md')
  writeFileSync(path, withTables(readFileSync(path, 'utf8'), renderDocuments(drawn)))
  writeFileSync(join(DOCS, 'shipping.svg'), drawPlot(drawn))
}
