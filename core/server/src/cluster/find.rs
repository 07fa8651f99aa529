//! Finds a PostgreSQL server installation on this machine.

use std::path::{Path, PathBuf, absolute};
use std::process::{Command, Stdio};
use std::{env, fmt, fs};

use anyhow::{Result, anyhow};

use super::account::Account;

/// The oldest major version of PostgreSQL that Stoa runs on.
pub const OLDEST_MAJOR: u32 = 15;

/// What to do where none is found.
pub(super) const ADVICE: &str = "install it (Debian/Ubuntu: `apt-get install postgresql`, \
                                 macOS: `brew install postgresql@17`) and run this again";

const PROGRAMS: [&str; 3] = ["postgres", "initdb", "pg_ctl"];

/// Where packagers put versions side by side: a folder, and what stands before the version in the names below it.
const SIDE_BY_SIDE: [(&str, &str); 6] = [
    ("/usr/lib/postgresql", ""),
    ("/usr", "pgsql-"),
    ("/usr/lib", "postgresql"),
    ("/opt/homebrew/opt", "postgresql@"),
    ("/usr/local/opt", "postgresql@"),
    ("/Applications/Postgres.app/Contents/Versions", ""),
];

/// The programs of one PostgreSQL server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    bin: PathBuf,
    version: Version,
}

/// What `postgres --version` tells.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Version {
    major: u32,
    text: String,
}

/// No installation will do; what was found instead.
#[derive(Debug)]
pub(super) struct NotFound {
    passed_over: Vec<String>,
}

impl Installation {
    /// The major version, such as 17.
    pub fn major(&self) -> u32 {
        self.version.major
    }

    /// The folder of its programs.
    pub fn bin(&self) -> &Path {
        &self.bin
    }

    /// The path of one of its programs.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.bin.join(name)
    }

    /// What is installed in `bin`: `None` without a server there, a reason where that server will not do.
    pub(super) fn inspect(bin: &Path, account: &Account) -> Option<Result<Self, String>> {
        if !PROGRAMS.iter().all(|program| bin.join(program).is_file()) {
            return None;
        }
        // PostgreSQL's own programs call each other through a shell, with no more than double quotes.
        if bin.to_string_lossy().contains(['"', '$', '`', '\\', '\n']) {
            return Some(Err(format!("the path {} has characters that a shell misreads", bin.display())));
        }
        let Some(version) = ask_version(bin, account) else {
            return Some(Err(format!("the one in {} cannot be run by {account}", bin.display())));
        };
        if version.major < OLDEST_MAJOR {
            return Some(Err(format!("{} in {} is too old", version.text, bin.display())));
        }
        Some(Ok(Self { bin: bin.to_owned(), version }))
    }
}

impl fmt::Display for Installation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PostgreSQL {} in {}", self.version.text, self.bin.display())
    }
}

impl fmt::Display for NotFound {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PostgreSQL {OLDEST_MAJOR} or newer was not found")?;
        if self.passed_over.is_empty() {
            return Ok(());
        }
        write!(formatter, " ({})", self.passed_over.join("; "))
    }
}

/// The first PostgreSQL that will do: in `PATH`, by `pg_config`, where packagers put it, among earlier `downloads`.
pub fn find(downloads: &Path) -> Result<Installation> {
    let account = Account::for_server()?;
    find_for(&account, downloads).map_err(|not_found| anyhow!("{not_found}; {ADVICE}"))
}

/// As [`find`], for a known account.
pub(super) fn find_for(account: &Account, downloads: &Path) -> Result<Installation, NotFound> {
    let mut passed_over = Vec::new();
    for bin in candidates(downloads) {
        match Installation::inspect(&bin, account) {
            Some(Ok(installation)) => return Ok(installation),
            Some(Err(reason)) if !passed_over.contains(&reason) => passed_over.push(reason),
            _ => {}
        }
    }
    Err(NotFound { passed_over })
}

/// An installation of just this major version, for a database that another one cannot read.
pub(super) fn find_major(account: &Account, major: u32, beside: &Installation) -> Option<Installation> {
    // A download lies in `<downloads>/<version>/bin`, so an older download is a neighbour of a newer one.
    let neighbours = beside.bin.parent().and_then(Path::parent).unwrap_or(Path::new("/"));
    let usable = |bin: PathBuf| Installation::inspect(&bin, account)?.ok();
    candidates(neighbours).into_iter().filter_map(usable).find(|found| found.major() == major)
}

fn candidates(downloads: &Path) -> Vec<PathBuf> {
    let search_path = env::var_os("PATH").unwrap_or_default();
    let mut bins: Vec<PathBuf> = env::split_paths(&search_path).filter(|bin| bin.is_absolute()).collect();
    bins.extend(ask_pg_config());
    bins.extend(SIDE_BY_SIDE.iter().flat_map(|(parent, prefix)| versions(Path::new(parent), prefix)));
    // Absolute, since the programs run with another working folder than ours.
    bins.extend(absolute(downloads).iter().flat_map(|downloads| versions(downloads, "")));
    bins
}

/// The `bin` folders of the versions below `parent`, the newest first.
fn versions(parent: &Path, prefix: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let ranked = entries.filter_map(|entry| Some((rank(entry.file_name().to_str()?, prefix)?, entry.path())));
    let mut ranked: Vec<(Vec<u32>, PathBuf)> = ranked.collect();
    ranked.sort();
    ranked.into_iter().rev().map(|(_, path)| path.join("bin")).collect()
}

/// The numbers in a folder's name such as `pgsql-17` or `17.5.0`.
fn rank(name: &str, prefix: &str) -> Option<Vec<u32>> {
    name.strip_prefix(prefix)?.split('.').map(|number| number.parse().ok()).collect()
}

fn ask_pg_config() -> Option<PathBuf> {
    let answer = Command::new("pg_config").arg("--bindir").output().ok()?;
    let bin = PathBuf::from(String::from_utf8(answer.stdout).ok()?.trim());
    bin.is_absolute().then_some(bin)
}

/// Runs as the server's user, so an answer also tells that this user can run it.
fn ask_version(bin: &Path, account: &Account) -> Option<Version> {
    let mut command = account.command(bin.join("postgres"));
    let answer = command.arg("--version").stdout(Stdio::piped()).output().ok()?;
    parse_version(&String::from_utf8(answer.stdout).ok()?)
}

/// Reads `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn parse_version(line: &str) -> Option<Version> {
    let text = line.split_once(") ")?.1.split_whitespace().next()?;
    let digits = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    Some(Version { major: text[..digits].parse().ok()?, text: text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn major(line: &str) -> Option<u32> {
        parse_version(line).map(|version| version.major)
    }

    #[test]
    fn reads_versions() {
        assert_eq!(major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(major("postgres (PostgreSQL) 9.6.24\n"), Some(9));
        assert_eq!(major("postgres (PostgreSQL) \n"), None);
        assert_eq!(major("bash: postgres: not found\n"), None);
        assert_eq!(major("postgres (PostgreSQL) devel\n"), None);
    }

    #[test]
    fn ranks_versions_by_number() {
        assert!(rank("17.10.0", "") > rank("17.9.0", ""));
        assert!(rank("pgsql-17", "pgsql-") > rank("pgsql-9.6", "pgsql-"));
        assert_eq!(rank("pgsql-old", "pgsql-"), None);
        assert_eq!(rank("15", "pgsql-"), None);
    }

    #[test]
    fn names_what_was_passed_over() {
        let old = NotFound { passed_over: vec!["13.4 in /opt/bin is too old".to_owned()] };
        assert_eq!(old.to_string(), "PostgreSQL 15 or newer was not found (13.4 in /opt/bin is too old)");
    }
}
