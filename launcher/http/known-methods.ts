// Remembers which methods each path takes, to tell a wrong method from a wrong path.

import type { Server } from './service.ts'

/** Call it before the routes are registered. Returns the methods of the routes that a path fits. */
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
