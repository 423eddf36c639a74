# arm64, by emulation: the same verdicts, and a gateway that comes and goes. Nothing is measured: it would be the emulator that one measures.
# The CPU's folder of the x64 machine would mislead ONNX Runtime; --init, because a crash of process 1 hangs under the emulator.
emulated=(--arch arm64 --init --security-opt mask=/sys/devices/system/cpu)
mkdir "$scratch/verdicts" "$scratch/recording"
chown 1654:1654 "$scratch/verdicts"
# as far as its first alert: a verdict takes the emulator a second
head -581 "$recordings/04.csv" >"$scratch/recording/04.csv"

# replay ARCHITECTURE OPTIONS...: judges the recording
replay() {
  local code=0 said
  said=$(limit=400 podman run --rm --pull=never --network none "${hardened[@]}" "${@:2}" -v "$scratch/recording:/recording:ro" -v "$scratch/verdicts:/verdicts" "localhost/edgegateway:$1" \
    replay /recording/04.csv --alerts "/verdicts/$1.csv" 2>&1) || code=$?
  [ "$code" = 0 ] || fail "replay on $1 ended with $code" "$said"
}

replay amd64
replay arm64 "${emulated[@]}"
[ "$(wc -l <"$scratch/verdicts/amd64.csv")" -gt 1 ] || fail "the recording gave no alert" "$(cat "$scratch/verdicts/amd64.csv")"
# file, index, time, subject, kind, severity, score: all equal, scores to 1e-4
paste -d, "$scratch/verdicts/amd64.csv" "$scratch/verdicts/arm64.csv" | awk -F, '
  NF != 14 { print "another number of alerts"; exit 1 }
  { for (i = 1; i <= 6; i++) if ($i != $(i + 7)) { print "line " NR " differs"; exit 1 } }
  NR > 1 && ($7 - $14 > 1e-4 || $14 - $7 > 1e-4) { print "line " NR ": scores differ"; exit 1 }' >"$scratch/differs" ||
  fail "arm64 says other things than amd64: $(cat "$scratch/differs")" "$(cat "$scratch/verdicts/amd64.csv")" "$(cat "$scratch/verdicts/arm64.csv")"
ok "the same $(($(wc -l <"$scratch/verdicts/amd64.csv") - 1)) alerts of a recording on amd64 and arm64, scores to 1e-4$(cmp -s "$scratch/verdicts/amd64.csv" "$scratch/verdicts/arm64.csv" && echo ' (to the last digit)')"

status_topic=edgegateway/north-3/status
status podman run -d --name gateway "${site[@]}" "${emulated[@]}" -v arm-data:/data localhost/edgegateway:arm64 --config /site.json >/dev/null
inside mosquitto_sub -t 'plant/#' >"$scratch/plant" &
started+=($!)
# four minutes of the plant: no window has the history for a verdict, which would take the emulator a second
said=$(podman run --rm "${module[@]}" "${emulated[@]}" localhost/sensorsimulator:arm64 plant --host mosquitto --speed 60 --for 4s 2>&1) || fail "the simulator for arm64 failed" "$said"
have_come() { [ "$(wc -l <"$scratch/plant")" = "$(tail -1 <<<"$said" | cut -d' ' -f1)" ]; }
until_ 20 "not all messages of the simulator for arm64 came" have_come
ok "arm64: all on the broker of what the simulator counts: $(tail -1 <<<"$said")"
podman stop -t 30 gateway >/dev/null
[ "$(podman inspect --format '{{.State.ExitCode}}' gateway)" = 0 ] || fail "SIGTERM did not end the one for arm64 with 0" "$(podman logs gateway 2>&1)"
ok "arm64: status on the broker, SIGTERM, exit code 0"
podman rm -f gateway >/dev/null
# edge.sh runs the one of amd64; the emulator may take longer than it grants
checked() { podman image inspect --format '{{json .HealthCheck}}' "localhost/edgegateway:$1"; }
[ "$(checked arm64)" = "$(checked amd64)" ] || fail "the HEALTHCHECK of the image for arm64 is another than that for amd64" "$(checked arm64)"
ok "arm64: the HEALTHCHECK is that of amd64, $(checked arm64)"
