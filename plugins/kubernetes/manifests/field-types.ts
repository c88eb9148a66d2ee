// Which fields the objects of Kubernetes have, and of what type each is: from the models that come with its client.

/**
 * Name of a field to its type, as the models write it: `string`, `Array<V1Container>`, `{ [key: string]: string; }`.
 */
export type FieldTypes = ReadonlyMap<string, string>

interface Model {
  readonly attributeTypeMap: ReadonlyArray<{ readonly baseName: string, readonly type: string }>
}

const known = new Map<string, Promise<FieldTypes>>()

/**
 * `type` is one that the models name, or V1Job or V1Service. Each is read once, when it is first asked for: there are
 * 900.
 */
export function fieldTypes (type: string): Promise<FieldTypes> {
  const found = known.get(type) ?? load(type)
  known.set(type, found)
  return found
}

async function load (type: string): Promise<FieldTypes> {
  const models = await import(`@kubernetes/client-node/dist/gen/models/${type}.js`) as Record<string, Model>
  return new Map(models[type]!.attributeTypeMap.map(({ baseName, type }) => [baseName, type]))
}
