//! The system user that the database's processes run as.

use std::ffi::OsStr;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fmt};

use anyhow::{Context, Result, bail};

/// Whom the server runs as when root starts it, the first that exists.
const STAND_INS: [&str; 2] = ["postgres", "nobody"];

/// The user of the server's processes and files: whoever runs us, or for root a stand-in without rights.
#[derive(Clone, Debug)]
pub(super) struct Account {
    /// Who runs this process.
    pub(super) own_uid: u32,
    /// Who runs the server.
    pub(super) uid: u32,
    /// The group of the server's files.
    pub(super) gid: u32,
    name: String,
}

impl Account {
    /// Learns who runs us and so who is to run the server.
    pub(super) fn for_server() -> Result<Self> {
        let own_uid = id(&["-u"]).context("the command `id -u` did not tell which user this is")?;
        if own_uid != 0 {
            let gid = id(&["-g"]).context("the command `id -g` did not tell which group this is")?;
            return Ok(Self { own_uid, uid: own_uid, gid, name: format!("uid {own_uid}") });
        }
        for name in STAND_INS {
            let (Some(uid), Some(gid)) = (id(&["-u", name]), id(&["-g", name])) else { continue };
            return Ok(Self { own_uid, uid, gid, name: name.to_owned() });
        }
        bail!(
            "PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody`; run this as another user"
        )
    }

    /// Whether the server runs as someone else than we do.
    pub(super) fn is_stand_in(&self) -> bool {
        self.uid != self.own_uid
    }

    /// A program run as this user, silent, in the root folder, and with nothing in its environment that concerns us.
    pub(super) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        // Our own working folder may be closed to this user, and the programs complain when it is.
        command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if self.is_stand_in() {
            command.uid(self.uid).gid(self.gid);
        }
        self.set_environment(&mut command);
        command
    }

    /// Whether this user gets into `folder`, asked of the system: only it knows access lists and the like.
    pub(super) fn can_enter(&self, folder: &Path) -> bool {
        let mut test = self.command("/bin/sh");
        test.args(["-c", r#"test -x "$1""#, "sh"]).arg(folder);
        test.status().is_ok_and(|status| status.success())
    }

    fn set_environment(&self, command: &mut Command) {
        if self.is_stand_in() {
            // Root's environment may hold secrets that the other user could read from its process.
            command.env_clear().envs(env::var_os("PATH").map(|path| ("PATH", path)));
        }
        for (name, _) in env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"PG") {
                command.env_remove(name);
            }
        }
        // The messages are searched for words, and macOS wants a valid locale for the server.
        command.env("LC_ALL", "C");
    }
}

impl fmt::Display for Account {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)
    }
}

/// What the command `id` answers; std does not know user ids without `unsafe`.
fn id(arguments: &[&str]) -> Option<u32> {
    let answer = Command::new("id").args(arguments).stdin(Stdio::null()).output().ok()?;
    if !answer.status.success() {
        return None;
    }
    String::from_utf8(answer.stdout).ok()?.trim().parse().ok()
}
