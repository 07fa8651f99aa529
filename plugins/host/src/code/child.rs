//! A process that compiles one component and ends. Cranelift can't be interrupted, so that a deadline needs a process.

use std::io::{Read as _, Write as _, stderr, stdin, stdout};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitCode, ExitStatus, Stdio};
use std::time::Duration;

use gateway::ComponentError;
use rustix::process::{Resource, Rlimit, setrlimit};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::Compiler;
use crate::engine;

/// How much memory compiling may take.
const MEMORY: u64 = 1 << 30;
/// How much address space, most of which is never touched.
const SPACE: u64 = 8 << 30;
/// How large what is compiled may become.
const CODE: u64 = 128 << 20;
/// How much is read of what a compiler says went wrong.
const SENTENCE: u64 = 300;
/// The signal for too much computing.
const XCPU: i32 = 24;
/// How much longer than its processor time a compiler may take: others compute, too.
const PATIENCE: u32 = 3;

/// Compiles the component at standard input to standard output, and takes at most `seconds` of a processor for it: what a
/// program does as [`Compiler::Child`].
pub fn compile(seconds: u64) -> ExitCode {
    match compile_bounded(seconds) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            // Nobody may be listening any more.
            let _ = stderr().write_all(one_line(&why).as_bytes());
            ExitCode::FAILURE
        }
    }
}

fn compile_bounded(seconds: u64) -> Result<(), String> {
    let bounds = [(Resource::Cpu, seconds), (Resource::Data, MEMORY), (Resource::As, SPACE), (Resource::Core, 0)];
    for (resource, most) in bounds {
        let limit = Rlimit { current: Some(most), maximum: Some(most) };
        setrlimit(resource, limit).map_err(|err| err.to_string())?;
    }
    let mut component = Vec::new();
    stdin().lock().read_to_end(&mut component).map_err(|err| err.to_string())?;
    let engine = engine::compiling().map_err(|err| err.to_string())?;
    let code = engine.precompile_component(&component).map_err(|err| err.to_string())?;
    let mut out = stdout().lock();
    out.write_all(&code).and_then(|()| out.flush()).map_err(|err| err.to_string())
}

/// Has a component compiled.
pub(crate) async fn compiled(compiler: &Compiler, component: &[u8], most: Duration) -> Result<Vec<u8>, ComponentError> {
    match compiler {
        Compiler::Here => {
            let component = component.to_vec();
            let work = move || engine::compiling()?.precompile_component(&component);
            let code = timeout(most * PATIENCE, spawn_blocking(work)).await.map_err(|_| slow())?.map_err(host)?;
            code.map_err(|err| ComponentError::Malformed(one_line(&err.to_string())))
        }
        Compiler::Child { program, arguments } => {
            let mut command = Command::new(program);
            // What this process knows is none of its business.
            command.args(arguments).arg(most.as_secs().max(1).to_string()).env_clear().kill_on_drop(true);
            // An allocator that reserves a gigabyte to begin with would have used up all that there is.
            command.env("MIMALLOC_ARENA_RESERVE", "32768").env("MIMALLOC_ARENA_EAGER_COMMIT", "0");
            timeout(most * PATIENCE, watch(command, component)).await.map_err(|_| slow())?
        }
    }
}

async fn watch(mut command: Command, component: &[u8]) -> Result<Vec<u8>, ComponentError> {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().map_err(host)?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let write = async {
        if let Some(mut stdin) = stdin {
            // One that ends early is asked why by its status.
            let _ = stdin.write_all(component).await;
        }
    };
    let ((), code, why) = tokio::join!(write, read(stdout, CODE), read(stderr, SENTENCE));
    if code.len() as u64 > CODE {
        return Err(ComponentError::Malformed("what it compiles to is too large".to_owned()));
    }
    let status = child.wait().await.map_err(host)?;
    if status.success() { Ok(code) } else { Err(failed(status, &why)) }
}

/// At most `most` bytes and one more, then nothing is read any longer.
async fn read(pipe: Option<impl AsyncRead + Unpin>, most: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        // What broke off is told by the status.
        let _ = pipe.take(most + 1).read_to_end(&mut bytes).await;
    }
    bytes
}

fn failed(status: ExitStatus, why: &[u8]) -> ComponentError {
    match status.signal() {
        Some(XCPU) => slow(),
        // The kernel ends at the hard limit what did not end at the soft one.
        Some(9) => slow(),
        Some(_) => ComponentError::Malformed("compiling it takes too much memory".to_owned()),
        None => ComponentError::Malformed(one_line(&String::from_utf8_lossy(why))),
    }
}

fn slow() -> ComponentError {
    ComponentError::TooSlow("compiling it was given up".to_owned())
}

fn host(err: impl ToString) -> ComponentError {
    ComponentError::Host(err.to_string())
}

/// The first line, as far as it can be printed.
fn one_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().filter(|c| !c.is_control()).take(300).collect()
}
