// What node programs live on: servers, workers, clusters, processes, files and watchers of them, timers, streams,
// WebAssembly, signals. One line a part.
const { execFileSync, spawn, spawnSync, fork } = require("child_process");
const cluster = require("cluster");
const crypto = require("crypto");
const dgram = require("dgram");
const dns = require("dns").promises;
const fs = require("fs");
const http = require("http");
const net = require("net");
const os = require("os");
const path = require("path");
const { once } = require("events");
const { pipeline } = require("stream/promises");
const { Worker, isMainThread, parentPort, workerData } = require("worker_threads");
const zlib = require("zlib");

const parts = {
	async web() {
		const server = http.createServer((request, answer) => answer.end(request.url.toUpperCase()));
		server.listen(0, "127.0.0.1");
		await once(server, "listening");
		const get = () => fetch(`http://127.0.0.1:${server.address().port}/loud`).then((answer) => answer.text());
		const answers = new Set(await Promise.all(Array.from({ length: 50 }, get)));
		server.closeAllConnections();
		server.close();
		return [...answers].join();
	},

	async workers() {
		const sums = Array.from({ length: 8 }, async (_, n) => {
			const [sum] = await once(new Worker(__filename, { workerData: n }), "message");
			return sum;
		});
		return (await Promise.all(sums)).reduce((a, b) => a + b);
	},

	async cluster() {
		const said = execFileSync(process.execPath, [__filename, "cluster"], { encoding: "utf8" });
		return said.trim();
	},

	async processes() {
		const out = execFileSync("tr", ["a-z", "A-Z"], { input: "piped", encoding: "utf8" });
		const { status } = spawnSync("sh", ["-c", "exit 4"]);
		const sleeper = spawn("sleep", ["10"], { detached: true });
		setTimeout(() => sleeper.kill("SIGKILL"), 30);
		const [, signal] = await once(sleeper, "exit");
		const user = execFileSync("id", ["-u"], { uid: 33, gid: 33, encoding: "utf8" }).trim();
		return `${out} ${status} ${signal} ${user}`;
	},

	async files() {
		const folder = fs.mkdtempSync(path.join(os.tmpdir(), "node-"));
		const name = path.join(folder, "file");
		const watcher = fs.watch(folder);
		const seen = once(watcher, "change");
		await fs.promises.writeFile(name, Buffer.alloc(1 << 20, "n"));
		await seen;
		watcher.close();
		await pipeline(fs.createReadStream(name), zlib.createGzip(), zlib.createGunzip(), fs.createWriteStream(name + ".copy"));
		await fs.promises.copyFile(name, name + ".copy2");
		await fs.promises.chmod(name, 0o640);
		await fs.promises.symlink("file", name + ".link");
		await fs.promises.utimes(name, 1, 2);
		const { size, mode, mtimeMs } = await fs.promises.stat(name + ".link");
		const sum = crypto.createHash("sha256").update(fs.readFileSync(name + ".copy")).digest("hex").slice(0, 8);
		const names = (await fs.promises.readdir(folder)).length;
		await fs.promises.rm(folder, { recursive: true });
		return `${size} ${(mode & 0o777).toString(8)} ${mtimeMs} ${sum} ${names} ${fs.existsSync(folder)}`;
	},

	async sockets() {
		const server = net.createServer((socket) => socket.pipe(socket)).listen("/tmp/node.sock");
		await once(server, "listening");
		const client = net.connect("/tmp/node.sock");
		client.write("echo");
		const [data] = await once(client, "data");
		client.destroy();
		server.close();
		const udp = dgram.createSocket("udp4").bind(0, "127.0.0.1");
		await once(udp, "listening");
		udp.send("datagram", udp.address().port, "127.0.0.1");
		const [message] = await once(udp, "message");
		udp.close();
		const { address } = await dns.lookup("localhost", { family: 4 });
		return `${data} ${message} ${address} ${os.networkInterfaces().lo.length > 0}`;
	},

	async threadpool() {
		const keys = Array.from({ length: 16 }, (_, n) => new Promise((resolve, reject) =>
			crypto.pbkdf2("word", "salt" + n, 1000, 8, "sha256", (error, key) => (error ? reject(error) : resolve(key)))));
		return (await Promise.all(keys)).length;
	},

	async wasm() {
		// (func (export "f") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)
		const code = "0061736d0100000001070160027f7f017f03020100070501016600000a09010700200020016a0b";
		const { instance } = await WebAssembly.instantiate(Buffer.from(code, "hex"));
		return instance.exports.f(40, 2);
	},

	async signals() {
		const kept = setInterval(() => {}, 1000); // waiting for a signal alone keeps no program running
		setTimeout(() => process.kill(process.pid, "SIGUSR2"), 20);
		const [signal] = await once(process, "SIGUSR2");
		clearInterval(kept);
		return `${signal} ${os.getPriority()} ${os.userInfo().username}`;
	},
};

async function main() {
	for (const [name, part] of Object.entries(parts)) console.log(`${name}: ${await part()}`);
	process.on("SIGTERM", () => {
		console.log("term: heard");
		process.exit(3);
	});
	setInterval(() => {}, 1000);
	process.kill(process.pid, "SIGTERM");
}

// Four processes share a listening socket, and each answers with its own id.
async function many() {
	const workers = Array.from({ length: 4 }, () => cluster.fork());
	await Promise.all(workers.map((worker) => once(worker, "listening")));
	const ids = new Set();
	for (let n = 0; n < 16; n++) ids.add(await (await fetch("http://127.0.0.1:8099/", { headers: { connection: "close" } })).text());
	for (const worker of workers) worker.kill();
	console.log(ids.size);
}

if (!isMainThread) {
	let sum = 0;
	for (let n = 0; n < 1000; n++) sum += n * workerData;
	parentPort.postMessage(sum);
} else if (cluster.isWorker) {
	http.createServer((_, answer) => answer.end(String(process.pid))).listen(8099, "127.0.0.1");
} else if (process.argv[2] === "cluster") many();
else main();
