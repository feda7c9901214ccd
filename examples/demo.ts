// npm run demo: an order from API Gateway through the built runtime, and its trace. Ends with 0 when all that it
// says of the trace is so.
import type { Answer } from '../local/emulator/answer.ts'
import { createPalette, wantsColor } from '../local/viewer/palette.ts'
import { renderTraces } from '../local/viewer/render-trace.ts'
import { examine } from './demo/findings.ts'
import { runOrders } from './demo/run-orders.ts'

/** API Gateway's answer as its caller reads it; anything else as it is. */
function formatAnswer(answer: Answer): string {
  try {
    const { statusCode, body } = JSON.parse(answer.body)
    return `HTTP ${statusCode}\n${JSON.stringify(JSON.parse(body), undefined, 2)}`
  } catch {
    return answer.body
  }
}

const color = wantsColor(process.stdout, process.env)
const { dim, strong, good, error } = createPalette(color)
const print = (text: string): void => void process.stdout.write(`${text}\n`)

print(strong('The log of examples/orders, which knows nothing of tracing'))
const run = await runOrders(({ text }) => print(dim(text.replaceAll('\r', '\n'))))

print(`\n${strong('Its answer')}\n${formatAnswer(run.answer)}`)
print(`\n${strong('Its trace')}`)
print(renderTraces(run.spans, { width: process.stdout.columns || 80, color }))

print(strong('What to notice'))
const findings = examine(run)
for (const { claim, holds } of findings)
  print(holds ? `${good('✓')} ${claim}` : error(`✗ ${claim}`))
const broken = findings.filter(finding => !finding.holds)
if (broken.length > 0) {
  process.stderr.write(`demo: ${broken.length} of ${findings.length} points do not hold\n`)
  process.exitCode = 1
}
