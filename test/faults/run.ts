// The fault suite: every fault is injected into the built bootstrap for real, every span is accounted for, and the table
// is printed. `--write` puts it into docs/faults.md; `--only TEXT` runs the faults whose name holds the text.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { COLLECTOR_FAULTS } from './collector-faults.ts'
import type { Fault, FaultResult } from './fault.ts'
import { FREEZE_FAULTS } from './freeze-faults.ts'
import { KILL_STORM } from './kill-storm.ts'
import { PROCESS_FAULTS } from './process-faults.ts'
import { STORAGE_FAULTS } from './storage-faults.ts'

const DOCUMENT = join(import.meta.dirname, '..', '..', 'docs', 'faults.md')
const MARK = '<!-- table -->'

const { values } = parseArgs({
  options: { only: { type: 'string' }, write: { type: 'boolean', default: false } },
})
const faults = [
  ...PROCESS_FAULTS,
  ...FREEZE_FAULTS,
  ...COLLECTOR_FAULTS,
  ...STORAGE_FAULTS,
  KILL_STORM,
].filter(({ name }) => name.includes(values.only ?? ''))

const rows = ['| fault | spans | arrived | twice | lost | |', '|---|---|---|---|---|---|']
let failed = 0
for (const fault of faults) {
  const row = await runFault(fault)
  rows.push(row)
  console.log(row)
}
if (values.write && values.only === undefined) await writeTable(rows)
console.log(`# faults: ${faults.length} run, ${faults.length - failed} passed, ${failed} failed`)
process.exitCode = failed === 0 && faults.length > 0 ? 0 : 1

async function runFault(fault: Fault): Promise<string> {
  try {
    const result = await fault.run()
    const flaws = findFlaws(fault, result)
    if (flaws.length > 0) failed++
    for (const flaw of flaws) console.log(`not ok: ${fault.name}: ${flaw}`)
    const { created, arrived, duplicated, lost } = result.tally
    const remark = [result.note, lost > 0 ? fault.mayLose : undefined].filter(Boolean).join('; ')
    return `| ${fault.name} | ${created} | ${arrived} | ${duplicated} | ${lost} | ${remark} |`
  } catch (error) {
    failed++
    console.log(`not ok: ${fault.name}: ${error instanceof Error ? error.stack : error}`)
    return `| ${fault.name} | could not be run | | | | |`
  }
}

function findFlaws(fault: Fault, { tally, flaws }: FaultResult): readonly string[] {
  const found = [...flaws]
  if (tally.created === 0) found.push('no span was created: nothing was tested')
  if (tally.lost > 0 && fault.mayLose === undefined) found.push(`${tally.lost} spans were lost`)
  return found
}

async function writeTable(lines: readonly string[]): Promise<void> {
  const [before = '', , after = ''] = (await readFile(DOCUMENT, 'utf8')).split(MARK)
  await writeFile(DOCUMENT, `${before}${MARK}\n\n${lines.join('\n')}\n\n${MARK}${after}`)
}
