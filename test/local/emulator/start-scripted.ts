// A function whose whole runtime is a few lines of a test: a bootstrap that runs them with the scripted client.
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import {
  type FunctionOptions,
  type LocalFunction,
  startFunction,
} from '../../../local/emulator/function.ts'

const CLIENT = new URL('./fixtures/runtime-client.mjs', import.meta.url)

/** Writes a bootstrap that runs `code` (a module with the client's functions in scope) and returns its path. */
export function writeBootstrap(t: Test, code: string): { bootstrap: string; directory: string } {
  const directory = t.testdir({
    bootstrap: `#!/bin/sh\nexec '${process.execPath}' "$(dirname "$0")/runtime.mjs"\n`,
    'runtime.mjs': `import { call, next, respond, fail, failInit, idOf, serve, register, extensionIdOf, eventNext, failExtension } from '${CLIENT.href}'\n${code}`,
  })
  const bootstrap = join(directory, 'bootstrap')
  chmodSync(bootstrap, 0o755)
  return { bootstrap, directory }
}

/** Starts a function that runs `code` as its runtime. */
export function startScripted(
  t: Test,
  code: string,
  options: Partial<FunctionOptions> = {},
): Promise<LocalFunction> {
  return startFunction({ ...writeBootstrap(t, code), timeoutMs: 20_000, ...options })
}
