"""Hooks for schemathesis: jobs are harmless, half of the ids are those of jobs, and valid requests obey what the schema
cannot say. Requests that are invalid on purpose are sent as they are, except for their programs."""
import itertools
import json
import os
import urllib.request

import schemathesis

URL, KEY, SCRATCH = (os.environ[name] for name in ('LAUNCHER_URL', 'LAUNCHER_KEY', 'SCRATCH'))
# Fields that the Local cluster refuses. Most submissions lack them, so that many jobs are accepted.
NOT_LOCAL = ('user', 'cluster', 'container', 'runtime', 'mounts', 'dataMounts', 'resourceProfile', 'serviceAccount',
             'placementConstraints', 'host', 'queues', 'resourceLimits', 'exposedPorts')
count = itertools.count()
ids = []


def known_ids(turn):
    global ids
    if turn % 50 == 0 or not ids:
        headers = {'Authorization': f'Bearer {KEY}'}
        request = urllib.request.Request(f'{URL}/v1/jobs?limit=20&fields=id', headers=headers)
        with urllib.request.urlopen(request, timeout=10) as reply:
            ids = [job['id'] for job in json.load(reply)['jobs']]
    return ids


def make_harmless(body):
    """Whatever is run is true, in / and with its output in the folder of the test."""
    for field, value in (('exe', '/bin/true'), ('command', 'true'), ('workingDirectory', '/')):
        if isinstance(body.get(field), str):
            body[field] = value
    for field in ('stdoutFile', 'stderrFile'):
        if isinstance(body.get(field), str):
            body[field] = f'{SCRATCH}/{field}'


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """schemathesis wants the schema of an event with its name. x-events has that of the data."""
    for operation in (each for methods in raw_schema['paths'].values() for each in methods.values()):
        media = operation['responses'].get('200', {}).get('content', {}).get('text/event-stream')
        if media is None:
            continue
        media['schema'] = {'oneOf': [{
            'type': 'object',
            'properties': {
                'event': {'const': name},
                'data': {'type': 'string', 'contentMediaType': 'application/json', 'contentSchema': {'$ref': reference}}
            },
            'required': ['event', 'data']
        } for name, reference in media['x-events'].items()]}


@schemathesis.hook
def filter_case(context, case):
    """Two kinds of requests are accepted on purpose, though the schema excludes them. An explanation of a job with an
    impossible mount is a reply, which says why the job is refused. An empty word in a query counts as none."""
    if case.meta is None or case.meta.generation.mode.value != 'negative':
        return True
    if case.operation.label == 'POST /v1/explain' and 'mounts' in str(case.body):
        return False
    return not any(value == '' or (isinstance(value, list) and '' in value) for value in (case.query or {}).values())


@schemathesis.hook
def before_call(context, case, kwargs):
    turn = next(count)
    valid = case.meta is None or case.meta.generation.mode.value == 'positive'
    path, query, body = case.path_parameters or {}, case.query or {}, case.body
    if isinstance(body, dict):
        if valid:
            make_harmless(body)
            # No object can have the key __proto__, at any depth.
            for field in ('metadata', 'mounts'):
                if any(key in json.dumps(body.get(field)) for key in ('__proto__', 'constructor')):
                    body.pop(field, None)
            if turn % 8:
                for field in NOT_LOCAL:
                    body.pop(field, None)
        elif not ('exe' in body and 'command' in body):
            make_harmless(body)
    if valid:
        # Names in headers are UTF-8.
        for name, value in (case.headers or {}).items():
            if name.lower().startswith('x-launcher-'):
                case.headers[name] = value.encode().decode('latin-1')
        # A cursor is one that a list gave out, a timeout belongs to a wait, and each stream has an offset or a tail. A
        # part of the output is neither followed nor a stream of events.
        query.pop('cursor', None)
        accepts = str({name.lower(): value for name, value in (case.headers or {}).items()}.get('accept'))
        if query.get('wait') == 'output' and (str(query.get('follow')).lower() == 'true' or 'event-stream' in accepts):
            query.pop('wait')
        if 'wait' not in query:
            query.pop('timeoutSeconds', None)
        else:
            # schemathesis gives up after ten seconds.
            query['timeoutSeconds'] = 2
        if 'from' in query:
            query.pop('tail', None)
            first = str(query['from']).split(',')[0]
            query['from'] = first if query.get('stream') in ('stdout', 'stderr') else f'{first},0'
        if case.operation.label == 'POST /v1/jobs/control' and isinstance(body, dict):
            body['all'] = not any(value not in ([], None) for value in query.values())
        if turn % 2 and 'id' in path and case.method != 'DELETE' and known_ids(turn):
            path['id'] = ids[turn % len(ids)]
