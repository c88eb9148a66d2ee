// Records the methods of each path, to distinguish a wrong method from a wrong path.

import type { Server } from './service.ts'

export interface KnownMethods {
  /** Returns the methods of the routes that match a path. A route that has the path as it is goes before others. */
  of (path: string): string[]
  /** Whether a route has the path as it is. Then it names no job: /v1/jobs/summary. */
  isFixed (path: string): boolean
}

/** Must be called before the routes are registered. */
export function knownMethods (server: Server): KnownMethods {
  const routes: Array<{ url: string, pattern: RegExp, methods: string[] }> = []
  const fixed = new Set<string>()
  server.addHook('onRoute', ({ url, method }) => {
    if (!url.includes(':')) fixed.add(url)
    routes.push({
      url,
      pattern: new RegExp(`^${url.replaceAll('.', '\\.').replace(/:\w+/g, '[^/]+')}$`),
      methods: [method].flat()
    })
  })
  return {
    of (path) {
      const found = routes.filter(fixed.has(path) ? ({ url }) => url === path : ({ pattern }) => pattern.test(path))
      return [...new Set(found.flatMap(({ methods }) => methods))]
    },
    isFixed: path => fixed.has(path)
  }
}
