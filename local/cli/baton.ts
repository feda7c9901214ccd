// The `baton` command. Bundled to dist/cli/baton.mjs; runs from its source too.
import { readFileSync } from 'node:fs'
import { EmulatorError } from '../emulator/errors.ts'
import { UsageError } from './errors.ts'
import { HELP } from './help.ts'
import { parseArguments } from './parse-arguments.ts'
import { runBuild } from './run-build.ts'
import { runInvoke } from './run-invoke.ts'
import { runCollect, runServe } from './run-serve.ts'

/** What a shell reports for a command that Ctrl-C ended. */
const INTERRUPTED = 130

/** package.json is two folders up from the source and from the bundle alike. */
function readVersion(): string {
  const file = new URL('../../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}

async function run(args: readonly string[]): Promise<number> {
  const command = parseArguments(args)
  switch (command.name) {
    case 'help':
      process.stdout.write(HELP)
      return 0
    case 'version':
      process.stdout.write(`${readVersion()}\n`)
      return 0
    case 'build':
      return runBuild(command)
    case 'invoke':
      return runInvoke(command, process)
    case 'serve':
      return runServe(command, process)
    case 'collect':
      return runCollect(command, process)
  }
}

try {
  process.exitCode = await run(process.argv.slice(2))
} catch (error) {
  // Anything else is a fault of ours, and Node prints it with its stack.
  if (!(error instanceof UsageError || error instanceof EmulatorError)) throw error
  process.stderr.write(`baton: ${error.message}\nbaton --help tells more.\n`)
  process.exitCode = error.code === 'FUNCTION_STOPPED' ? INTERRUPTED : 2
}
