// Everything that hooks modules, as one bundle: a function of files of its own, or one bundle, never reads it.
import type { TraceIds } from '../../runtime/contract.ts'
import { createModuleHooks, type ModuleHooks } from '../hooks/module-hooks.ts'
import { CHANNELS } from './channel-table.ts'
import type { LibraryChunk, LibraryTools } from './contract.ts'
import { HOOKED_FILES } from './hooked-files.ts'
import { isLogFileWanted, LOG_LINES, type LogTraceIds } from './log-files.ts'
import { createLogWraps } from './log-lines.ts'
import { GLOBALS } from './offered-globals.ts'
import { findUnseenLibraries } from './unseen-libraries.ts'

export interface HookedModulesOptions {
  readonly tools: LibraryTools
  readonly isOn: (library: string) => boolean
  readonly ids: () => TraceIds | undefined
  readonly logTraceIds: LogTraceIds
  readonly loadChunk: (name: string) => LibraryChunk
  readonly read: (url: string) => void
}

type Wraps = ReturnType<NonNullable<LibraryChunk['createWraps']>>

export interface HookedModules extends ModuleHooks {
  /** Libraries that a bundle holds and nothing sees, by the path of its first file. */
  findUnseen(path: string): readonly string[]
}

export function createHookedModules(options: HookedModulesOptions): HookedModules {
  const { tools, isOn, logTraceIds, loadChunk } = options
  const made = new Map<string, Wraps>()
  const files = HOOKED_FILES.filter(file =>
    file.chunk === LOG_LINES ? isLogFileWanted(file, logTraceIds) : isOn(file.library),
  )
  const received = new Set<string>()
  const { install, receive } = createModuleHooks({
    files,
    guard: tools.guard,
    subscribe: tools.subscribe,
    read: options.read,
    load(chunk) {
      const wraps =
        made.get(chunk) ??
        (chunk === LOG_LINES ? createLogWraps(options.ids) : loadChunk(chunk).createWraps?.(tools))
      made.set(chunk, wraps ?? {})
      return wraps ?? {}
    },
  })
  return {
    install,
    receive(library, ...module) {
      received.add(library)
      receive(library, ...module)
    },
    findUnseen: path =>
      findUnseenLibraries({ path, files, channels: CHANNELS, globals: GLOBALS, received }),
  }
}
