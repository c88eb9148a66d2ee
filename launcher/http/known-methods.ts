// Records the methods of each path, to distinguish a wrong method from a wrong path.

import type { Server } from './service.ts'

/** Must be called before the routes are registered. The result returns the methods of the routes that match a path. */
export function knownMethods (server: Server): (path: string) => string[] {
  const routes: Array<{ pattern: RegExp, methods: string[] }> = []
  server.addHook('onRoute', ({ url, method }) => {
    routes.push({
      pattern: new RegExp(`^${url.replaceAll('.', '\\.').replace(/:\w+/g, '[^/]+')}$`),
      methods: [method].flat()
    })
  })
  return path => [...new Set(routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods))]
}
