# A gateway as it is deployed: what 100 sensors cost that send once a second, then half an hour of 10,000 readings a second. Nothing restarts, nothing is lost, memory stays as it is.
printf '{ "schema": 1, "gateway": "load", "broker": { "host": "mosquitto" }, "sources": { "load": { "topic": "load/{number}", "values": { "value": "/value" }, "time": "/ts" } } }' >"$scratch/load.json"
chmod 644 "$scratch/load.json"
status_topic=edgegateway/load/status
seconds=1800 rate=10000
tenth=$((seconds / 10))

# begin SENSORS: a gateway on a volume of its own
begin() {
  status podman run -d --name gateway "${module[@]}" -v "$scratch/load.json:/load.json:ro" -v "load-$1:/data" localhost/edgegateway:amd64 --config /load.json >/dev/null
  process=$(podman inspect --format '{{.State.Pid}}' gateway)
}
publish() { inside dotnet modules/SensorSimulator/bin/Release/net10.0/SensorSimulator.dll load --host 127.0.0.1 --topics "$1" --rate "$2" --for "$3s"; }
resident() { awk '/^VmRSS/ { print $2 }' "/proc/$process/status"; }
ticks() { awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$process/stat"; }
adds_up() { [ "$2" = "$3" ] && ok "$1: $2" || fail "$1: $2 is not $3" "$(cat "$scratch/metrics")"; }

dotnet build modules/SensorSimulator -c Release -v quiet -nologo

begin 100
publish 100 100 640 >"$scratch/published" &
publisher=$!
sleep 320
asked
judged=$(total windows_judged_total) skipped=$(total windows_not_judged_total)
begun=$(ticks) highest=0
for _ in $(seq 30); do
  sleep 10
  now=$(resident)
  highest=$((now > highest ? now : highest))
done
took=$(($(ticks) - begun))
asked
judged=$(($(total windows_judged_total) - judged)) skipped=$(($(total windows_not_judged_total) - skipped))
# one of ten readings closes a window
[ "$judged" -ge 2900 ] && [ "$skipped" = 0 ] || fail "of some 3,000 windows $judged were judged and $skipped were not" "$(cat "$scratch/metrics")"
ok "100 sensors, a reading a second each, all $judged windows judged: $(awk -v ticks="$took" 'BEGIN { printf "%.1f", ticks / 300 }') % of a core and $((highest / 1000)) MB at most in five minutes"
wait "$publisher"
podman rm -f -t 10 gateway >/dev/null

begin 1000
first=$process
publish 1000 $rate $seconds >"$scratch/published" &
publisher=$!
echo "     tenth   resident MB, mean and most   handles   % of a core   readings received"
for part in $(seq 10); do
  begun=$(ticks) sum=0 highest=0 samples=$((tenth / 6))
  for _ in $(seq $samples); do
    sleep 6
    now=$(resident)
    sum=$((sum + now)) highest=$((now > highest ? now : highest))
  done
  asked
  mean[part]=$((sum / samples))
  printf '     %5d   %14d %12d   %7d   %11d   %17d\n' "$part" $((mean[part] / 1000)) $((highest / 1000)) "$(find "/proc/$process/fd" -mindepth 1 | wc -l)" $((($(ticks) - begun) / tenth)) "$(total readings_received_total)"
done
wait "$publisher" || fail "the generator did not reach its end" "$(cat "$scratch/published")"
messages=$(grep -oE '[0-9]+ messages in' "$scratch/published" | cut -d' ' -f1)
begun=$(milliseconds)
until_ 300 "not all $messages messages arrive" has_counted readings_received_total "$messages"
ok "$(tail -1 "$scratch/published") The last one was counted $(($(milliseconds) - begun)) ms after the end"
sleep 5
asked
[ "$(podman inspect --format '{{.State.Running}} {{.State.Pid}}' gateway)" = "true $first" ] || fail "the gateway has not run through" "$(podman logs gateway 2>&1)"
adds_up "readings received are those published" "$(total readings_received_total)" "$messages"
adds_up "readings received = taken + late + duplicate + retained + rejected + foreign" "$(total readings_received_total)" "$(total readings_{taken,late,duplicate,retained,rejected,foreign}_total)"
adds_up "windows closed = judged + not judged" "$(total windows_closed_total)" "$(total windows_{judged,not_judged}_total)"
# without them the sums would hold too
[ "$(total windows_judged_total)" -gt 0 ] && [ "$(total alerts_raised_total)" -gt 0 ] || fail "nothing was judged, or no alert raised" "$(cat "$scratch/metrics")"
ok "of the windows $(total windows_judged_total) were judged, and $(total alerts_raised_total) alerts raised"
adds_up "alerts raised + carried over = delivered + dead + expired + evicted + pending" "$(total alerts_{raised,carried_over}_total)" "$(($(total alerts_{delivered,dead,expired,evicted}_total) + $(total alerts_pending)))"
[ $((mean[10] * 100)) -le $((mean[2] * 103)) ] || fail "memory grew: $((mean[10] * 1000 / mean[2])) thousandths in the last tenth of that in the second"
ok "memory in the last tenth is $((mean[10] * 1000 / mean[2])) thousandths of that in the second (at most 1,030); at most $(awk '/VmHWM/ { print int($2 / 1000) }' "/proc/$process/status") of 537 MB"
podman rm -f -t 10 gateway >/dev/null
