// Decides which image has the runtime components of a host: its tag is the version of the host. Pure.

/** `problem` completes a sentence that begins with the name of the key or setting of the image. */
type Decided = { readonly image: string } | { readonly problem: string }

/**
 * `image` is the name of an image. An image without a tag gets the host's version as its tag. A tag must be the host's
 * version, alone or after a prefix such as `ubuntu2204-`, the system on which it was built. `versionName` is the name
 * of the version's key or setting in messages.
 */
export function runtimeImage (image: string, hostVersion: string | undefined, versionName: string): Decided {
  const [name = '', digest] = image.split('@')
  const tag = /:([^/:]+)$/.exec(name)?.[1]
  if (hostVersion === undefined) {
    return tag !== undefined
      ? { image }
      : {
          problem: `has no tag, and ${versionName}, which would be the tag, is not set; set it, or add a tag: ${image}`
        }
  }
  if (tag === undefined) {
    return digest === undefined
      ? { image: `${name}:${hostVersion}` }
      : {
          problem: `has a digest and no tag, so it cannot be checked against the host's version ${hostVersion} ` +
            `(${versionName}); write both: ${name}:${hostVersion}@${digest}`
        }
  }
  if (tag === hostVersion || tag.endsWith(`-${hostVersion}`)) return { image }
  return {
    problem: `has the tag ${tag}, and the host has the version ${hostVersion} (${versionName}); remove the tag, ` +
      `or write ${name.slice(0, -tag.length)}${hostVersion}`
  }
}
