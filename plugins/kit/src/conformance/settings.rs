//! What a store sets.

use domain::gateways::SettingsSchema;
use serde_json::Value;

use super::{Examination, Function, Verdict};

/// What the name of a secret has in it.
const SECRETIVE: [&str; 5] = ["secret", "password", "token", "api_key", "private"];

impl Examination<'_> {
    pub(super) async fn settings(&mut self) {
        let text = self.loaded.info().settings_schema.clone();
        let schema = SettingsSchema::parse(&text);
        self.note(
            "settings/schema",
            "the settings' schema is one object whose properties are texts, numbers, flags or lists of these: a form is made of it",
            "`settings` in `describe`",
            schema.as_ref().err().map_or(Verdict::Good, |why| Verdict::Bad(why.to_string())),
        );
        let Ok(schema) = schema else { return };
        let json: Value = serde_json::from_str(&text).unwrap_or_default();
        let open = json["properties"].as_object().into_iter().flatten().map(|(name, _)| name).find(|name| {
            SECRETIVE.iter().any(|word| name.to_ascii_lowercase().contains(word)) && !schema.secrets().contains(*name)
        });
        self.note(
            "settings/secrets",
            "`writeOnly: true` makes a setting a secret: sealed, shown to nobody, and unknown to the gateway itself",
            "the settings' schema: what lets somebody act as the merchant is `writeOnly`",
            open.map_or(Verdict::Good, |name| Verdict::Bad(format!("`{name}` is named like a secret, and is none"))),
        );
        let misfit = self.subject.recordings.iter().find_map(|(name, recording)| {
            let wrong = schema.check(&recording.settings).err()?;
            Some(format!("{name}: {}", wrong.first().map(|wrong| format!("{} {}", wrong.pointer, wrong.detail))?))
        });
        self.note(
            "settings/recorded",
            "a store can set no more than the schema allows, so recordings don't, either",
            "`settings` in the recording, or the schema",
            misfit.map_or(Verdict::Good, Verdict::Bad),
        );
        let required: Vec<String> = serde_json::from_value(json["required"].clone()).unwrap_or_default();
        let verdict = self.unset(&required).await;
        self.note(
            "settings/missing",
            "where a setting that is needed is not set, a call answers `misconfigured` and sends nothing: the merchant is told",
            "where the setting is read: `secret(…)?` and `setting(…)` answer nothing then",
            verdict,
        );
    }

    async fn unset(&self, required: &[String]) -> Verdict {
        let Some(recording) = self.first(Function::CreatePayment) else {
            return Verdict::Untold("no payment was recorded".to_owned());
        };
        if required.is_empty() {
            return Verdict::Untold("it needs no setting".to_owned());
        }
        for name in required {
            let mut recording = recording.clone();
            recording.settings.remove(name);
            let run = self.loaded.run(&recording, None).await;
            let told = run.error() == Some("misconfigured") && run.sent.is_empty();
            // Another call may use it.
            let unused = run.error().is_none() && run.wrong.is_empty();
            if !told && !unused {
                return Verdict::Bad(format!(
                    "without `{name}` it sent {} requests and answered {}",
                    run.sent.len(),
                    run.shown()
                ));
            }
        }
        Verdict::Good
    }
}
