#!/usr/bin/env bats
# What lies between cordon and a registry: HTTP/2 (nginx before Debian's docker-registry), proxies.
load registries

setup_file() {
	ground_make
	registry_start plain
	export PLAIN=127.0.0.1:$REGISTRY_PORT
	certificate_make
	export SSL_CERT_FILE=$GROUND/tls.crt
	[ -z "${GROUND_SKIP:-}" ] || return 0
	noise_make
	skopeo copy -q --dest-tls-verify=false "oci:$GROUND/noise:noise" "docker://$PLAIN/team/noise:1"
	proxy_start open
	export OPEN=127.0.0.1:$PROXY_PORT
	proxy_start closed ann:s3cret
	export CLOSED=127.0.0.1:$PROXY_PORT
}

teardown_file() { servers_stop; ground_clear; }

teardown() { cordon rmi -f "${H2:-}/team/noise:1" "$PLAIN/team/noise:1" >/dev/null 2>&1 || true; }

# noise_make: an OCI layout called "noise", six layers of 20 MB that do not compress.
noise_make() {
	local number
	for number in 1 2 3 4 5 6; do
		head -c 20000000 /dev/urandom >"$GROUND/noise$number"
		tar -C "$GROUND" --owner=0 --group=0 -cf "$GROUND/$number.tar" "noise$number"
	done
	python3 "$BATS_TEST_DIRNAME/../support/layout_of_tars.py" "$GROUND/noise" noise "$GROUND"/?.tar
}

# http2_start: nginx with TLS and HTTP/2 before the plain registry; its address is H2, what it was asked is in h2.log.
http2_start() {
	local nginx
	nginx=$(PATH=$PATH:/usr/sbin command -v nginx) || skip "nginx is not installed"
	H2=127.0.0.1:$(free_port)
	mkdir -p "$GROUND/nginx"
	cat >"$GROUND/nginx.conf" <<-CONF
		daemon off; pid $GROUND/nginx/pid; error_log $GROUND/nginx/error.log; worker_processes 1;
		events { worker_connections 64; }
		http {
			log_format asked '\$server_protocol \$connection \$request_method \$uri \$status';
			access_log $GROUND/h2.log asked;
			client_body_temp_path $GROUND/nginx/a; proxy_temp_path $GROUND/nginx/b; fastcgi_temp_path $GROUND/nginx/c;
			uwsgi_temp_path $GROUND/nginx/d; scgi_temp_path $GROUND/nginx/e;
			server {
				listen $H2 ssl http2; ssl_certificate $GROUND/tls.crt; ssl_certificate_key $GROUND/tls.key;
				client_max_body_size 0;
				location / { proxy_pass http://$PLAIN; proxy_set_header Host \$http_host; proxy_set_header X-Forwarded-Proto https; }
			}
		}
	CONF
	"$nginx" -c "$GROUND/nginx.conf" >/dev/null 2>&1 3>&- &
	echo $! >>"$GROUND/servers"
	answers "${H2##*:}"
}

# proxy_start NAME [USER:PASSWORD]: sets PROXY_PORT; what it is asked is in NAME.proxy.
proxy_start() {
	local name=$1
	shift
	python3 "$BATS_TEST_DIRNAME/../support/proxy.py" "$GROUND/$name.proxy" "$@" >"$GROUND/$name.port" 3>&- &
	echo $! >>"$GROUND/servers"
	wait_until 60 says "$GROUND/$name.port"
	PROXY_PORT=$(cat "$GROUND/$name.port")
}

# largest COMMAND...: runs it; the KiB of its largest process.
largest() {
	python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$@"
}

@test "HTTP/2: the layers come side by side over one connection, in little memory; and go the same way" {
	http2_start
	: >"$GROUND/h2.log"
	run -0 largest "$CORDON" pull -q "$H2/team/noise:1"
	[ -n "${CORDON_SANITIZED:-}" ] || [ "$output" -lt 32768 ] || { echo "$output KiB"; false; }
	cat "$GROUND/h2.log"
	[ "$(grep -c ' GET /v2/team/noise/blobs/.* 200' "$GROUND/h2.log")" = 7 ]
	# but for the first question, which is asked in the clear
	refute grep -v -e '^HTTP/2.0 ' -e '^HTTP/1.1 .*manifests/1 400$' "$GROUND/h2.log"
	[ "$(grep '^HTTP/2.0 ' "$GROUND/h2.log" | cut -d' ' -f2 | sort -u | wc -l)" = 1 ]
	store_is_whole
	run -0 confined "$H2/team/noise:1" true || [ "$status" = 127 ] # it has no programs
	run -0 largest "$CORDON" push -q "$H2/team/noise:1" "$H2/other/noise:1"
	[ -n "${CORDON_SANITIZED:-}" ] || [ "$output" -lt 32768 ]
	skopeo inspect --tls-verify=false --raw "docker://$PLAIN/other/noise:1" >/dev/null
}

@test "https_proxy: a tunnel, in which the registry's certificate counts" {
	local name
	http2_start
	name=registry.test:${H2##*:}/team/noise:1
	: >"$GROUND/open.proxy"
	https_proxy=http://$OPEN run -0 cordon pull -q --creds bob:hidden "$name"
	python3 - "$GROUND/open.proxy" "registry.test:${H2##*:}" <<-'PYTHON'
		import json, sys
		asked = [json.loads(line) for line in open(sys.argv[1])]
		assert asked and all(a["method"] == "CONNECT" and a["target"] == sys.argv[2] for a in asked), asked
		assert all("authorization" not in a["headers"] for a in asked), asked
	PYTHON
	cordon rmi "$name"
	SSL_CERT_FILE=/dev/null HTTPS_PROXY=http://$OPEN run -1 cordon pull -q "$name"
	[[ "$output" == *certificate* ]] || { echo "$output"; false; }
	HTTPS_PROXY=http://$OPEN run -1 cordon pull -q "other.test:${H2##*:}/team/noise:1"
	[[ "$output" == *"other.test"* ]] || { echo "$output"; false; }
}

@test "NO_PROXY, and all_proxy" {
	http2_start
	: >"$GROUND/open.proxy"
	https_proxy=http://$OPEN NO_PROXY=127.0.0.1 cordon pull -q "$H2/team/noise:1"
	[ ! -s "$GROUND/open.proxy" ]
	ALL_PROXY=http://$OPEN cordon pull -q "$H2/team/noise:1"
	[ -s "$GROUND/open.proxy" ]
}

@test "http_proxy, in capitals or not, for a registry that is asked in the clear" {
	local variable name=registry.test:${PLAIN##*:}/team/noise:1
	for variable in http_proxy HTTP_PROXY all_proxy; do
		: >"$GROUND/open.proxy"
		run -0 env "$variable=http://$OPEN" "$CORDON" pull -q --tls-verify=false "$name"
		grep -q "\"GET\", \"target\": \"http://registry.test:${PLAIN##*:}/v2/team/noise/manifests/1\"" "$GROUND/open.proxy"
		cordon rmi "$name"
	done
	# what a web server's client can set is not believed (CVE-2016-5385)
	: >"$GROUND/open.proxy"
	REQUEST_METHOD=GET HTTP_PROXY=http://$OPEN run -1 cordon pull -q --tls-verify=false "$name"
	[ ! -s "$GROUND/open.proxy" ]
}

@test "a proxy with a password, which the registry does not get to see" {
	local name
	http2_start
	name=registry.test:${H2##*:}/team/noise:1
	: >"$GROUND/closed.proxy"
	https_proxy=http://ann:s3cret@$CLOSED cordon pull -q "$name"
	grep -q '"proxy-authorization": "Basic' "$GROUND/closed.proxy"
	cordon rmi "$name"
	https_proxy=http://$CLOSED run -1 --separate-stderr cordon pull -q "$name"
	[[ "$stderr" == *"the proxy wants a user and a password"* ]] || { echo "$stderr"; false; }
	https_proxy=http://ann:wrong@$CLOSED run -1 --separate-stderr cordon pull -q "$name"
	[[ "$stderr" == *"the proxy wants a user and a password"* && "$stderr" != *wrong* ]] || { echo "$stderr"; false; }
}

@test "a proxy that is not there, and one that cannot go on" {
	local gone
	gone=$(free_port)
	https_proxy=http://127.0.0.1:$gone run -1 --separate-stderr cordon pull -q registry.test/team/noise:1
	[[ "$stderr" == *"port $gone"*"names a proxy"* ]] || { echo "$stderr"; false; }
	https_proxy=http://nowhere.test:1 run -1 --separate-stderr cordon pull -q registry.test/team/noise:1
	[[ "$stderr" == *"the proxy: "*nowhere.test* ]] || { echo "$stderr"; false; }
	https_proxy=http://$OPEN run -1 --separate-stderr cordon pull -q broken.test/team/noise:1
	[[ "$stderr" == *"the proxy: "*502* ]] || { echo "$stderr"; false; }
}

# picky_start: PICKY_TLS (an address that hangs up on what is not TLS) and PICKY_SOCKS (a proxy that wants Kerberos).
picky_start() {
	local tls socks
	rm -f "$GROUND/picky.ports"
	: >"$GROUND/picky.log"
	python3 "$BATS_TEST_DIRNAME/../support/picky_ports.py" "$PLAIN" "$GROUND/tls.crt" "$GROUND/tls.key" "$GROUND/picky.log" >"$GROUND/picky.ports" 3>&- &
	echo $! >>"$GROUND/servers"
	wait_until 60 says "$GROUND/picky.ports"
	read -r tls socks <"$GROUND/picky.ports"
	PICKY_TLS=127.0.0.1:$tls
	PICKY_SOCKS=127.0.0.1:$socks
}

@test "a registry of this machine is asked in the clear first, and by TLS where it answers 400 or hangs up" {
	http2_start
	: >"$GROUND/h2.log"
	cordon pull -q "$H2/team/noise:1"
	grep -q '^HTTP/1.* 400$' "$GROUND/h2.log"
	grep -q '^HTTP/2.0 .*manifests/1 200$' "$GROUND/h2.log"
	picky_start
	cordon pull -q "$PICKY_TLS/team/noise:1"
	[ "$(sort "$GROUND/picky.log" | uniq -c | awk '$2 == "not" { print $1 }')" = 1 ]
	cordon rmi "$PICKY_TLS/team/noise:1"
	# by TLS alone where that is asked for: what is verified is not asked in the clear, not even once
	: >"$GROUND/picky.log"
	SSL_CERT_FILE=$GROUND/tls.crt cordon pull -q --tls-verify=true "$PICKY_TLS/team/noise:1"
	refute grep -q not "$GROUND/picky.log"
	cordon rmi "$PICKY_TLS/team/noise:1"
	# nor is one in the clear by TLS, nor anything through a proxy in the clear
	: >"$GROUND/open.proxy"
	https_proxy=http://$OPEN http_proxy=http://$OPEN cordon pull -q "$H2/team/noise:1"
	[ "$(head -1 "$GROUND/open.proxy" | grep -c CONNECT)" = 1 ]
	# nobody there: said once, at once
	run -1 --separate-stderr cordon pull -q "127.0.0.1:$(free_port)/team/noise:1"
	[[ "$stderr" == *"onnect"* ]] || { echo "$stderr"; false; }
}

@test "a SOCKS proxy that insists on Kerberos is refused, and was not offered it" {
	picky_start
	all_proxy=socks5h://$PICKY_SOCKS run -1 --separate-stderr cordon pull -q "registry.test:5000/x:1"
	[[ "$stderr" != *"helper died"* && "$stderr" == *"registry.test:5000"* ]] || { echo "$stderr"; false; }
	grep -q '^socks' "$GROUND/picky.log"
	refute grep -q '^socks.* 1\b' "$GROUND/picky.log"
}

# certificate_of FROM UNTIL: registry.test's, valid between these dates (YYYYMMDD), by itself.
certificate_of() {
	(
		cd "$GROUND"
		rm -f index.txt* serial*
		: >index.txt
		echo 01 >serial
		cat >ca.cnf <<-CONF
			[ca]
			default_ca = own
			[own]
			database = index.txt
			new_certs_dir = .
			serial = serial
			default_md = sha256
			policy = any
			copy_extensions = copy
			[any]
			commonName = supplied
		CONF
		openssl req -new -newkey rsa:2048 -nodes -subj /CN=here -addext "subjectAltName = DNS:registry.test" -keyout dated.key -out dated.csr
		openssl ca -batch -selfsign -config ca.cnf -keyfile dated.key -in dated.csr -out dated.crt -notext -startdate "${1}000000Z" -enddate "${2}000000Z"
	) >/dev/null 2>&1
}

@test "a certificate that was, or will be: the message says which, and what the clock says" {
	local from until reason
	while read -r from until reason; do
		certificate_of "$from" "$until"
		registry_start "dated$from" "http: {addr: 127.0.0.1:@PORT@, tls: {certificate: $GROUND/dated.crt, key: $GROUND/dated.key}}"
		SSL_CERT_FILE=$GROUND/dated.crt https_proxy=http://$OPEN run -1 --separate-stderr cordon pull -q "registry.test:$REGISTRY_PORT/x:1"
		[[ "$stderr" == *"$reason"*"this machine's clock says $(date -u +%Y-%m-%d)"* ]] || { echo "$stderr"; false; }
	done <<-'ROWS'
		20200101 20210101 expired
		20900101 20910101 not yet valid
	ROWS
}
