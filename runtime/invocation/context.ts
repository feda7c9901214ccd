// The handler's second argument. Keys and their order are AWS's, since code enumerates and copies it: those of its
// Node 22 runtime for a profile that has callbacks, else those of its Node 24 runtime.
import type { Invocation } from '../contract.ts'
import type { Profile } from '../profile.ts'
import { type Callback, type Completion, createCompletion } from './callback.ts'
import type { RunningInvocation } from './in-flight.ts'
import { takeW3C, type W3CContext } from './w3c-context.ts'

/** What is known of the function before any event: the same for every invocation. */
export interface FunctionInfo {
  readonly functionName: string | undefined
  readonly functionVersion: string | undefined
  /** Megabytes, as text: AWS's type for it. */
  readonly memoryLimitInMB: string | undefined
  readonly logGroupName: string | undefined
  readonly logStreamName: string | undefined
}

/** https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
export interface HandlerContext extends FunctionInfo {
  readonly clientContext: unknown
  readonly identity: unknown
  readonly invokedFunctionArn: string
  readonly awsRequestId: string
  readonly tenantId: string | undefined
  readonly xRayTraceId: string | undefined
  /** Milliseconds until the platform gives up; negative when it has. */
  readonly getRemainingTimeInMillis: () => number
  /** W3C Trace Context that the caller of a direct Invoke sent. Not enumerable. */
  readonly w3c: () => W3CContext
}

export interface ContextOptions {
  readonly info: FunctionInfo
  readonly profile: Profile
  /** Whether other invocations may be under way: an event loop run empty means nothing then. */
  readonly isSideBySide: boolean
}

/** AWS's Node 24 context. What is not enumerable stands on the prototype, where it costs an invocation nothing. */
class Node24Context implements HandlerContext {
  readonly clientContext: unknown
  readonly identity: unknown
  readonly invokedFunctionArn: string
  readonly awsRequestId: string
  readonly tenantId: string | undefined
  readonly xRayTraceId: string | undefined
  readonly getRemainingTimeInMillis: () => number
  readonly functionName: string | undefined
  readonly functionVersion: string | undefined
  readonly memoryLimitInMB: string | undefined
  readonly logGroupName: string | undefined
  readonly logStreamName: string | undefined
  readonly #w3c: W3CContext

  constructor(invocation: Invocation, info: FunctionInfo) {
    const { clientContext, w3c } = takeW3C(invocation.clientContext)
    const { deadlineMs } = invocation
    this.clientContext = clientContext
    this.identity = invocation.identity
    this.invokedFunctionArn = invocation.functionArn
    this.awsRequestId = invocation.requestId
    this.tenantId = invocation.tenantId
    this.xRayTraceId = invocation.traceHeader
    this.getRemainingTimeInMillis = () => deadlineMs - Date.now()
    this.functionName = info.functionName
    this.functionVersion = info.functionVersion
    this.memoryLimitInMB = info.memoryLimitInMB
    this.logGroupName = info.logGroupName
    this.logStreamName = info.logStreamName
    this.#w3c = w3c
  }

  w3c(): W3CContext {
    return this.#w3c
  }
}

/** The same with the means to answer that AWS took out of it. */
class CallableContext extends Node24Context {
  readonly #running: RunningInvocation
  readonly #waits: boolean
  #completion: Completion | undefined

  constructor(running: RunningInvocation, { info, isSideBySide }: ContextOptions) {
    super(running.invocation, info)
    this.#running = running
    this.#waits = !isSideBySide
  }

  /** Made when it is first asked for: most handlers never do. */
  static completionOf(context: CallableContext): Completion {
    context.#completion ??= createCompletion(context.#running, context.#waits)
    return context.#completion
  }

  get callbackWaitsForEmptyEventLoop(): boolean {
    return CallableContext.completionOf(this).waitsForEmptyEventLoop
  }

  set callbackWaitsForEmptyEventLoop(value: unknown) {
    CallableContext.completionOf(this).waitsForEmptyEventLoop = Boolean(value)
  }

  get succeed(): Completion['succeed'] {
    return CallableContext.completionOf(this).succeed
  }

  get fail(): Completion['fail'] {
    return CallableContext.completionOf(this).fail
  }

  get done(): Completion['done'] {
    return CallableContext.completionOf(this).done
  }
}

// Printed and compared like the plain object that it is on AWS.
Object.defineProperty(Node24Context.prototype, 'constructor', { value: Object })
Object.defineProperty(CallableContext.prototype, 'constructor', { value: Object })

/** AWS's Node 22 context: the means to answer come first, and are enumerable. */
function createNode22Context(base: Node24Context, completion: Completion): HandlerContext {
  const context = {
    get callbackWaitsForEmptyEventLoop() {
      return completion.waitsForEmptyEventLoop
    },
    set callbackWaitsForEmptyEventLoop(value: unknown) {
      completion.waitsForEmptyEventLoop = Boolean(value)
    },
    succeed: completion.succeed,
    fail: completion.fail,
    done: completion.done,
    functionVersion: base.functionVersion,
    functionName: base.functionName,
    memoryLimitInMB: base.memoryLimitInMB,
    logGroupName: base.logGroupName,
    logStreamName: base.logStreamName,
    clientContext: base.clientContext,
    identity: base.identity,
    invokedFunctionArn: base.invokedFunctionArn,
    awsRequestId: base.awsRequestId,
    tenantId: base.tenantId,
    xRayTraceId: base.xRayTraceId,
    getRemainingTimeInMillis: base.getRemainingTimeInMillis,
  }
  return Object.defineProperty(context, 'w3c', { value: () => base.w3c() }) as typeof context &
    HandlerContext
}

/** The context, and the callback that goes with it where the profile has one. */
export interface HandlerArguments {
  readonly context: HandlerContext
  readonly callback: Callback | undefined
}

export function createHandlerArguments(
  running: RunningInvocation,
  options: ContextOptions,
): HandlerArguments {
  const { info, profile, isSideBySide } = options
  const { invocation } = running
  if (profile.callbacks === 'refused') {
    return { context: new Node24Context(invocation, info), callback: undefined }
  }
  if (profile.callbacks === 'declared') {
    const context = new CallableContext(running, options)
    return {
      context,
      get callback() {
        return CallableContext.completionOf(context).callback
      },
    }
  }
  const completion = createCompletion(running, !isSideBySide)
  const context = createNode22Context(new Node24Context(invocation, info), completion)
  return { context, callback: completion.callback }
}

/** The context of a handler that answers by its stream, and has nothing to call instead. */
export function createStreamingContext(
  running: RunningInvocation,
  { info }: ContextOptions,
): HandlerContext {
  return new Node24Context(running.invocation, info)
}
