// Lambda's console: the methods of six levels write log lines. table, group, count, time and assert come out through
// them; console.dir, process.stdout and `new console.Console()` stay as Node has them, as on AWS.
import { CONSOLE_LEVELS } from './levels.ts'
import type { Logger } from './logger.ts'

/** Replaces the methods on `target` (the global console); below the threshold they do nothing. */
export function patchConsole(target: Console, logger: Logger): void {
  for (const [method, level] of Object.entries(CONSOLE_LEVELS)) {
    const write = logger.shows(level) ? (...args: unknown[]) => logger.write(level, args) : () => {}
    Object.defineProperty(target, method, {
      value: write,
      writable: true,
      configurable: true,
      enumerable: true,
    })
  }
}
