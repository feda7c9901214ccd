#!/bin/sh
# What an image starts, with the contract of AWS's own base images: one argument, the handler; on Lambda the runtime, and
# anywhere else the runtime behind an emulator at POST /2015-03-31/functions/function/invocations on port 8080.
if [ $# -ne 1 ]; then
  echo 'entrypoint requires the handler name to be the first argument' >&2
  exit 142
fi
export _HANDLER="$1"
[ -z "${AWS_LAMBDA_RUNTIME_API:-}" ] || exec /var/runtime/bootstrap

# AWS's, which its base images bring; else ours. Both let the function have 300 s and 3008 MB.
rie=$(command -v aws-lambda-rie) || rie=/usr/local/bin/aws-lambda-rie
[ ! -x "$rie" ] || exec "$rie" /var/runtime/bootstrap
exec /var/lang/bin/node /var/runtime/baton/cli/baton.mjs serve --listen 0.0.0.0:8080 --inherit \
  --timeout "${AWS_LAMBDA_FUNCTION_TIMEOUT:-300}" --memory "${AWS_LAMBDA_FUNCTION_MEMORY_SIZE:-3008}" \
  --bootstrap /var/runtime/bootstrap --handler "$1" "${LAMBDA_TASK_ROOT:-/var/task}"
