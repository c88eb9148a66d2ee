"""Drives a launcher with the models that datamodel-code-generator makes, and the HTTP client of Python."""
import json
import os
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from models import Control, Job, JobList, JobSubmission, Problem

TOOL = 'datamodel-code-generator'


def call(method, path, body=None):
    request = Request(os.environ['LAUNCHER_URL'] + path, method=method)
    request.add_header('authorization', 'Bearer ' + os.environ['LAUNCHER_KEY'])
    if body is not None:
        request.add_header('content-type', 'application/json')
        request.data = body.model_dump_json(exclude_none=True, exclude_unset=True).encode()
    return urlopen(request, timeout=60)


def submit(command):
    body = JobSubmission(name='made', command=command, tags=['made', TOOL])
    return Job.model_validate_json(call('POST', '/v1/jobs', body).read())


job_id = submit('echo hi').id
events = [line for line in call('GET', f'/v1/jobs/{job_id}/events') if line.startswith(b'data: ')]
assert Job.model_validate(json.loads(events[-1].removeprefix(b'data: '))).outcome.value == 'succeeded'
assert Job.model_validate_json(call('GET', f'/v1/jobs/{job_id}').read()).exitCode == 0
jobs = JobList.model_validate_json(call('GET', f'/v1/jobs?tag=made&tag={TOOL}&status=Finished').read()).jobs
assert [job.id for job in jobs] == [job_id], jobs
assert call('GET', f'/v1/jobs/{job_id}/output').read() == b'hi\n'
long_id = submit('sleep 60').id
call('GET', f'/v1/jobs/{long_id}?wait=running').read()
stopped = call('POST', f'/v1/jobs/{long_id}/control?wait=ended', Control(operation='kill')).read()
assert Job.model_validate_json(stopped).outcome.value == 'stopped'
try:
    call('POST', f'/v1/jobs/{long_id}/control', Control(operation='stop'))
    raise AssertionError('the job has ended')
except HTTPError as error:
    assert Problem.model_validate_json(error.read()).code.value == 'InvalidJobState'
for each in (job_id, long_id):
    assert call('DELETE', f'/v1/jobs/{each}').status == 204
