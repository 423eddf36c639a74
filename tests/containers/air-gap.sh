# An air gap: images leave by file, signed, and come to life in another storage without a network (docs/air-gap.md).
ssh-keygen -q -t ed25519 -N '' -C ada -f "$scratch/ada"
ssh-keygen -q -t ed25519 -N '' -C eve -f "$scratch/eve"
echo "ada $(cut -d' ' -f1,2 "$scratch/ada.pub")" >"$scratch/signers"
export CONTAINER_ENGINE=podman
limit=120
said=$(timeout -k 5 120 deployment/air-gap/save "$scratch/stick" "$scratch/ada" localhost/edgegateway:amd64 localhost/sensorsimulator:amd64 2>&1) || fail "the images are not saved" "$said"
use_storage "$scratch/far"
listed() { podman exec gateway /app/EdgeGateway model list | grep -q pumps; }
load() { inside timeout -k 5 120 deployment/air-gap/load "$scratch/stick" "$scratch/signers" ada; }
said=$(load 2>&1) || fail "what was saved is not loaded" "$said"
ok "saved, signed, verified, loaded: $(du -sm "$scratch/stick" | cut -f1) MB on the stick"

# A package by file: one of the vectors, signed as its root asks for, for a group whose key this device does not have.
mkdir -p "$scratch/site" "$scratch/stick/pumps-3"
cp tests/vectors/packages/roots/first.json "$scratch/site/root.json"
node -e 'fs.writeFileSync(process.argv[2], JSON.parse(fs.readFileSync(process.argv[1])).envelope)' tests/vectors/packages/packages/valid.json "$scratch/stick/pumps-3/manifest.json"
sed 's/"schema": 1,/& "updates": { "root": "\/site\/root.json" },/' "$scratch/site.json" >"$scratch/site/gateway.json"
podman run -d --name gateway --pull=never --network none "${hardened[@]}" -v "$scratch/site:/site:ro" -v far-data:/data localhost/edgegateway:amd64 --config /site/gateway.json >/dev/null
until_ 30 "the inbox is not made" podman cp "$scratch/stick/pumps-3" gateway:/data/inbox/
until_ 30 "the package in the inbox is not looked at" listed
ok "a package by file, without a network: $(podman exec gateway /app/EdgeGateway model list | grep -A1 pumps | tr -s '\n ' ' ')"
podman rm -f -t 10 gateway >/dev/null
podman rmi -fa >/dev/null

# stays_out TEXT: nothing is loaded, and it says why
stays_out() {
  if said=$(load 2>&1) || ! grep -qF "$1" <<<"$said" || [ -n "$(podman images -q)" ]; then fail "loaded, or not a word of: $1" "$said"; fi
  ok "not loaded: $(grep -F "$1" <<<"$said")"
}
printf x | dd of="$scratch/stick/localhost-edgegateway-amd64.tar" bs=1 seek=5000 conv=notrunc status=none
stays_out "is not what was signed"
(cd "$scratch/stick" && sha256sum ./*.tar | sed 's, \./, ,' >SHA256SUMS)
stays_out "is not signed by ada"
rm "$scratch/stick/SHA256SUMS.sig"
stays_out "holds no signed list of images"
ssh-keygen -q -Y sign -f "$scratch/eve" -n edgegateway-air-gap "$scratch/stick/SHA256SUMS" 2>/dev/null
stays_out "is not signed by ada"
use_storage "$scratch"
