// The source of each type of mount.

import { Type } from 'typebox'

const closed = { additionalProperties: false } as const

const Text = (description: string) => Type.String({ minLength: 1, description })
const Path = (description: string) => Type.String({ pattern: '^/', 'x-expected': 'an absolute path', description })
const SubPath = Type.Optional(
  Type.String({
    pattern: '^(?!/)(?!(.*/)?\\.\\.(/|$)).+$',
    'x-expected': 'a path inside the volume, without / at its start and without ..',
    description: 'Folder or file of the volume to mount, instead of all of it.'
  })
)

/** `examples` has one. */
export const MOUNT_SOURCES = {
  host: Type.Object({ path: Path('Path on the node.') }, {
    ...closed, description: 'A folder or file of the node.', examples: [{ path: '/data' }]
  }),
  nfs: Type.Object({ host: Text('Name or address of the server.'), path: Path('The export, or a path below it.') }, {
    ...closed,
    description: 'A folder of an NFS server.',
    examples: [{ host: 'files.example', path: '/export/data' }]
  }),
  cephFs: Type.Object({
    monitors: Type.Array(Text('Address of a monitor, with its port.'), { minItems: 1, description: 'The monitors.' }),
    path: Type.Optional(Path('Folder of the file system; by default its root.')),
    user: Type.Optional(Text('User of the file system; by default admin.')),
    secretFile: Type.Optional(Path("File on the node with the user's key.")),
    secretRef: Type.Optional(Text("Secret with the user's key, instead of secretFile."))
  }, {
    ...closed,
    description: 'A folder of a CephFS file system.',
    examples: [{ monitors: ['ceph.example:6789'], path: '/data', user: 'jobs', secretRef: 'ceph-key' }]
  }),
  glusterFs: Type.Object({ endpoints: Text('Endpoints of the servers.'), path: Text('Name of the volume.') }, {
    ...closed,
    description: 'A GlusterFS volume.',
    examples: [{ endpoints: 'gluster', path: 'data' }]
  }),
  azureFile: Type.Object({
    secretName: Text('Secret with the name and the key of the storage account.'), shareName: Text('Name of the share.')
  }, {
    ...closed,
    description: 'A share of Azure Files.',
    examples: [{ secretName: 'azure-account', shareName: 'data' }]
  }),
  persistentVolumeClaim: Type.Object({ claimName: Text('Name of the claim.'), subPath: SubPath }, {
    ...closed,
    description: 'A persistent volume, by its claim.',
    examples: [{ claimName: 'shared-data', subPath: 'projects/12' }]
  }),
  configMap: Type.Object({ name: Text('Name of the ConfigMap.'), subPath: SubPath }, {
    ...closed,
    description: 'The files of a ConfigMap.',
    examples: [{ name: 'settings', subPath: 'app.conf' }]
  }),
  secret: Type.Object({ secretName: Text('Name of the Secret.'), subPath: SubPath }, {
    ...closed,
    description: 'The files of a Secret.',
    examples: [{ secretName: 'certificates', subPath: 'ca.pem' }]
  }),
  passthrough: Type.Unsafe<Record<string, unknown>>({
    type: 'object',
    minProperties: 1,
    maxProperties: 1,
    additionalProperties: { type: 'object' },
    description: 'A volume source of the cluster, as it is in a pod: one field with the kind of the volume.',
    examples: [{ emptyDir: { medium: 'Memory' } }]
  })
}

export type MountTypeName = keyof typeof MOUNT_SOURCES
