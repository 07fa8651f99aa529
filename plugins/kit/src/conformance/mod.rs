//! Whether a gateway does what the contract asks for: its component is run in the real host, against its provider as it was
//! recorded, and against that provider going wrong in every way that providers do.

mod bench;
mod component;
mod create;
mod desk;
mod money;
mod recording;
mod report;
mod settings;
mod verify;

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use gateway::Capability;
use host::{Compiler, Limits};
use maker::Manifest;
use serde_json::Value;

use bench::{Bench, Loaded, Run};
use desk::{Twist, missing};
pub use recording::{Answered, Asked, Exchange, Function, Input, Recording};
pub use report::{Case, Finding, Report, Verdict};

/// A gateway that is to be examined.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Its component.
    pub component: Vec<u8>,
    /// Its `plugin.toml`.
    pub manifest: Manifest,
    /// Calls of it, each with the name of its file.
    pub recordings: Vec<(String, Recording)>,
}

impl Subject {
    /// Reads the manifest and the recordings in a gateway's folder.
    ///
    /// # Errors
    /// Where they are not there, or not what they should be.
    pub fn read(folder: &Path, component: Vec<u8>) -> Result<Self> {
        let place = folder.join("recordings");
        let entries = std::fs::read_dir(&place).with_context(|| format!("{} can't be read", place.display()))?;
        let mut recordings = Vec::new();
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_some_and(|ends| ends == "json") {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                recordings.push((name, Recording::read(&path)?));
            }
        }
        recordings.sort_by(|one, other| one.0.cmp(&other.0));
        ensure!(!recordings.is_empty(), "{} holds no recording", place.display());
        Ok(Self { component, manifest: Manifest::read(folder)?, recordings })
    }
}

/// Examines a gateway.
///
/// # Errors
/// Where this machine can't run gateways.
pub async fn examine(subject: &Subject, compiler: Compiler) -> Result<Report> {
    let kept = tempfile::tempdir().context("there is no place for compiled code")?;
    let kept = kept.path().join("code");
    let bench = Bench::new(Limits::default(), compiler.clone(), &kept)?;
    let mut report = Report { size: subject.component.len(), ..Report::default() };
    if !component::examine(&bench, subject, &mut report).await {
        return Ok(report);
    }
    let mut examination = Examination { subject, loaded: bench.load(&subject.component).await?, report };
    examination.settings().await;
    examination.recorded().await;
    examination.create().await;
    examination.verify().await;
    examination.money().await;
    examination.bounds(compiler, &kept).await?;
    Ok(examination.report)
}

/// A recorded call, as it comes out now.
#[derive(Debug, Clone)]
pub struct Replayed {
    /// What it answered.
    pub answer: Value,
    /// What it sent, in a line each.
    pub sent: Vec<String>,
    /// How that differs from what was recorded.
    pub differences: Vec<String>,
    /// How long it took.
    pub took: Duration,
}

/// Calls a gateway as it was recorded.
///
/// # Errors
/// Where the component can't be loaded.
pub async fn replay(component: &[u8], recording: &Recording, compiler: Compiler) -> Result<Replayed> {
    let kept = tempfile::tempdir().context("there is no place for compiled code")?;
    let bench = Bench::new(Limits::default(), compiler, &kept.path().join("code"))?;
    let run = bench.load(component).await?.run(recording, None).await;
    let mut differences = run.wrong.clone();
    differences.extend(against(&run, recording));
    let sent = run.sent.iter().map(|sent| format!("{} {} {}", sent.method, sent.url, sent.body)).collect();
    Ok(Replayed { answer: run.answer, sent, differences, took: run.took })
}

fn against(run: &Run, recording: &Recording) -> Option<String> {
    let wanted = Value::Object(recording.answer.clone());
    let at = missing(&wanted, &run.answer, "")?;
    Some(format!("its answer differs at `{at}`: {}", run.shown()))
}

/// A gateway that is being examined.
struct Examination<'a> {
    subject: &'a Subject,
    loaded: Loaded<'a>,
    report: Report,
}

impl Report {
    fn note(&mut self, name: &'static str, says: &'static str, look: &'static str, verdict: Verdict) {
        self.findings.push(Finding { case: Case { name, says, look }, verdict });
    }
}

impl<'a> Examination<'a> {
    fn note(&mut self, name: &'static str, says: &'static str, look: &'static str, verdict: Verdict) {
        self.report.note(name, says, look, verdict);
    }

    /// The recordings of a function that came to something.
    fn good(&self, call: Function) -> Vec<(&'a str, &'a Recording)> {
        let fits = |(_, one): &&'a (String, Recording)| one.call == call && one.succeeds();
        self.subject.recordings.iter().filter(fits).map(|(name, one)| (name.as_str(), one)).collect()
    }

    /// The first recording of a function that came to something.
    fn first(&self, call: Function) -> Option<&'a Recording> {
        self.good(call).first().map(|(_, recording)| *recording)
    }

    /// Each recording of a function comes out as it was recorded.
    async fn recorded(&mut self) {
        use Function as F;
        let all = [
            ("recorded/create-payment", F::CreatePayment, None),
            ("recorded/verify-payment", F::VerifyPayment, None),
            ("recorded/capture", F::Capture, Some(Capability::Captures)),
            ("recorded/void", F::Void, Some(Capability::Captures)),
            ("recorded/refund", F::Refund, Some(Capability::Refunds)),
            ("recorded/handle-webhook", F::HandleWebhook, Some(Capability::Webhooks)),
            ("recorded/inquire", F::Inquire, Some(Capability::Inquiry)),
            ("recorded/list-unverified", F::ListUnverified, Some(Capability::Reconciliation)),
        ];
        for (name, call, capability) in all {
            let verdict = match capability {
                Some(capability) if !self.loaded.can(capability) => lacks(capability),
                _ => self.as_recorded(call).await,
            };
            self.note(
                name,
                "what a function sends and answers is what its provider's documentation and the contract say; a recording in \
                 `recordings/` of each function that is exported holds it fast",
                "the function, or the recording where the provider has changed; `stoa gateway run --replay FILE` shows one",
                verdict,
            );
        }
    }

    async fn as_recorded(&self, call: Function) -> Verdict {
        if self.first(call).is_none() {
            return Verdict::Bad("no recording tells of a call that came to something".to_owned());
        }
        for (name, recording) in self.subject.recordings.iter().filter(|(_, one)| one.call == call) {
            let run = self.loaded.run(recording, None).await;
            if let Some(why) = run.wrong.first().cloned().or_else(|| against(&run, recording)) {
                return Verdict::Bad(format!("{name}: {why}"));
            }
        }
        Verdict::Good
    }

    /// Each request of the recordings of a function, or the last of each, goes wrong in each of these ways: the call ends with
    /// one of these errors.
    async fn wrong(&self, call: Function, last: bool, twists: &[Twist], errors: &[&str]) -> Verdict {
        let mut tried = false;
        for (name, recording) in self.good(call) {
            let count = recording.exchanges.len();
            let from = if last { count.saturating_sub(1) } else { 0 };
            for at in from..count {
                for twist in twists {
                    tried = true;
                    let run = self.loaded.run(recording, Some((at, twist.clone()))).await;
                    if !run.error().is_some_and(|error| errors.contains(&error)) {
                        let wanted = errors.join("` or `");
                        let what = twist.told();
                        let request = at + 1;
                        let seen = run.shown();
                        return Verdict::Bad(format!(
                            "{name}: request {request} {what}: it answered {seen} instead of `{wanted}`"
                        ));
                    }
                }
            }
        }
        if tried { Verdict::Good } else { Verdict::Untold("nothing was recorded that it sends".to_owned()) }
    }

    async fn bounds(&mut self, compiler: Compiler, kept: &Path) -> Result<()> {
        let mut times = Vec::new();
        if let Some(recording) = self.first(Function::CreatePayment) {
            for _ in 0..20 {
                times.push(self.loaded.run(recording, None).await.took);
            }
        }
        times.sort_unstable();
        self.report.call = times.get(times.len() / 2).copied().unwrap_or_default();
        let all = Limits::default();
        let half = Limits { running: all.running / 2, fuel: all.fuel / 2, memory: all.memory / 2, ..all };
        let bench = Bench::new(half, compiler, kept)?;
        let narrow = bench.load(&self.subject.component).await?;
        let mut verdict = Verdict::Good;
        for (name, recording) in &self.subject.recordings {
            let run = narrow.run(recording, None).await;
            if let Some(why) = against(&run, recording) {
                verdict = Verdict::Bad(format!("{name}, with half of what a call may use: {why}"));
                break;
            }
        }
        self.note(
            "bounds/half",
            "a call gets 100 ms of computing, 100 million steps and 32 MiB; one that needs more than half of that breaks off on a \
             slower machine, or with a larger order",
            "what it computes and keeps in memory: loops over what the provider sends, large tables, regular expressions",
            verdict,
        );
        Ok(())
    }
}

fn lacks(capability: Capability) -> Verdict {
    Verdict::Untold(format!("it has no `{}`", capability.as_str()))
}

impl Twist {
    fn told(&self) -> String {
        use host::Unfetched as U;
        match self {
            Self::Unfetched(U::NotSent(_) | U::NotAllowed(_)) => "does not reach the provider".to_owned(),
            Self::Unfetched(U::TimedOut) => "is not answered in time".to_owned(),
            Self::Unfetched(U::Interrupted(_)) => "has its answer broken off".to_owned(),
            Self::Unfetched(U::TooLarge) => "is answered with more than 1 MiB".to_owned(),
            Self::Answered(status, body) => format!("is answered with {status} and `{body}`"),
        }
    }
}

fn unreachable() -> Vec<Twist> {
    vec![Twist::Unfetched(host::Unfetched::NotSent("connection refused".to_owned()))]
}

fn lost() -> Vec<Twist> {
    let interrupted = host::Unfetched::Interrupted("connection reset".to_owned());
    vec![Twist::Unfetched(host::Unfetched::TimedOut), Twist::Unfetched(interrupted)]
}

fn pages() -> Vec<Twist> {
    let page = "<html><h1>Bad gateway</h1></html>";
    [500, 502, 503].into_iter().map(|status| Twist::Answered(status, page.to_owned())).collect()
}

fn nonsense() -> Vec<Twist> {
    let texts = [
        "",
        "null",
        "[]",
        "{}",
        "\"ok\"",
        "{\"data\":[],\"errors\":[]}",
        "{\"status\":{}}",
        "{\"data\":{\"cod",
        "<html>hello</html>",
    ];
    texts.into_iter().map(|text| Twist::Answered(200, text.to_owned())).collect()
}
