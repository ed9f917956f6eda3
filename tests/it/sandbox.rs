//! The sandbox, with the real bubblewrap: what a hostile program tries is refused, what it takes is bounded, and nothing of
//! it is left. Nothing here asserts how long something took; only what it came to.

mod programs;

use crate::support::bench::log;
use crate::support::process::{Process, assayd, until};
use crate::support::{Outcome, Server, needs};
use assayd::domain::{Ended, Job, Reply};
use assayd::sandbox::Sandbox;
use libtest_mimic::{Failed, Trial};
use std::cell::Cell;
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
const MEMORY: u64 = 256 << 20;

/// One for all tests: what bounds the jobs at a time is in it.
pub fn sandbox() -> Result<&'static Sandbox, Failed> {
    static FOUND: OnceLock<Result<Sandbox, String>> = OnceLock::new();
    let found = FOUND.get_or_init(|| Sandbox::find().map_err(|why| format!("{why} ({})", why.hint())));
    found.as_ref().map_err(|why| why.clone().into())
}

fn runtime() -> Result<tokio::runtime::Runtime, Failed> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

/// What came of a program.
pub struct Came {
    pub ended: Ended,
    pub output: String,
    pub errors: String,
}

thread_local! {
    /// The test that runs on this thread.
    static TEST: Cell<&'static str> = const { Cell::new("programs") };
}

/// Runs a job to its end, which is told in the log where one is kept.
pub fn run(job: &Job) -> Result<Came, Failed> {
    match runtime()?.block_on(sandbox()?.run(job)) {
        Reply::Ran { ended, output, errors } => {
            log(format_args!("sandbox {} {ended:?}", TEST.get()));
            Ok(Came { ended, output, errors })
        }
        other => Err(format!("it did not run: {other:?}").into()),
    }
}

fn job(program: &str, time: Duration) -> Job {
    let command = ["python3", "-I", "main.py"].map(str::to_owned).to_vec();
    Job { command, files: vec![("main.py".into(), program.into())], input: String::new(), time, memory: MEMORY }
}

/// Runs a Python program that has time enough.
fn python(program: &str) -> Result<Came, Failed> {
    run(&job(program, Duration::from_secs(20)))
}

/// A word that is in no other program, for looking it up among all processes of the machine.
fn mark() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("assayd-mark-{}-{}-x", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Processes of this machine that have a mark in their arguments.
fn marked(mark: &str) -> Result<usize, Failed> {
    let with_mark = |path: std::path::PathBuf| {
        std::fs::read(path.join("cmdline")).is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains(mark))
    };
    Ok(std::fs::read_dir("/proc")?.filter_map(Result::ok).filter(|entry| with_mark(entry.path())).count())
}

/// Waits until no process has the mark.
fn gone(mark: &str) -> Outcome {
    until(PATIENCE, || match marked(mark)? {
        0 => Ok(()),
        left => Err(format!("{left} processes are left").into()),
    })
}

/// What a program printed, which ended well.
fn printed(program: &str) -> Result<String, Failed> {
    let Came { ended, output, errors } = python(program)?;
    if ended == Ended::Exited(0) { Ok(output) } else { Err(format!("{ended:?}: {output}{errors}").into()) }
}

fn same<T: PartialEq + std::fmt::Debug>(got: T, want: T) -> Outcome {
    if got == want { Ok(()) } else { Err(format!("want {want:?}, got {got:?}").into()) }
}

/// A test by its name.
type Named = (&'static str, fn() -> Outcome);

/// All tests.
pub fn tests() -> Vec<Trial> {
    let tests: [Named; 15] = [
        ("runs_a_program_and_tells_its_end", runs),
        ("stops_a_fork_bomb", fork_bomb),
        ("refuses_every_network", network),
        ("refuses_writes_outside_and_leaves_nothing", writes),
        ("ends_an_endless_loop", endless),
        ("ends_a_sleeper_and_what_ignores_signals", sleeper),
        ("bounds_the_memory_of_one_process", one_hog),
        ("bounds_the_memory_of_all_processes", many_hogs),
        ("bounds_cpu_time_of_all_processes", many_loops),
        ("bounds_output_and_files", output),
        ("shows_nothing_of_this_machine", secrets),
        ("kills_what_was_daemonised", daemons),
        ("is_killed_when_it_is_dropped", dropped),
        ("refuses_kernel_interfaces", interfaces),
        ("refuses_jobs_that_are_none", none),
    ];
    let named = |(name, test): Named| {
        needs(Server::Bubblewrap, &format!("sandbox::{name}"), move || {
            let before = TEST.replace(name);
            let outcome = test();
            TEST.set(before);
            outcome
        })
    };
    let missing = Trial::test("sandbox::is_asked_for_where_it_is_missing", missing);
    tests.into_iter().map(named).chain(programs::tests()).chain([missing]).collect()
}

/// A configuration with programs to run, on a machine without bubblewrap.
fn missing() -> Outcome {
    let folder = tempfile::tempdir()?;
    let row = "{\"prompt\": \"Write add.\", \"tests\": [\"assert add(1, 2) == 3\"]}\n";
    std::fs::write(folder.path().join("rows.jsonl"), row)?;
    let config = "[target.a]\napi = \"openai-chat\"\nurl = \"http://127.0.0.1:9/v1\"\nmodel = \"m\"\n[scenario.s]\n\
                  dataset = { format = \"jsonl\", path = \"rows.jsonl\" }\n\
                  scorer = { kind = \"code\", sandbox = \"bubblewrap\" }\n\
                  [workload.w]\narrival = { kind = \"closed\", concurrency = 1 }\n\
                  [[run]]\ntargets = [\"*\"]\nscenarios = [\"*\"]\nworkload = \"w\"\n";
    std::fs::write(folder.path().join("assayd.toml"), config)?;
    for command in [["check", "-c", "assayd.toml"], ["run", "-c", "assayd.toml"]] {
        let mut command = assayd(folder.path(), command);
        let ended = Process::start(command.env("PATH", folder.path()))?.end(PATIENCE)?;
        let want = "assayd.toml:7:10: scenario.s.scorer: runs programs that a model wrote, in a sandbox and nowhere else: \
                    bwrap is not on PATH\n  hint: install bubblewrap: apt-get install bubblewrap";
        if ended.code == Some(0) || !ended.stderr.contains(want) {
            return Err(format!("{ended:?}").into());
        }
    }
    Ok(())
}

fn runs() -> Outcome {
    let base = job("import sys; print(open('a b.txt').read() + sys.stdin.read()); sys.exit(3)", PATIENCE);
    let mut files = base.files.clone();
    files.push(("a b.txt".into(), "one ü ".into()));
    let came = run(&Job { files, input: "two".into(), ..base })?;
    same((came.ended, came.output.as_str()), (Ended::Exited(3), "one ü two\n"))?;
    let killed = python("import os; os.kill(os.getpid(), 11)")?;
    same(killed.ended, Ended::Signalled(11))?;
    // More jobs than there are places, at once.
    let jobs: Vec<Job> = (0..9).map(|i| job(&format!("print({i})"), PATIENCE)).collect();
    let sandbox = sandbox()?;
    let replies = runtime()?.block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        for job in jobs {
            tasks.spawn(async move { sandbox.run(&job).await });
        }
        tasks.join_all().await
    });
    let mut said: Vec<String> = replies
        .into_iter()
        .map(|reply| if let Reply::Ran { output, .. } = reply { output } else { format!("{reply:?}") })
        .collect();
    said.sort();
    same(said.concat(), "0\n1\n2\n3\n4\n5\n6\n7\n8\n".to_owned())
}

fn fork_bomb() -> Outcome {
    let mark = mark();
    // How many there can be: each waits, so that all are there at once.
    let count = "import os, time\nn = 0\ntry:\n  while True:\n    if os.fork() == 0: time.sleep(100)\n    n += 1\n\
                 except BlockingIOError: print(n)";
    let there: u32 = printed(count)?.trim().parse()?;
    if !(20..64).contains(&there) {
        return Err(format!("{there} processes were possible").into());
    }
    let bomb = "import os\nwhile True:\n  try: os.fork()\n  except OSError: pass";
    let bomb = job(bomb, Duration::from_secs(1));
    let command = bomb.command.iter().cloned().chain([mark.clone()]).collect();
    same(run(&Job { command, ..bomb })?.ended, Ended::TimedOut)?;
    gone(&mark)
}

fn network() -> Outcome {
    let tcp = TcpListener::bind("127.0.0.1:0")?;
    let udp = std::net::UdpSocket::bind("127.0.0.1:0")?;
    let mark = mark();
    let _unix = UnixListener::bind_addr(&SocketAddr::from_abstract_name(&mark)?)?;
    // Both are reached from here.
    std::net::TcpStream::connect(tcp.local_addr()?)?;
    std::os::unix::net::UnixStream::connect_addr(&SocketAddr::from_abstract_name(&mark)?)?;
    let program = format!(
        r#"
import socket, errno
def tried(name, do):
    try:
        do()
        print(name, "OPEN")
    except OSError as error:
        print(name, errno.errorcode.get(error.errno, "none"))
stream, datagram = socket.SOCK_STREAM, socket.SOCK_DGRAM
tried("tcp", lambda: socket.create_connection(("127.0.0.1", {tcp}), 5))
# Goes to a loopback of its own, where nobody listens.
socket.socket(socket.AF_INET, datagram).sendto(b"x", ("127.0.0.1", {udp}))
tried("far", lambda: socket.create_connection(("192.0.2.1", 80), 5))
tried("tcp6", lambda: socket.socket(socket.AF_INET6, stream).connect(("::1", {tcp})))
tried("dns", lambda: socket.getaddrinfo("example.com", 80))
tried("unix", lambda: socket.socket(socket.AF_UNIX, stream).connect("\0{mark}"))
tried("vsock", lambda: socket.socket(40, stream))
tried("netlink", lambda: socket.socket(16, socket.SOCK_RAW))
tried("packet", lambda: socket.socket(17, socket.SOCK_RAW))
print("done")
"#,
        tcp = tcp.local_addr()?.port(),
        udp = udp.local_addr()?.port(),
    );
    let said = printed(&program)?;
    if said.contains("OPEN") || !said.ends_with("done\n") || said.lines().count() != 9 {
        return Err(said.into());
    }
    // The numbers of the errors say why: refused for want of a network, not for want of a listener.
    for want in
        ["tcp ECONNREFUSED", "unix ECONNREFUSED", "vsock EAFNOSUPPORT", "netlink EAFNOSUPPORT", "far ENETUNREACH"]
    {
        if !said.contains(want) {
            return Err(format!("no {want:?} in {said}").into());
        }
    }
    udp.set_nonblocking(true)?;
    same(udp.recv(&mut [0; 8]).is_err(), true)
}

fn writes() -> Outcome {
    let mark = mark();
    let folders =
        ["/", "/usr", "/usr/bin", "/etc", "/dev", "/dev/shm", "/home", "/root", "/var/tmp", "/run", "/bin", "/proc"];
    let program = format!(
        "for folder in {folders:?}:\n  try:\n    open(folder + '/{mark}', 'w').write('x')\n    print('WROTE', folder)\n  \
         except OSError: pass\nfor folder in ['.', '/tmp']: open(folder + '/{mark}', 'w').write('x')\n\
         import os\ntry: os.unlink('/usr/bin/env')\nexcept OSError: print('done')"
    );
    same(printed(&program)?, "done\n".to_owned())?;
    let temporary = std::env::temp_dir();
    for folder in folders.into_iter().map(std::path::Path::new).chain([temporary.as_path()]) {
        same(folder.join(&mark).exists(), false)?;
    }
    // Nor does the next one find it.
    same(
        printed(&format!("import os; print(os.path.exists('{mark}') or os.path.exists('/tmp/{mark}'))"))?,
        "False\n".into(),
    )
}

fn endless() -> Outcome {
    same(run(&job("while True: pass", Duration::from_secs(1)))?.ended, Ended::TimedOut)
}

fn sleeper() -> Outcome {
    let mark = mark();
    let stubborn = "import signal, time\nfor number in range(1, 65):\n  try: signal.signal(number, signal.SIG_IGN)\n  \
                    except (OSError, ValueError): pass\nprint('up', flush=True)\nwhile True: time.sleep(100)";
    let base = job(stubborn, Duration::from_millis(500));
    let command = base.command.iter().cloned().chain([mark.clone()]).collect();
    let came = run(&Job { command, ..base })?;
    same(came.ended, Ended::TimedOut)?;
    same(came.output, "up\n".into())?;
    gone(&mark)
}

fn one_hog() -> Outcome {
    let came = python("try: x = bytearray(300 << 20)\nexcept MemoryError: print('refused')\nx = bytearray(100 << 20)")?;
    same((came.ended, came.output), (Ended::Exited(0), "refused\n".into()))
}

fn many_hogs() -> Outcome {
    let mark = mark();
    // Each takes what one may, and together they take more.
    let hogs = "import os, time\nfor i in range(8):\n  if os.fork() == 0: break\nx = bytearray(os.urandom(1 << 20)) * 100\n\
                time.sleep(100)";
    let base = job(hogs, Duration::from_secs(30));
    let command = base.command.iter().cloned().chain([mark.clone()]).collect();
    same(run(&Job { command, ..base })?.ended, Ended::OutOfMemory)?;
    gone(&mark)?;
    // What they have in common counts once.
    let common = "import os, time\nx = bytearray(os.urandom(1 << 20)) * 100\nfor i in range(8):\n  if os.fork() == 0:\n    \
                  time.sleep(0.3); os._exit(0)\nfor i in range(8): os.wait()\nprint('together')";
    same(printed(common)?, "together\n".into())
}

fn many_loops() -> Outcome {
    // None of them comes near its own limit, since each ends soon; together they pass it.
    let program = "import os, time\nwhile True:\n  if os.fork() == 0:\n    end = time.process_time() + 0.05\n    \
                   while time.process_time() < end: pass\n    os._exit(0)\n  os.wait()";
    same(run(&job(program, Duration::from_secs(1)))?.ended, Ended::TimedOut)
}

fn output() -> Outcome {
    let gigabyte =
        "import os\nblock = b'x' * (1 << 20)\nfor i in range(1024): os.write(1, block)\nos.write(2, b'done')";
    let came = python(gigabyte)?;
    same((came.ended, came.output.len(), came.errors.as_str()), (Ended::Exited(0), 64 << 10, "done"))?;
    let file = "import errno, signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\nblock = b'x' * (1 << 20)\n\
                try:\n  for name in 'abc':\n    with open(name, 'wb') as f:\n      for i in range(40): f.write(block)\n\
                except OSError as error: print(errno.errorcode[error.errno], name)";
    same(printed(file)?, "ENOSPC b\n".into())?;
    let one = "import errno, signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n\
               try: open('a', 'wb').truncate(65 << 20)\nexcept OSError as error: print(errno.errorcode[error.errno])";
    same(printed(one)?, "EFBIG\n".into())
}

fn secrets() -> Outcome {
    let said = printed(
        "import os\nprint(sorted(os.environ))\nprint(sorted(os.listdir('/')), sorted(os.listdir('/etc')))\n\
         for path in ['/etc/shadow', '/etc/passwd', '/root', '/home', '/proc/self/environ', '/proc/1/environ', '/sys/kernel',\n\
         '/var/log', '/run', '/dev/mem', '/dev/sda', '/dev/vda', '/dev/kmsg']:\n\
         \x20 try: os.listdir(path) if os.path.isdir(path) else open(path).read(1); print('READ', path)\n\
         \x20 except OSError: pass\nprint(os.getuid(), os.getpid() < 10, os.path.exists(os.path.expanduser('~/.bashrc')))",
    )?;
    let lines: Vec<&str> = said.lines().collect();
    let [environment, folders, who] = lines.as_slice() else { return Err(said.into()) };
    same(*environment, "['HOME', 'LANG', 'PATH', 'PWD']")?;
    same(*who, "65534 True False")?;
    if ["home", "root", "proc", "sys", "var", "shadow", "passwd", "hosts"].iter().any(|name| folders.contains(name)) {
        return Err(folders.to_string().into());
    }
    Ok(())
}

fn daemons() -> Outcome {
    let mark = mark();
    let program = format!(
        "import os, sys, time\nif os.fork() == 0:\n  os.setsid()\n  if os.fork() == 0:\n    for fd in range(256):\n      \
         try: os.close(fd)\n      except OSError: pass\n    os.execv(sys.executable, [sys.executable, '-c', \
         'import time; time.sleep(1000)', '{mark}'])\n  os._exit(0)\nos.wait()\nif os.fork() == 0: os._exit(0)\n\
         time.sleep(0.2)\nprint('parent ends')"
    );
    same(printed(&program)?, "parent ends\n".into())?;
    gone(&mark)
}

fn dropped() -> Outcome {
    let mark = mark();
    let base = job("import os, time\nos.fork()\ntime.sleep(1000)", PATIENCE);
    let command = base.command.iter().cloned().chain([mark.clone()]).collect();
    let job = Job { command, ..base };
    let sandbox = sandbox()?;
    runtime()?.block_on(async {
        let seen = async {
            // bwrap, its first process and the program with its child have the mark.
            while marked(&mark)? < 4 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            Ok::<(), Failed>(())
        };
        tokio::select! {
            reply = sandbox.run(&job) => Err(format!("it ended by itself: {reply:?}").into()),
            seen = tokio::time::timeout(PATIENCE, seen) => seen?,
        }
    })?;
    gone(&mark)
}

fn interfaces() -> Outcome {
    let said = printed(
        "import ctypes, os, errno, platform\nlibc = ctypes.CDLL(None, use_errno=True)\n\
         def tried(name, *arguments):\n  got = getattr(libc, name)(*arguments)\n  \
         print(name, 'OPEN' if got != -1 else errno.errorcode[ctypes.get_errno()])\n\
         tried('unshare', 0x10000000)\ntried('ptrace', 0, 0, 0, 0)\ntried('mount', b'x', b'/job', b'tmpfs', 0, None)\n\
         tried('memfd_create', b'x', 0)\ntried('shmget', 0, 4096, 0o1600)\ntried('chroot', b'/job')\n\
         tried('setuid', 0)\ntried('process_vm_readv', 1, None, 0, None, 0, 0)",
    )?;
    let denied = said.lines().filter(|line| line.ends_with("EPERM") || line.ends_with("EINVAL")).count();
    if denied == 8 { Ok(()) } else { Err(said.into()) }
}

fn none() -> Outcome {
    let failed = |job: &Job| match runtime()?.block_on(sandbox()?.run(job)) {
        Reply::Failed(why) => Ok::<String, Failed>(why),
        other => Err(format!("it ran: {other:?}").into()),
    };
    let base = job("", PATIENCE);
    for name in ["../x", "/etc/x", "", ".", "a/b"] {
        let why = failed(&Job { files: vec![(name.into(), String::new())], ..base.clone() })?;
        same(why.contains("no name of a file"), true)?;
    }
    for program in ["no-such-program", "/opt/x", "/etc/passwd", "/usr/../etc/passwd", "/usr/bin"] {
        let why = failed(&Job { command: vec![program.into()], ..base.clone() })?;
        same(why.contains("inside the sandbox"), true)?;
    }
    same(failed(&Job { command: Vec::new(), ..base })?, "a job without a command".into())
}
