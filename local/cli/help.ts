// What `baton --help` prints.

export const HELP = `Runs a Lambda function on this machine with its trace, and builds what runs it on Lambda.

  baton invoke --event FILE [options] FUNCTION_DIR
  baton serve [options] FUNCTION_DIR
  baton collect [--listen HOST:PORT]
  baton build [options]

invoke sends one event to the function in FUNCTION_DIR, as Lambda would: the built runtime in a process of its own, with
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

serve takes the same options but for --event and --json, and events by HTTP, as Lambda's Invoke API does:
POST /2015-03-31/functions/function/invocations. A changed file gives the next event a new process. collect takes spans
by OTLP/HTTP from anywhere and shows each trace as it comes.

  --listen HOST:PORT the address (127.0.0.1:8080; of collect 127.0.0.1:4318)
  --inherit          the function sees every variable of this shell

build makes a layer with the Node that you name; without options everything that npm run build makes.

  --node VERSION     the version, as 22.23.3 (the one that package.json pins)
  --arch x64|arm64   for one architecture (both)
  --os al2023|al2    for Amazon Linux 2023; or Amazon Linux 2, an older glibc, or none at all (al2023)
  --out DIR          where layer-x64, layer-arm64 and their zips go (dist)
  --from SOURCE      a binary, a folder or a tarball of Node, or an address as https://nodejs.org/dist (npm)
  --integrity SRI    sha512-..., what the tarball or the file has to hash to
  --libc DIR         with --os al2: the packages of Debian's libc, where no mirror can be reached
  --wrapper          the exec wrapper, with code caches for each --node VERSION, in place of layers
  --no-code-cache    without V8's code cache
  --no-zip           without zips

Exits with 0 when the function answered or the build is done, 1 when the invocation or the build failed, 2 when the
command line was wrong.
`
