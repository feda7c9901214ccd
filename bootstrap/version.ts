// The one place for the version at run time; a test holds it against package.json.

export const VERSION = '0.1.0'
/** Of requests to AWS and to collectors. */
export const USER_AGENT: string = `baton/${VERSION} node/${process.versions.node}`
