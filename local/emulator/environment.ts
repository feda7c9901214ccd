// The environment variables that Lambda gives a custom runtime (spec/runtime.md A4), and no others: what the
// developer's shell has set would make a function work here that fails there.
//
// Left out: LD_LIBRARY_PATH, since Lambda's folders mean something else on a developer's machine, and the X-Ray
// daemon's address, since none listens.

export interface FunctionSettings {
  readonly name: string
  readonly version: string
  readonly region: string
  readonly accountId: string
  readonly memoryMb: number
  readonly handler: string
  /** Of one sandbox: what tells it from another one of the same function. */
  readonly logStream: string
  /** Absolute path of the function's folder. */
  readonly directory: string
}

export function functionArn(settings: FunctionSettings): string {
  return `arn:aws:lambda:${settings.region}:${settings.accountId}:function:${settings.name}`
}

/** What the process gets. The caller's own variables come last, as a function's configuration does. */
export function buildEnvironment(
  settings: FunctionSettings,
  runtimeApi: string,
  own: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    PATH: '/usr/local/bin:/usr/bin/:/bin:/opt/bin',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    LAMBDA_TASK_ROOT: settings.directory,
    LAMBDA_RUNTIME_DIR: '/var/runtime',
    AWS_REGION: settings.region,
    AWS_DEFAULT_REGION: settings.region,
    AWS_LAMBDA_FUNCTION_NAME: settings.name,
    AWS_LAMBDA_FUNCTION_VERSION: settings.version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(settings.memoryMb),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${settings.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: settings.logStream,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    ...own,
    _HANDLER: settings.handler,
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
  }
}
