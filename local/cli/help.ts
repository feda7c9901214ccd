// What `baton --help` prints.

export const HELP = `Runs a Lambda function on this machine, with its trace.

  baton invoke --event FILE [options] FUNCTION_DIR

Sends one event to the function in FUNCTION_DIR, as Lambda would: the built runtime in a process of its own, with
Lambda's environment, behind Lambda's Runtime API. Prints the function's log and the trace on stderr and the answer
on stdout.

  --event FILE       the event, a JSON file; - reads stdin
  --handler NAME     module and export of the handler (index.handler)
  --timeout SECONDS  the function's timeout, at most 900 (3)
  --memory MB        the function's memory size, told to the function and not enforced (128)
  --env KEY=VALUE    a variable of the function's; may be given again
  --endpoint URL     an OTLP/HTTP endpoint to send spans to, instead of showing them here
  --bootstrap PATH   the runtime to run (the one built beside this command)
  --json             one JSON document on stdout: the answer and the spans
  --help, --version

Of this shell's environment the function sees OTEL_*, BATON_*, AWS_ENDPOINT_URL*, the region and the AWS credentials.
OTEL_EXPORTER_OTLP_ENDPOINT works as --endpoint does.

Exits with 0 when the function answered, 1 when the invocation failed, 2 when the command line was wrong.
`
