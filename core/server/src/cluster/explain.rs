//! What went wrong, in one line: what the system told, or PostgreSQL's programs printed.

use std::io;
use std::path::Path;

use anyhow::anyhow;

/// Words of the lines that tell a cause.
const TELLING: [&str; 6] = ["FATAL:", "PANIC:", "ERROR:", "error:", "DETAIL:", "HINT:"];
const MOST_LINES: usize = 5;
const MOST_CHARACTERS: usize = 700;

/// Turns the system's error about a path into advice: `.map_err(cannot("create", path))`.
pub(super) fn cannot(what: &str, path: &Path) -> impl FnOnce(io::Error) -> anyhow::Error {
    move |error| anyhow!("cannot {what} {} ({error}); choose another `--data`", path.display())
}

/// The telling lines among the last of `output`, or simply its last lines, joined into one.
pub(super) fn explain(output: &str) -> String {
    let lines: Vec<&str> = output.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let telling: Vec<&str> = lines.iter().filter_map(|line| from_telling_word(line)).collect();
    let chosen = if telling.is_empty() { &lines } else { &telling };
    let last = &chosen[chosen.len().saturating_sub(MOST_LINES)..];
    if last.is_empty() {
        return "no reason was given".to_owned();
    }
    last.join("; ").chars().take(MOST_CHARACTERS).collect()
}

/// The line without what stands before its telling word: a time, a process id, a program's name.
fn from_telling_word(line: &str) -> Option<&str> {
    let start = TELLING.iter().filter_map(|word| line.find(word)).min()?;
    Some(&line[start..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_the_cause_and_leaves_out_the_rest() {
        let log = "2025-01-02 03:04:05.678 UTC [42] LOG:  starting\n\
                   2025-01-02 03:04:05.679 UTC [42] FATAL:  could not map memory\n\
                   2025-01-02 03:04:05.679 UTC [42] HINT:  Take less.\n\
                   2025-01-02 03:04:05.679 UTC [42] LOG:  database system is shut down\n";
        assert_eq!(explain(log), "FATAL:  could not map memory; HINT:  Take less.");
    }

    #[test]
    fn falls_back_to_the_last_lines() {
        assert_eq!(explain("sh: 1: cannot create server.log\n\n"), "sh: 1: cannot create server.log");
        assert_eq!(explain(" \n"), "no reason was given");
    }
}
