//! Standard output and standard error: what may be written there, and how it looks.

use super::exit::Failure;
use crate::simulation::{DecodeError, Flaw};
use crate::text::{visible, visible_in_place, visible_lines};
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

/// A longer line is not shown beside an error in it.
const LONGEST_SHOWN: usize = 4096;

/// How this process talks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terminal {
    /// Whether messages may have colour.
    pub(super) colour: bool,
    /// Whether results may have colour.
    pub(super) colour_results: bool,
    /// Whether progress may be shown.
    pub(super) progress: bool,
    /// Whether messages that are no errors are left out.
    pub(super) quiet: bool,
}

impl Terminal {
    /// As the surroundings allow: colour and progress on a terminal only, and no colour with `NO_COLOR`.
    pub(super) fn detect(quiet: bool) -> Terminal {
        let is_terminal = io::stderr().is_terminal();
        let said = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let plain = said("NO_COLOR").is_some() || said("TERM").is_some_and(|term| term == "dumb");
        Terminal {
            colour: is_terminal && !plain,
            colour_results: io::stdout().is_terminal() && !plain,
            progress: is_terminal && !quiet,
            quiet,
        }
    }

    /// An error without a place in a file, with a way out unless `help` is empty.
    pub(super) fn error(self, message: impl Display, help: impl Display) -> String {
        let (message, help) = (message.to_string(), help.to_string());
        self.render(with_help(Group::with_title(Level::ERROR.primary_title(visible(&message))), &help))
    }

    /// An error about a line of a file that is not shown.
    pub(super) fn error_at(self, file: &str, line: u64, error: &DecodeError) -> String {
        let origin = Origin::path(visible(file)).line(usize::try_from(line).unwrap_or(usize::MAX));
        let group = Group::with_title(Level::ERROR.primary_title(titled(error))).element(origin);
        self.render(with_help(group, error.help.as_deref().unwrap_or_default()))
    }

    /// An error in a line of a file, with the line and what is meant in it; of a very long line only the place is told.
    pub(super) fn error_in(
        self,
        file: &str,
        line: u64,
        text: &str,
        spot: std::ops::Range<usize>,
        error: &DecodeError,
    ) -> String {
        let line = usize::try_from(line).unwrap_or(usize::MAX);
        let group = Group::with_title(Level::ERROR.primary_title(titled(error)));
        let group = if text.len() <= LONGEST_SHOWN {
            let annotation = AnnotationKind::Primary.span(spot);
            let snippet = Snippet::source(visible_in_place(text)).line_start(line).path(visible(file));
            group.element(snippet.annotation(annotation))
        } else {
            group.element(Origin::path(visible(file)).line(line).char_column(text[..spot.start].chars().count() + 1))
        };
        self.render(with_help(group, error.help.as_deref().unwrap_or_default()))
    }

    /// Flaws of a file, each with its place, the marked text and a way out.
    pub(super) fn flaws(self, name: &str, text: &str, flaws: &[Flaw]) -> String {
        let mut out = String::new();
        for flaw in flaws {
            let snippet = Snippet::source(visible_in_place(text))
                .path(visible(name))
                .fold(true)
                .annotation(AnnotationKind::Primary.span(first_line(text, flaw.span.clone())));
            let group = Group::with_title(Level::ERROR.primary_title(visible(&flaw.message))).element(snippet);
            out.push_str(&self.render(with_help(group, flaw.help.as_deref().unwrap_or_default())));
            out.push('\n');
        }
        out
    }

    /// A message for people, on standard error; nothing if they asked for quiet.
    pub(super) fn say(self, message: impl Display) {
        self.say_rendered(&visible_lines(&message.to_string()));
    }

    /// A message that is coloured already, and holds no raw text of others.
    pub(super) fn say_rendered(self, message: &str) {
        if !self.quiet {
            // Whoever closed standard error does not want to read it.
            let _ = writeln!(io::stderr().lock(), "{message}");
        }
    }

    /// Writes a result to standard output.
    pub(super) fn result(
        &self,
        write: impl FnOnce(&mut BufWriter<StdoutLock<'static>>) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let mut out = BufWriter::new(io::stdout().lock());
        write(&mut out).and_then(|()| out.flush()).map_err(|error| Failure::output(self, &error))
    }

    fn render(self, group: Group<'_>) -> String {
        let renderer = if self.colour { Renderer::styled() } else { Renderer::plain() };
        let mut text = renderer.render(&[group]);
        text.push('\n');
        text
    }
}

fn titled(error: &DecodeError) -> String {
    let title = match error.path.is_empty() {
        true => error.message.clone(),
        false => format!("`{}`: {}", error.path.join("."), error.message),
    };
    visible(&title).into_owned()
}

fn with_help<'a>(group: Group<'a>, help: &'a str) -> Group<'a> {
    if help.is_empty() { group } else { group.element(Level::HELP.message(visible(help))) }
}

/// What goes over several lines is marked on its first.
fn first_line(text: &str, span: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let end = text[span.clone()].find('\n').map_or(span.end, |length| span.start + length);
    span.start..end
}
