// How a handler answers: by what it returns or by calling back. Judged once, when it is loaded.
import { CallbackHandlerDeprecatedError } from '../errors.ts'
import type { Profile } from '../profile.ts'
import type { Handler } from './load.ts'

export type HandlerKind = 'promise' | 'callback'

/** Event, context, callback. */
const CALLBACK_PARAMETERS = 3

export interface KindOptions {
  readonly handler: Handler
  readonly profile: Profile
  /** Node's version, for the words of a refusal. */
  readonly isNode22: boolean
}

/** Throws CallbackHandlerDeprecatedError where the profile refuses callbacks: by the number of parameters, as AWS does. */
export function kindOfHandler({ handler, profile, isNode22 }: KindOptions): HandlerKind {
  const declaresCallback = handler.length >= CALLBACK_PARAMETERS
  if (profile.callbacks === 'refused' && declaresCallback) {
    throw new CallbackHandlerDeprecatedError(isNode22)
  }
  return profile.callbacks === 'all' || (profile.callbacks === 'declared' && declaresCallback)
    ? 'callback'
    : 'promise'
}

/** AWS's own words; said for handlers that are no async functions. */
export const CALLBACK_WARNING =
  'AWS Lambda plans to remove support for callback-based function handlers starting with Node.js 24. You will need to update this function to use an async handler to use Node.js 24 or later. For more information and to provide feedback on this change, see https://github.com/aws/aws-lambda-nodejs-runtime-interface-client/issues/137. To disable this warning, set the AWS_LAMBDA_NODEJS_DISABLE_CALLBACK_WARNING environment variable.'

export function deservesCallbackWarning(handler: Handler, profile: Profile): boolean {
  return (
    profile.warnsOfCallbacks &&
    handler.length === CALLBACK_PARAMETERS &&
    handler.constructor?.name !== 'AsyncFunction'
  )
}
