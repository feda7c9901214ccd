// Which libraries are instrumented: OpenTelemetry's two lists, by the names of `table.ts`.
// https://opentelemetry.io/docs/zero-code/js/configuration/#instrumentation-library-configuration

export interface Selection {
  /** Only these; `undefined` means all. */
  readonly enabled: readonly string[] | undefined
  /** Not these, even if they are enabled. */
  readonly disabled: readonly string[]
}

export function isSelected({ enabled, disabled }: Selection, library: string): boolean {
  return (enabled === undefined || enabled.includes(library)) && !disabled.includes(library)
}
