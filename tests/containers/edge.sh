# An edge: Mosquitto, hubstand as hub and runtime, with deployment.template.json, and the two modules from their images, the gateway with the limits, rights and volumes that deployment/manifests/base.json gives it. Alerts come out at both ends.
telemetry() { inside curl -sS --max-time 5 http://127.0.0.1:8480/telemetry; }
alert_upstream() { telemetry | grep -q 'edgegateway.alert.v1'; }

ip netns exec "$netns" dotnet tools/hubstand/bin/Release/net10.0/hubstand.dll serve --manifest deployment.template.json --data "$scratch/hub" >"$scratch/hub.log" 2>&1 &
started+=($!)
until_ 30 "hubstand does not listen" grep -q EdgeHubConnectionString "$scratch/hub.log"
sed -n '/^# environment of edgeGateway$/,/^# or/s/^export //p' "$scratch/hub.log" >"$scratch/identity"
socket=$(sed -n 's/^IOTEDGE_WORKLOADURI=unix:\/\///p' "$scratch/identity")
chmod 666 "$socket"
# Mosquitto here takes everybody, without TLS
inside curl -fsS --max-time 5 -X PATCH http://127.0.0.1:8480/twins/edge-1/modules/edgeGateway -d '{"properties":{"desired":{"broker":{"host":"mosquitto","port":1883,"caFile":null,"user":null,"passwordFile":null}}}}' >/dev/null || fail "hubstand does not take the broker"
status_topic=edgegateway/edge-1-edgeGateway/status

inside timeout 120 mosquitto_sub -t 'edgegateway/+/events' -C 1 >"$scratch/alert" &
events=$!
took=$(status podman run -d --name gateway "${module[@]}" --env-file "$scratch/identity" -v "$socket:$socket" "${volumes[@]}" localhost/edgegateway:amd64)
ok "gateway: its status is on the broker $took ms after podman run"
podman run -d --name simulator "${module[@]}" localhost/sensorsimulator:amd64 plant --host mosquitto --speed 60 --for 60s >/dev/null
wait "$events" || fail "no alert came to the broker" "$(podman logs gateway 2>&1)" "$(podman logs simulator 2>&1)"
ok "an alert on the broker: $(grep -o '"text":"[^"]*"' "$scratch/alert")"
until_ 30 "no alert came to the hub" alert_upstream
ok "an alert at the hub: $(telemetry | grep -o 'edgegateway.alert.v1' | wc -l) of them by now"

process=$(podman inspect --format '{{.State.Pid}}' gateway)
grep -q '^Uid:.1654.1654' "/proc/$process/status" && grep -q '^CapEff:.0*$' "/proc/$process/status" && grep -q '^NoNewPrivs:.1' "/proc/$process/status" &&
  grep -q ' / / ro[, ]' "/proc/$process/mountinfo" || fail "the gateway has more rights than it needs" "$(cat "/proc/$process/status" "/proc/$process/mountinfo")"
memory=$(cat "/proc/$process/root/sys/fs/cgroup/memory/memory.limit_in_bytes" 2>/dev/null || cat "/proc/$process/root/sys/fs/cgroup/memory.max")
locked=$(awk '/^Max locked memory/ { print $4 ":" $5 }' "/proc/$process/limits")
[ "$memory" = "$(given memory)" ] && [ "memlock=$locked" = "$(given ulimit | grep memlock)" ] || fail "it may have $memory bytes and lock $locked of them, which base.json does not say" "${hardened[*]}"
ok "it runs as 1654, without capabilities, on a read-only root, with $(awk '/VmHWM/ { print int($2 / 1024) }' "/proc/$process/status") of $((memory >> 20)) MiB at most, and may lock $((${locked#*:} >> 20)) MiB"
health
[ "$code" = 0 ] || fail "the image's HEALTHCHECK ended with $code" "$(cat "$scratch/health")" "$(podman logs gateway 2>&1)"
kill -STOP "$process"
health
kill -CONT "$process"
[ "$code" != 0 ] || fail "the image's HEALTHCHECK ended with 0 while the gateway did nothing" "$(cat "$scratch/health")"
ok "the image's HEALTHCHECK: 0, and $code while the process is stopped"
inside curl -sS --max-time 5 http://127.0.0.1:9600/metrics >"$scratch/metrics" && grep -q '^edgegateway_windows_judged_total{iothub=".*",edge_device="edge-1",' "$scratch/metrics" || fail "the gateway serves no metrics" "$(podman logs gateway 2>&1)"
ok "metrics answer on port 9600"
podman exec gateway /app/EdgeGateway outbox >"$scratch/outbox" 2>&1 || fail "a command in the container failed" "$(cat "$scratch/outbox")"

begun=$(milliseconds)
podman stop gateway >/dev/null
[ "$(podman inspect --format '{{.State.ExitCode}}' gateway)" = 0 ] || fail "SIGTERM did not end it with 0" "$(podman logs gateway 2>&1)"
took=$(($(milliseconds) - begun))
[ "$took" -lt 9500 ] || fail "it took $took ms to stop; a runtime kills after 10 s" "$(podman logs gateway 2>&1)"
ok "SIGTERM amid readings: drained and ended with 0 in $took ms"
took=$(status podman start gateway)
ok "started again on its volume: $took ms"
podman rm -f -t 10 gateway simulator >/dev/null
