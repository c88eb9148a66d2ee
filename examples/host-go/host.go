// A host in Go: keep a launcher running, submit a job, wait for its end, print its output, stop. Usage: host [COMMAND]
package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"time"
)

// keep starts the launcher, and again whenever it has ended, until stop is done: it stops when its standard input ends.
func keep(stop context.Context, settings string, ready chan<- map[string]any) {
	for ; stop.Err() == nil; time.Sleep(200 * time.Millisecond) {
		command := cmp.Or(os.Getenv("JOB_LAUNCHER"), "job-launcher")
		launcher := exec.CommandContext(stop, command, "serve", "--settings", settings, "--supervised")
		input, _ := launcher.StdinPipe()
		launcher.Cancel = input.Close
		output, _ := launcher.StdoutPipe()
		line := map[string]any{"message": fmt.Sprint(launcher.Start())}
		json.NewDecoder(output).Decode(&line)
		ready <- line
		launcher.Wait()
	}
	close(ready)
}

// call sends a call until it is answered, also by the next launcher: each of ours may be repeated.
func call(socket, method, path string, body any) []byte {
	dial := func(context.Context, string, string) (net.Conn, error) { return net.Dial("unix", socket) }
	client := http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}
	for ; ; time.Sleep(200 * time.Millisecond) {
		sent, _ := json.Marshal(body)
		request, _ := http.NewRequest(method, "http://launcher"+path, bytes.NewReader(sent))
		request.Header = http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {"the job of this host"}}
		reply, err := client.Do(request)
		if err != nil || reply.StatusCode == http.StatusServiceUnavailable {
			continue
		}
		if text, err := io.ReadAll(reply.Body); err == nil {
			return text
		}
	}
}

func run(socket, command string) int {
	var job struct {
		ID, Status, Outcome, Reason, Detail string
		ExitCode                            int
	}
	json.Unmarshal(call(socket, "POST", "/v1/jobs", map[string]any{"name": "hello", "command": command}), &job)
	fmt.Println("submitted", cmp.Or(job.ID, job.Detail))
	for job.ID != "" && job.Outcome == "" {
		json.Unmarshal(call(socket, "GET", "/v1/jobs/"+job.ID+"?wait=ended", nil), &job)
	}
	os.Stdout.Write(call(socket, "GET", "/v1/jobs/"+job.ID+"/output?stream=stdout", nil))
	fmt.Printf("%s, exit code %d, %s\n", job.Status, job.ExitCode, job.Reason)
	return job.ExitCode
}

func main() {
	folder, _ := os.MkdirTemp("", "host-")
	settings := fmt.Sprintf("[Launcher]\nConfigDir = %[1]s/launcher\nScratchPath = %[1]s/jobs\n", folder)
	os.WriteFile(folder+"/host.gcfg", []byte(settings), 0o600)
	stopping, stop := context.WithCancel(context.Background())
	ready := make(chan map[string]any, 100)
	go keep(stopping, folder+"/host.gcfg", ready)
	line, code := <-ready, 1
	if line["event"] == "ready" {
		fmt.Println("ready at", line["address"])
		code = run(line["address"].(string), append(os.Args, `echo "Hello from job $$"; sleep 1; echo "and goodbye"`)[1])
	} else {
		fmt.Println("the launcher cannot start:", line["message"])
	}
	stop()
	for range ready {
	}
	os.RemoveAll(folder)
	os.Exit(code)
}
