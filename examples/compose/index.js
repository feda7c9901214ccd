// The function of docker/compose.yaml: change it while it runs.
exports.handler = async event => ({ hello: event.name ?? 'world' })
