//! How a command ends: exit codes that scripts may rely on, and refusals that say what to do.

use std::borrow::Cow;
use std::process::ExitCode;

use serde_json::{Value, json};

use crate::app::AppError;
use crate::app::service::ServiceError;
use crate::config::ConfigError;
use crate::domain::draft::FieldError;
use crate::domain::keys::KeyRingError;
use crate::keyfile::KeyFileError;
use crate::storage;
use crate::workflow::api_key::ApiKeyError;
use crate::workflow::invite::InviteError;
use crate::workflow::privacy::PrivacyError;
use crate::workflow::revoke::StepError;
use crate::workflow::{agreement, end, partner, profile, suppression};

/// How a command ended. The numbers are documented and stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    /// It is done.
    Done = 0,
    /// Something could not be done, or a check found a fault.
    Failed = 1,
    /// The command line, a setting, the key file or the schema has to be mended first.
    Usage = 2,
    /// What was named does not exist.
    NotFound = 3,
    /// What was asked for is refused: a field is wrong, or the state does not allow it.
    Refused = 4,
    /// The database or the mail server is away: the same command may succeed later.
    Unavailable = 5,
}

impl ExitStatus {
    /// The word in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Usage => "usage",
            Self::NotFound => "not_found",
            Self::Refused => "refused",
            Self::Unavailable => "unavailable",
        }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status as u8)
    }
}

/// Why a command did not do what it was asked to.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The exit code.
    pub status: ExitStatus,
    /// What is wrong: a sentence each.
    pub problems: Vec<Problem>,
    /// What to do about it, where the sentences do not say.
    pub hint: Option<Cow<'static, str>>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// The field that has to be mended, where it is one.
    pub field: Option<Cow<'static, str>>,
    /// A sentence.
    pub message: String,
}

impl Failure {
    /// A failure with one sentence; one that begins with a field (`handle: …`) is about that field.
    pub fn new(status: ExitStatus, message: impl Into<String>) -> Self {
        let message = message.into();
        let is_field = |name: &str| {
            name.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        };
        let problem = match message.split_once(": ") {
            Some((field, rest)) if is_field(field) => Problem {
                field: Some(field.to_owned().into()),
                message: rest.to_owned(),
            },
            _ => Problem {
                field: None,
                message,
            },
        };
        Self {
            status,
            problems: vec![problem],
            hint: None,
        }
    }

    /// That a field is wrong.
    pub fn field(field: &'static str, message: impl Into<String>) -> Self {
        Self::fields(vec![FieldError {
            field,
            message: message.into(),
        }])
    }

    /// That fields are wrong.
    pub fn fields(errors: Vec<FieldError>) -> Self {
        Self {
            status: ExitStatus::Refused,
            problems: errors.into_iter().map(Problem::from).collect(),
            hint: None,
        }
    }

    /// This failure with what to do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// For people: a line a problem, then the hint.
    pub fn lines(&self) -> Vec<String> {
        let problems = self
            .problems
            .iter()
            .map(|problem| format!("error: {problem}"));
        let hint = self.hint.iter().map(|hint| format!("hint: {hint}"));
        problems.chain(hint).collect()
    }

    /// For programs: `{"error": {"kind", "exit", "problems": [{"field", "message"}], "hint"}}`.
    pub fn json(&self) -> Value {
        json!({"error": {
            "kind": self.status.as_str(),
            "exit": self.status as u8,
            "problems": self.problems,
            "hint": self.hint,
        }})
    }
}

impl From<FieldError> for Problem {
    fn from(error: FieldError) -> Self {
        Self {
            field: Some(error.field.into()),
            message: error.message,
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.field {
            Some(field) => write!(f, "{field}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl From<storage::Error> for Failure {
    fn from(error: storage::Error) -> Self {
        let status = match error {
            storage::Error::Url | storage::Error::Schema(_) => ExitStatus::Usage,
            storage::Error::Away(_)
            | storage::Error::Busy(_)
            | storage::Error::Unwritable(_)
            | storage::Error::Replaced
            | storage::Error::ShuttingDown => ExitStatus::Unavailable,
            storage::Error::Duplicate(_) => ExitStatus::Refused,
            storage::Error::Refused(_) | storage::Error::Unreadable(_) => ExitStatus::Failed,
        };
        let failure = Self::new(status, error.to_string());
        match status {
            ExitStatus::Unavailable => failure
                .with_hint("nothing was changed; `countersign doctor` tells what is the matter"),
            _ => failure,
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let is_missing = matches!(error, ConfigError::Missing { .. });
        let failure = Self::new(ExitStatus::Usage, error.to_string());
        if is_missing {
            return failure
                .with_hint("a new installation begins with `countersign init`; --config names a settings file elsewhere");
        }
        failure
    }
}

impl From<KeyFileError> for Failure {
    fn from(error: KeyFileError) -> Self {
        let status = match &error {
            KeyFileError::Change(KeyRingError::Unknown { .. }) => ExitStatus::NotFound,
            KeyFileError::Change(_) => ExitStatus::Refused,
            _ => ExitStatus::Usage,
        };
        Self::new(status, error.to_string())
    }
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Keys(error) => error.into(),
            AppError::Storage(error) => error.into(),
            AppError::Database { ref source, .. } => {
                let status = match source {
                    storage::Error::Url => ExitStatus::Usage,
                    _ => ExitStatus::Unavailable,
                };
                Self::new(status, error.to_string())
            }
            AppError::Standby(_) => Self::new(ExitStatus::Unavailable, error.to_string()),
            AppError::Clock(_) => Self::new(ExitStatus::Failed, error.to_string()),
            AppError::Outdated(_)
            | AppError::Newer(_)
            | AppError::NoInstallation
            | AppError::NoDatabase(_)
            | AppError::Unreachable { .. }
            | AppError::Mail(_)
            | AppError::Webhooks(_)
            | AppError::Dkim(_) => Self::new(ExitStatus::Usage, error.to_string()),
        }
    }
}

impl From<ServiceError> for Failure {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Listen { .. } => Self::new(ExitStatus::Usage, error.to_string()),
            ServiceError::App(error) => error.into(),
            ServiceError::Storage(error) => error.into(),
        }
    }
}

impl From<InviteError> for Failure {
    fn from(error: InviteError) -> Self {
        let error = match error.into_fields() {
            Ok(errors) => return Self::fields(errors),
            Err(other) => other,
        };
        match error {
            InviteError::Fields(_)
            | InviteError::Mailbox(_)
            | InviteError::Limit(_)
            | InviteError::TooMany
            | InviteError::KnownOrganization
            | InviteError::KeyReused => Self::new(ExitStatus::Refused, error.to_string()),
            InviteError::NoPartner => Self::new(ExitStatus::NotFound, error.to_string()),
            InviteError::Storage(error) => error.into(),
        }
    }
}

impl From<StepError> for Failure {
    fn from(error: StepError) -> Self {
        match error {
            StepError::NotFound => Self::new(ExitStatus::NotFound, error.to_string()),
            StepError::Ended(_)
            | StepError::NotAccepted(_)
            | StepError::Erased
            | StepError::Suppressed(_)
            | StepError::Limit(_)
            | StepError::NotTheCustomer
            | StepError::NoSuchStep(_)
            | StepError::NoStepForLink { .. }
            | StepError::LinkOfOtherCloud { .. } => {
                Self::new(ExitStatus::Refused, error.to_string())
            }
            StepError::Field(error) => Self::fields(vec![error]),
            StepError::Storage(error) => error.into(),
        }
    }
}

impl From<partner::AddError> for Failure {
    fn from(error: partner::AddError) -> Self {
        match error {
            partner::AddError::Fields(errors) => Self::fields(errors),
            partner::AddError::HandleTaken => Self::new(ExitStatus::Refused, error.to_string()),
            partner::AddError::Storage(error) => error.into(),
        }
    }
}

impl From<profile::ProfileError> for Failure {
    fn from(error: profile::ProfileError) -> Self {
        match error {
            profile::ProfileError::Fields(errors) => Self::fields(errors),
            profile::ProfileError::None | profile::ProfileError::NoPartner => {
                Self::new(ExitStatus::NotFound, error.to_string())
            }
            profile::ProfileError::Storage(error) => error.into(),
        }
    }
}

impl From<PrivacyError> for Failure {
    fn from(error: PrivacyError) -> Self {
        match error {
            PrivacyError::NotFound | PrivacyError::Erased | PrivacyError::NotErased => {
                Self::new(ExitStatus::NotFound, error.to_string())
            }
            PrivacyError::Storage(error) => error.into(),
        }
    }
}

impl From<end::EndError> for Failure {
    fn from(error: end::EndError) -> Self {
        match error {
            end::EndError::NotFound => Self::new(ExitStatus::NotFound, error.to_string()),
            end::EndError::Ended { .. } | end::EndError::Continued(_) => {
                Self::new(ExitStatus::Refused, error.to_string())
            }
            end::EndError::Storage(error) => error.into(),
        }
    }
}

impl From<suppression::RemoveError> for Failure {
    fn from(error: suppression::RemoveError) -> Self {
        use suppression::RemoveError;
        match error {
            RemoveError::NotFound => Self::new(ExitStatus::NotFound, error.to_string()),
            RemoveError::OperatorsAlone(_) | RemoveError::Erased => {
                Self::new(ExitStatus::Refused, error.to_string())
            }
            RemoveError::Storage(error) => error.into(),
        }
    }
}

impl From<ApiKeyError> for Failure {
    fn from(error: ApiKeyError) -> Self {
        match error {
            ApiKeyError::NotFound => Self::new(ExitStatus::NotFound, error.to_string()),
            ApiKeyError::Over(_) | ApiKeyError::Replaced(_) => {
                Self::new(ExitStatus::Refused, error.to_string())
            }
            ApiKeyError::Storage(error) => error.into(),
        }
    }
}

impl From<agreement::AddError> for Failure {
    fn from(error: agreement::AddError) -> Self {
        match error {
            agreement::AddError::Fields(errors) => Self::fields(errors),
            agreement::AddError::Storage(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_about_a_field_names_it_apart() {
        let failure = Failure::from(partner::AddError::HandleTaken);
        assert_eq!(failure.problems[0].field.as_deref(), Some("handle"));
        assert_eq!(
            failure.lines(),
            ["error: handle: another partner has it; take another one"]
        );
        let failure = Failure::from(storage::Error::Away("no answer".to_owned()));
        assert_eq!(failure.problems[0].field, None);
        assert_eq!(failure.lines()[0], "error: the database is away: no answer");
    }

    #[test]
    fn the_numbers_of_the_exit_codes_stay() {
        let codes = [
            ExitStatus::Done,
            ExitStatus::Failed,
            ExitStatus::Usage,
            ExitStatus::NotFound,
            ExitStatus::Refused,
            ExitStatus::Unavailable,
        ];
        let documents = include_str!("../../docs/cli.md");
        for (number, code) in codes.iter().enumerate() {
            assert_eq!(*code as usize, number);
            let line = format!("| {number} | `{}` |", code.as_str());
            assert!(documents.contains(&line), "docs/cli.md lacks {line}");
        }
    }
}
