//! What is wrong with an account, where, and what to do about it.

use std::path::PathBuf;

use thiserror::Error;

/// Why the account beside an event cannot be read.
#[derive(Debug, Error)]
pub enum AccountDocumentError {
    /// A file or a folder cannot be read.
    #[error("{}: cannot be read: {source}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is no JSON, or has other members than it should.
    #[error("{}: {source}", path.display())]
    Json {
        /// Which.
        path: PathBuf,
        /// What is wrong, with line and column.
        source: serde_json::Error,
    },
    /// The account is given twice.
    #[error("{}: holds account.json and account.patch.json: remove one of them", folder.display())]
    BothForms {
        /// The folder of the scenario.
        folder: PathBuf,
    },
    /// A patch takes values from an event that is not there.
    #[error("{}: is missing: account.patch.json takes values from it", path.display())]
    NoEvent {
        /// Where the event is expected.
        path: PathBuf,
    },
    /// No folder has a base for the patch.
    #[error("{}: no folder `base-accounts` here or above: add one with the base, or write a whole account.json", path.display())]
    NoBaseAccounts {
        /// The patch.
        path: PathBuf,
    },
    /// The content of a file.
    #[error("{}: {problem}", path.display())]
    Content {
        /// The file: the patch, or an account that it starts from.
        path: PathBuf,
        /// What is wrong in it.
        problem: Problem,
    },
}

/// What is wrong in a patch or in a base.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Problem {
    /// `base` is no plain name.
    #[error("base `{name}` is not the name of an account: expected kebab-case such as `web-server`, without a folder")]
    BaseName {
        /// The name as given.
        name: String,
    },
    /// No account has the name.
    #[error("base `{name}` is not known: expected one of {known}")]
    UnknownBase {
        /// The name as given.
        name: String,
        /// The names that would do.
        known: String,
    },
    /// An account starts from itself.
    #[error("`{through}`: an account cannot start from itself")]
    Cycle {
        /// The names on the way, joined.
        through: String,
    },
    /// A base that is neither whole nor starts from another.
    #[error("expected either `account`, or `base` with `patch` and `values`")]
    BaseForm,
    /// A null at a place that the base does not have.
    #[error("`{place}`: null removes what the base does not have: leave it out")]
    NothingToRemove {
        /// The place in the patch.
        place: String,
    },
    /// A patch that says what the base says.
    #[error("`{place}`: the base says the same: leave it out")]
    Unchanged {
        /// The place in the file.
        place: String,
    },
    /// A list by names that is no object.
    #[error("`{place}`: expected an object, the elements of the list by their names")]
    ListForm {
        /// The place in the account.
        place: String,
    },
    /// Two members of one object come to the same name.
    #[error("`{place}` is there twice: with and without `[]`, or under names that variables make the same")]
    MemberTwice {
        /// The place in the account.
        place: String,
    },
    /// A variable that one file sets in two ways.
    #[error("variable `{name}` is in `from_event` and in `values`: keep one of them")]
    VariableTwice {
        /// The variable.
        name: String,
    },
    /// A variable that nothing in the account mentions.
    #[error("variable `{name}` is not used: the account has no `<{name}>`")]
    UnusedVariable {
        /// The variable.
        name: String,
    },
    /// A variable without a value.
    #[error("`{place}`: variable `{name}` has no value: add it to `values` or `from_event`")]
    UnknownVariable {
        /// The place in the account.
        place: String,
        /// The variable.
        name: String,
    },
    /// The event lacks what a variable is read from.
    #[error(
        "`{place}`: variable `{name}` is read from {pointer} of event.json, which has no value there: set it in `values`"
    )]
    NotInEvent {
        /// The place in the account.
        place: String,
        /// The variable.
        name: String,
        /// JSON pointer into the event.
        pointer: String,
    },
    /// A value that cannot stand inside a text.
    #[error("`{place}`: variable `{name}` stands inside a text, but its value is neither a text nor a number")]
    NotText {
        /// The place in the account.
        place: String,
        /// The variable.
        name: String,
    },
}
