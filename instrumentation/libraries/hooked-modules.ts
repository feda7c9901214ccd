// Everything that hooks modules, as one bundle: a function of files of its own, or one bundle, never reads it.
import type { TraceIds } from '../../runtime/contract.ts'
import { createModuleHooks, type ModuleHooks } from '../hooks/module-hooks.ts'
import type { LibraryChunk, LibraryTools } from './contract.ts'
import { HOOKED_FILES } from './hooked-files.ts'
import { isLogFileWanted, LOG_LINES, type LogTraceIds } from './log-files.ts'
import { createLogWraps } from './log-lines.ts'

export interface HookedModulesOptions {
  readonly tools: LibraryTools
  readonly isOn: (library: string) => boolean
  readonly ids: () => TraceIds | undefined
  readonly logTraceIds: LogTraceIds
  readonly loadChunk: (name: string) => LibraryChunk
  readonly read: (url: string) => void
}

type Wraps = ReturnType<NonNullable<LibraryChunk['createWraps']>>

export function createHookedModules(options: HookedModulesOptions): ModuleHooks {
  const { tools, isOn, logTraceIds, loadChunk } = options
  const made = new Map<string, Wraps>()
  return createModuleHooks({
    files: HOOKED_FILES.filter(file =>
      file.chunk === LOG_LINES ? isLogFileWanted(file, logTraceIds) : isOn(file.library),
    ),
    guard: tools.guard,
    read: options.read,
    load(chunk) {
      const wraps =
        made.get(chunk) ??
        (chunk === LOG_LINES ? createLogWraps(options.ids) : loadChunk(chunk).createWraps?.(tools))
      made.set(chunk, wraps ?? {})
      return wraps ?? {}
    },
  })
}
