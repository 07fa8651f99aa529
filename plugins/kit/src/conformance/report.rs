//! What was found of a gateway.

use std::fmt;
use std::time::Duration;

/// One thing that the contract asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    /// Its name: `verify/forged`.
    pub name: &'static str,
    /// What the contract says.
    pub says: &'static str,
    /// Where to look when it is not so.
    pub look: &'static str,
}

/// How it is with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is so.
    Good,
    /// It is not so: what was seen instead.
    Bad(String),
    /// It can't be told: why.
    Untold(String),
}

/// A case, and how it is with it.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The case.
    pub case: Case,
    /// How it is.
    pub verdict: Verdict,
}

/// All that was found.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Each case, in its order.
    pub findings: Vec<Finding>,
    /// How many bytes the component has.
    pub size: usize,
    /// How long one call took, of those that create a payment, in the middle of twenty.
    pub call: Duration,
}

impl Report {
    /// The cases that are not as they should be.
    pub fn bad(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| matches!(finding.verdict, Verdict::Bad(_)))
    }

    /// Whether all is well.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.bad().next().is_none()
    }

    fn count(&self, of: fn(&Verdict) -> bool) -> usize {
        self.findings.iter().filter(|finding| of(&finding.verdict)).count()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Finding { case, verdict } in &self.findings {
            match verdict {
                Verdict::Good => writeln!(f, "ok    {}", case.name)?,
                Verdict::Untold(why) => writeln!(f, "-     {}: {why}", case.name)?,
                Verdict::Bad(seen) => {
                    writeln!(f, "FAIL  {}", case.name)?;
                    writeln!(f, "      the contract says: {}", case.says)?;
                    writeln!(f, "      seen: {}", seen.replace('\n', "\n            "))?;
                    writeln!(f, "      look at: {}", case.look)?;
                }
            }
        }
        let [good, bad, untold] = [
            self.count(|verdict| *verdict == Verdict::Good),
            self.count(|verdict| matches!(verdict, Verdict::Bad(_))),
            self.count(|verdict| matches!(verdict, Verdict::Untold(_))),
        ];
        write!(f, "{good} good, {bad} bad, {untold} that can't be told here")?;
        write!(f, "; {} KiB, {} µs a call", self.size / 1024, self.call.as_micros())
    }
}
