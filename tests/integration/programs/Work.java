// What programs on a JVM live on: many threads, pools, an HTTP server and its client, processes, files and maps
// of them, watched folders, a large heap to collect, signals. One line a part.
import com.sun.net.httpserver.HttpServer;
import java.lang.management.ManagementFactory;
import java.net.*;
import java.net.http.*;
import java.nio.*;
import java.nio.channels.*;
import java.nio.file.*;
import java.util.*;
import java.util.concurrent.*;
import java.util.stream.*;

public class Work {
	static String threads() throws Exception {
		CountDownLatch all = new CountDownLatch(200), go = new CountDownLatch(1);
		List<Thread> threads = new ArrayList<>();
		for (int n = 0; n < 200; n++) {
			Thread thread = new Thread(() -> {
				all.countDown();
				try { go.await(); } catch (InterruptedException e) { }
			});
			threads.add(thread);
			thread.start();
		}
		all.await();
		int count = ManagementFactory.getThreadMXBean().getThreadCount();
		go.countDown();
		for (Thread thread : threads) thread.join();
		long sum = LongStream.rangeClosed(1, 1_000_000).parallel().map(n -> n % 7).sum();
		return (count >= 200) + " " + sum;
	}

	static String web() throws Exception {
		HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
		server.createContext("/", exchange -> {
			byte[] body = exchange.getRequestURI().getPath().toUpperCase().getBytes();
			exchange.sendResponseHeaders(200, body.length);
			exchange.getResponseBody().write(body);
			exchange.close();
		});
		server.setExecutor(Executors.newFixedThreadPool(4, run -> { Thread t = new Thread(run); t.setDaemon(true); return t; }));
		server.start();
		HttpClient client = HttpClient.newHttpClient();
		HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/loud")).build();
		List<CompletableFuture<String>> answers = new ArrayList<>();
		for (int n = 0; n < 50; n++)
			answers.add(client.sendAsync(request, HttpResponse.BodyHandlers.ofString()).thenApply(HttpResponse::body));
		Set<String> seen = new HashSet<>();
		for (CompletableFuture<String> answer : answers) seen.add(answer.get(20, TimeUnit.SECONDS));
		server.stop(0);
		return seen + " " + NetworkInterface.getByName("lo").isLoopback() + " " + InetAddress.getByName("localhost").isLoopbackAddress();
	}

	static String processes() throws Exception {
		Process child = new ProcessBuilder("sh", "-c", "tr a-z A-Z; exit 5").start();
		child.getOutputStream().write("piped".getBytes());
		child.getOutputStream().close();
		String said = new String(child.getInputStream().readAllBytes());
		Process sleeper = new ProcessBuilder("sleep", "30").start();
		boolean early = sleeper.waitFor(50, TimeUnit.MILLISECONDS);
		sleeper.destroyForcibly();
		return said + " " + child.waitFor() + " " + early + " " + sleeper.waitFor() + " " + (ProcessHandle.current().pid() > 0);
	}

	static String files() throws Exception {
		Path folder = Files.createTempDirectory("java"), name = folder.resolve("file");
		WatchService watch = folder.getFileSystem().newWatchService();
		folder.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
		try (FileChannel channel = FileChannel.open(name, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
			MappedByteBuffer map = channel.map(FileChannel.MapMode.READ_WRITE, 0, 1 << 20);
			for (int n = 0; n < 1 << 18; n++) map.putInt(n);
			map.force();
			FileLock lock = channel.lock();
			lock.release();
			channel.transferTo(0, 1 << 20, FileChannel.open(folder.resolve("copy"), StandardOpenOption.CREATE, StandardOpenOption.WRITE));
		}
		WatchKey key = watch.poll(5, TimeUnit.SECONDS);
		long last = ByteBuffer.wrap(Files.readAllBytes(folder.resolve("copy"))).getInt((1 << 20) - 4);
		Files.setPosixFilePermissions(name, java.nio.file.attribute.PosixFilePermissions.fromString("rw-r-----"));
		Files.createSymbolicLink(folder.resolve("link"), Path.of("file"));
		return last + " " + (key != null && !key.pollEvents().isEmpty()) + " " + Files.getPosixFilePermissions(name).size() + " " +
			Files.size(folder.resolve("link")) + " " + Files.getFileStore(folder).type();
	}

	// More garbage than there is heap, so that it is collected by its threads.
	static String heap() {
		long sum = 0;
		Deque<byte[]> kept = new ArrayDeque<>();
		for (int n = 0; n < 3000; n++) {
			kept.add(new byte[100_000 + n]);
			if (kept.size() > 100) sum += kept.remove().length;
		}
		long runs = ManagementFactory.getGarbageCollectorMXBeans().stream().mapToLong(b -> b.getCollectionCount()).sum();
		return sum + " " + (runs > 0) + " " + (Runtime.getRuntime().maxMemory() <= 130L << 20);
	}

	public static void main(String[] words) throws Exception {
		System.out.println("collector: " + ManagementFactory.getGarbageCollectorMXBeans().get(0).getName());
		System.out.println("heap: " + heap());
		System.out.println("threads: " + threads());
		System.out.println("web: " + web());
		System.out.println("processes: " + processes());
		System.out.println("files: " + files());
		ScheduledExecutorService timer = Executors.newScheduledThreadPool(1);
		System.out.println("timer: " + timer.schedule(() -> "rang", 50, TimeUnit.MILLISECONDS).get());
		timer.shutdown();
		Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hook: ran")));
		new ProcessBuilder("kill", "-TERM", "" + ProcessHandle.current().pid()).start();
		Thread.sleep(20_000);
	}
}
