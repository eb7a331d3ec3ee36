//! What Rust programs live on: threads, channels, TcpListener, Command, files, sockets of Unix. One line a part.
use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::net::{TcpListener, TcpStream, ToSocketAddrs, UdpSocket};
use std::os::unix::fs::{symlink, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{mpsc, Arc, Barrier, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn threads() -> Result<String> {
    let sum = Arc::new(AtomicU64::new(0));
    let barrier = Arc::new(Barrier::new(33));
    let (sender, receiver) = mpsc::channel();
    for n in 0..32u64 {
        let (sum, barrier, sender) = (sum.clone(), barrier.clone(), sender.clone());
        thread::Builder::new().name(format!("worker-{}", n)).spawn(move || {
            sum.fetch_add((0..1000).map(|i| i * n).sum(), Ordering::SeqCst);
            sender.send(n).unwrap();
            barrier.wait();
        })?;
    }
    let sent: u64 = (0..32).map(|_| receiver.recv().unwrap()).sum();
    let count = fs::read_dir("/proc/self/task")?.count();
    barrier.wait();
    let pair = (Mutex::new(0), Condvar::new());
    let (_, late) = pair.1.wait_timeout(pair.0.lock().unwrap(), Duration::from_millis(20)).unwrap();
    Ok(format!("{} {} {} {}", sum.load(Ordering::SeqCst), sent, count, late.timed_out()))
}

fn tcp() -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let server = thread::spawn(move || -> std::io::Result<()> {
        for stream in listener.incoming().take(20) {
            let mut stream = stream?;
            let mut line = String::new();
            BufReader::new(stream.try_clone()?).read_line(&mut line)?;
            stream.write_all(line.to_uppercase().as_bytes())?;
        }
        Ok(())
    });
    let mut answers = HashMap::new();
    for _ in 0..20 {
        let mut stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(b"through\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        *answers.entry(answer.trim().to_string()).or_insert(0) += 1;
    }
    server.join().unwrap()?;
    let udp = UdpSocket::bind("127.0.0.1:0")?;
    udp.send_to(b"x", udp.local_addr()?)?;
    let mut byte = [0];
    udp.recv(&mut byte)?;
    let (mut here, mut there) = UnixStream::pair()?;
    here.write_all(b"u")?;
    there.read_exact(&mut byte)?;
    let found = "localhost:80".to_socket_addrs()?.count() > 0;
    Ok(format!("{:?} {} {}", answers, byte[0] as char, found))
}

fn command() -> Result<String> {
    let mut child = Command::new("tr").args(["a-z", "A-Z"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    child.stdin.take().unwrap().write_all(b"piped")?;
    let out = String::from_utf8(child.wait_with_output()?.stdout)?;
    let code = Command::new("sh").args(["-c", "exit 9"]).env_clear().current_dir("/").status()?.code();
    let mut sleeper = Command::new("sleep").arg("10").spawn()?;
    sleeper.kill()?;
    let signal = sleeper.wait()?.signal();
    let user = Command::new("id").arg("-u").uid(33).gid(33).output()?.stdout;
    Ok(format!("{} {:?} {:?} {}", out, code, signal, String::from_utf8(user)?.trim()))
}

fn files() -> Result<String> {
    let folder = std::env::temp_dir().join("rust");
    fs::create_dir_all(folder.join("a/b"))?;
    let name = folder.join("a/b/file");
    let mut file = fs::OpenOptions::new().read(true).write(true).create(true).open(&name)?;
    file.write_all(&[b'r'; 10000])?;
    file.sync_all()?;
    file.set_len(5000)?;
    file.seek(SeekFrom::End(-10))?;
    let mut end = String::new();
    file.read_to_string(&mut end)?;
    let copied = fs::copy(&name, folder.join("copy"))?;
    symlink("copy", folder.join("link"))?;
    fs::hard_link(folder.join("copy"), folder.join("hard"))?;
    fs::set_permissions(&name, fs::Permissions::from_mode(0o600))?;
    fs::rename(&name, folder.join("moved"))?;
    let mode = fs::metadata(folder.join("moved"))?.permissions().mode() & 0o777;
    let names = fs::read_dir(&folder)?.count();
    fs::remove_dir_all(&folder)?;
    Ok(format!("{} {} {:o} {} {}", end.len(), copied, mode, names, folder.exists()))
}

fn main() -> Result<()> {
    let start = Instant::now();
    println!("threads: {}", threads()?);
    println!("tcp: {}", tcp()?);
    println!("command: {}", command()?);
    println!("files: {}", files()?);
    println!("parallel: {}", thread::available_parallelism()?.get() > 0);
    println!("time: {}", start.elapsed() > Duration::from_millis(20));
    panic!("the end");
}
