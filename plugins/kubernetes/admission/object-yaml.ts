// Formats an object as YAML, with a comment at each part that is not the launcher's own. Pure.

import type { V1Secret } from '@kubernetes/client-node'
import { Document, isCollection, isNode } from 'yaml'
import { placeOf } from '../../../launcher/lib/problem.ts'
import type { ExplainedObject } from '../../../launcher/plugin.ts'
import { readPointer } from '../manifests/json-pointer.ts'

export interface PartOrigin {
  readonly pointer: string
  readonly origin: Omit<ExplainedObject['origins'][number], 'pointer'>
}

/** The text parses to the same object. */
export function objectYaml (object: object, origins: readonly PartOrigin[] = []): string {
  const document = new Document(object, { aliasDuplicateObjects: false })
  for (const { pointer, origin } of origins) {
    const node = document.getIn(readPointer(pointer)!, true)
    if (!isNode(node)) continue
    const comment = ` ${originText(origin)}`
    // The comment of a list or a map would stand after it, where it seems to belong to the next part.
    if (isCollection(node)) node.commentBefore = comment
    else node.comment = comment
  }
  return document.toString({ lineWidth: 0 })
}

/** Returns the Secret with the size of each value instead of the value. */
export function withoutValues ({ data = {}, ...secret }: V1Secret): object {
  const sizes = Object.entries(data).map(([key, value]) => [key, `(${Buffer.from(value, 'base64').length} bytes)`])
  return { ...secret, data: Object.fromEntries(sizes) }
}

function originText ({ from, name, ...place }: PartOrigin['origin']): string {
  return `${name === undefined ? from : `${from} ${name}`}, ${placeOf(place)}`
}
