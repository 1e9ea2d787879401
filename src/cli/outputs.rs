//! What a command reads and writes, compared as files before any work: an output is never an input or another output.

use super::arguments::Format;
use super::exit::{Exit, Failure};
use super::files::{self, Draft};
use super::terminal::Terminal;
use crate::scenario::Scenario;
use std::fs::Metadata;
use std::path::{Path, PathBuf};

/// The files that a command reads.
#[derive(Default)]
pub(super) struct Inputs(Vec<Input>);

struct Input {
    /// What it is, for messages: "the scenario".
    what: &'static str,
    path: PathBuf,
}

impl Inputs {
    /// A scenario, with the files that it names.
    pub(super) fn of(path: &Path, scenario: &Scenario) -> Inputs {
        let mut inputs = Inputs::default();
        inputs.add("the scenario", Some(path));
        inputs.add_named(&scenario.files);
        inputs
    }

    /// One more, if there is one.
    pub(super) fn add(&mut self, what: &'static str, path: Option<&Path>) {
        let read = path.filter(|path| !files::is_standard(path));
        self.0.extend(read.map(|path| Input { what, path: path.to_owned() }));
    }

    /// Files that a scenario names.
    pub(super) fn add_named(&mut self, paths: &[PathBuf]) {
        paths.iter().for_each(|path| self.add("a file that the scenario names", Some(path)));
    }
}

/// A place that a command may be asked to write.
pub(super) struct Output {
    option: &'static str,
    path: Option<PathBuf>,
    /// It lies in a directory that is made for it.
    directory: Option<PathBuf>,
    /// It may be the summary of a CI job, to which every step adds.
    adds: bool,
}

impl Output {
    /// The file of an option; `-` is standard output.
    pub(super) fn at(option: &'static str, path: Option<&Path>) -> Output {
        Output { option, path: path.map(Path::to_owned), directory: None, adds: false }
    }

    /// The file of an option that is added to where it is `$GITHUB_STEP_SUMMARY`.
    pub(super) fn adding_to_summary(option: &'static str, path: Option<&Path>) -> Output {
        Output { adds: true, ..Output::at(option, path) }
    }

    /// A file in the directory of `--out`, which is made if it is not there.
    pub(super) fn within(directory: Option<&Path>, name: &str) -> Output {
        let path = directory.map(|directory| directory.join(name));
        Output { option: "--out", path, directory: directory.map(Path::to_owned), adds: false }
    }

    /// Whether it goes to standard output.
    pub(super) fn is_standard(&self) -> bool {
        self.path.as_deref().is_some_and(files::is_standard_output)
    }

    fn way_out(&self) -> String {
        match self.directory {
            Some(_) => "give --out another directory; nothing was written".to_owned(),
            None => format!("give {} another path; nothing was written", self.option),
        }
    }
}

/// Which file something is, by any of its names.
#[derive(PartialEq, Eq)]
enum Identity {
    /// A file that is there.
    #[cfg(unix)]
    Node(u64, u64),
    /// One that is not, or whose node cannot be told.
    Path(PathBuf),
}

impl Identity {
    /// `None` for what is no file, such as a pipe or `/dev/null`: it takes from many and loses nothing.
    fn of(path: &Path) -> Option<Identity> {
        match path.metadata() {
            Ok(there) if there.is_file() => Some(Identity::of_file(path, &there)),
            Ok(_) => None,
            Err(_) => Some(Identity::of_path(path)),
        }
    }

    #[cfg(unix)]
    fn of_file(_: &Path, there: &Metadata) -> Identity {
        use std::os::unix::fs::MetadataExt;
        Identity::Node(there.dev(), there.ino())
    }

    #[cfg(not(unix))]
    fn of_file(path: &Path, _: &Metadata) -> Identity {
        Identity::of_path(path)
    }

    fn of_path(path: &Path) -> Identity {
        let path = files::resolved(path);
        // Where most disks do not tell cases apart, two names that differ by case are one.
        match cfg!(any(windows, target_os = "macos")) {
            true => Identity::Path(path.to_string_lossy().to_lowercase().into()),
            false => Identity::Path(path),
        }
    }
}

/// Begins all outputs of a command, in their order, or says all that is wrong with them; nothing is written before.
///
/// An output that goes to standard output takes the place of what would be printed, so there is one at most, and no `--format`.
pub(super) fn begin<const N: usize>(
    inputs: &Inputs,
    outputs: [Output; N],
    format: Format,
    terminal: &Terminal,
) -> Result<[Option<Draft>; N], Failure> {
    let mut wrong = String::new();
    let mut tell = |message: String, help: &str| wrong.push_str(&terminal.error(message, help));

    let standard: Vec<&str> = outputs.iter().filter(|one| one.is_standard()).map(|one| one.option).collect();
    if standard.len() > 1 {
        let message = format!("standard output takes one output, and is named by {}", standard.join(" and "));
        tell(message, "give the others a path");
    } else if let [option] = standard[..]
        && format != Format::Text
    {
        let message = format!("standard output takes one output, and is named by {option} and --format");
        tell(message, &format!("leave --format out, or give {option} a path"));
    }

    let read: Vec<_> = inputs.0.iter().filter_map(|input| Some((Identity::of(&input.path)?, input))).collect();
    // What a shell has opened is there; another file would take its name.
    let printed = Path::new("/dev/stdout");
    let mut written: Vec<(Identity, &str, &Path)> = printed
        .metadata()
        .ok()
        .filter(Metadata::is_file)
        .map(|there| (Identity::of_file(printed, &there), "standard output", printed))
        .into_iter()
        .collect();
    for output in outputs.iter().filter(|output| !output.is_standard()) {
        let Some(path) = &output.path else { continue };
        let Some(identity) = Identity::of(path) else { continue };
        let shown = path.display();
        if let Some((_, input)) = read.iter().find(|(read, _)| *read == identity) {
            let named = if input.path == *path { String::new() } else { format!(" ({})", input.path.display()) };
            tell(
                format!("{} would overwrite {}{named}, which this command reads: {shown}", output.option, input.what),
                &output.way_out(),
            );
        } else if let Some((_, option, other)) = written.iter().find(|(written, ..)| *written == identity) {
            let named =
                if *other == path || *other == printed { String::new() } else { format!(" ({})", other.display()) };
            let message = format!("{option}{named} and {} are the same file: {shown}", output.option);
            tell(message, &output.way_out());
        } else if is_read_only(path) {
            let help = format!("make it writable, or give {} another path; nothing was written", output.option);
            tell(format!("{shown} is read-only"), &help);
        }
        written.push((identity, output.option, path));
    }
    if !wrong.is_empty() {
        return Err(Failure::Told(Exit::Input, wrong));
    }

    let mut cleaned: Vec<PathBuf> = Vec::new();
    let mut begun = [const { None }; N];
    for (slot, output) in begun.iter_mut().zip(&outputs) {
        let Some(path) = &output.path else { continue };
        if let Some(directory) = &output.directory {
            files::make_directory(directory, terminal)?;
        }
        let directory = files::directory_of(path).to_owned();
        if !cleaned.contains(&directory) {
            files::clean_up(&directory);
            cleaned.push(directory);
        }
        let adds = output.adds && is_summary(path);
        *slot = Some(if adds { Draft::append(path, terminal)? } else { Draft::begin(path, terminal)? });
    }
    Ok(begun)
}

/// Whether there is a file that may not be written, be it that its directory lets it be replaced.
fn is_read_only(path: &Path) -> bool {
    let Ok(there) = path.metadata() else { return false };
    let denied = |error: std::io::Error| error.kind() == std::io::ErrorKind::PermissionDenied;
    there.is_file()
        && (there.permissions().readonly() || std::fs::File::options().write(true).open(path).is_err_and(denied))
}

/// Whether a file is the one that GitHub shows as a job's summary.
fn is_summary(path: &Path) -> bool {
    let summary = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|summary| !summary.is_empty());
    summary.is_some_and(|summary| Identity::of(Path::new(&summary)).is_some_and(|of| Some(of) == Identity::of(path)))
}
