// Decides which image the runtime components of a host come from: its tag is the version of the host. Pure.

/** Completes a sentence that begins with the name of what gives the image. */
type Decided = { readonly image: string } | { readonly problem: string }

/**
 * `image` is the name of an image. Without a tag it gets that of the host's version; one that has a tag must have this
 * one, alone or behind a prefix such as `ubuntu2204-`, which tells what it was built on. `versionName` is what messages
 * call what gives the version.
 */
export function runtimeImage (image: string, hostVersion: string | undefined, versionName: string): Decided {
  const [name = '', digest] = image.split('@')
  const tag = /:([^/:]+)$/.exec(name)?.[1]
  if (hostVersion === undefined) {
    return tag !== undefined
      ? { image }
      : { problem: `has no tag, and ${versionName}, which would be it, is not set; set it, or give the tag: ${image}` }
  }
  if (tag === undefined) {
    return digest === undefined
      ? { image: `${name}:${hostVersion}` }
      : {
          problem: `has a digest and no tag, so nothing says that it is of the host's version ${hostVersion} ` +
            `(${versionName}); give both: ${name}:${hostVersion}@${digest}`
        }
  }
  if (tag === hostVersion || tag.endsWith(`-${hostVersion}`)) return { image }
  return {
    problem: `has the tag ${tag}, and the host has the version ${hostVersion} (${versionName}); leave the tag out, ` +
      `or give ${name.slice(0, -tag.length)}${hostVersion}`
  }
}
