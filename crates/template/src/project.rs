//! The folder with the template and the definitions, as it is deployed from.

use std::path::{Component, Path, PathBuf};

use thiserror::Error;

/// Why the project cannot be read.
#[derive(Debug, Error)]
pub enum ProjectError {
    /// No `infra/template.yaml` here or above.
    #[error("no infra/template.yaml in {start} or above: run cordon inside the project, or name it with --project")]
    NotFound {
        /// Where the search began.
        start: String,
    },
    /// A file cannot be read.
    #[error("{path}: cannot be read: {error}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// A file has a problem.
    #[error("{path}: {problem}")]
    InFile {
        /// The file.
        path: String,
        /// What is wrong, with its place.
        problem: String,
    },
}

impl ProjectError {
    /// A problem in a file.
    pub fn in_file(path: &Path, problem: impl std::fmt::Display) -> ProjectError {
        ProjectError::InFile { path: path.display().to_string(), problem: problem.to_string() }
    }
}

/// A project on disk.
#[derive(Debug, Clone)]
pub struct Project {
    infra: PathBuf,
    template: (PathBuf, String),
    member: (PathBuf, String),
}

/// A definition file.
#[derive(Debug, Clone)]
pub struct DefinitionFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its text, before substitutions.
    pub text: String,
    /// The playbook: the name of its folder.
    pub playbook: String,
    /// The version: its name up to the first dot.
    pub version: String,
}

impl Project {
    /// Finds the project in a folder or the nearest one above it that has `infra/template.yaml`.
    ///
    /// # Errors
    /// When there is none, or a file cannot be read.
    pub fn find(start: &Path) -> Result<Project, ProjectError> {
        let absolute = std::path::absolute(start).unwrap_or_else(|_| start.to_owned());
        let root = absolute
            .ancestors()
            .find(|folder| folder.join("infra/template.yaml").is_file())
            .ok_or_else(|| ProjectError::NotFound { start: start.display().to_string() })?;
        // Named as the person would name it, so that messages do not depend on where the project lies.
        let shown = if root == absolute { start.to_owned() } else { root.to_owned() };
        let infra = shown.join("infra");
        let template = infra.join("template.yaml");
        let member = infra.join("member.yaml");
        Ok(Project { template: (template.clone(), read(&template)?), member: (member.clone(), read(&member)?), infra })
    }

    /// The text of `infra/template.yaml`.
    pub fn template(&self) -> &str {
        &self.template.1
    }

    /// Its path.
    pub fn template_path(&self) -> &Path {
        &self.template.0
    }

    /// The text of `infra/member.yaml`.
    pub fn member_template(&self) -> &str {
        &self.member.1
    }

    /// Its path.
    pub fn member_template_path(&self) -> &Path {
        &self.member.0
    }

    /// The definition at a `DefinitionUri` of the template, or another version of the same playbook in the same notation.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn definition(&self, uri: &str, version: Option<&str>) -> Result<DefinitionFile, ProjectError> {
        let mut path = normal(&self.infra.join(uri));
        let name =
            |part: Option<&std::ffi::OsStr>| part.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let mut file = name(path.file_name());
        if let Some(version) = version {
            let kind = file.split_once('.').map_or("asl.json", |(_, kind)| kind);
            file = format!("{version}.{kind}");
            path.set_file_name(&file);
        }
        Ok(DefinitionFile {
            text: read(&path)?,
            playbook: name(path.parent().and_then(Path::file_name)),
            version: file.split('.').next().unwrap_or_default().to_owned(),
            path,
        })
    }
}

/// A path without `a/../`.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            Component::CurDir => {}
            other => out.push(other),
        }
    }
    out
}

fn read(path: &Path) -> Result<String, ProjectError> {
    std::fs::read_to_string(path).map_err(|error| ProjectError::Unreadable { path: path.display().to_string(), error })
}
