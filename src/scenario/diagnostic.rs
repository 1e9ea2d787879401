//! What is wrong with a scenario: every problem at once, each with its place and the way out.

use super::source::{Place, Source};
use crate::simulation::{listed, nearest};
use annotate_snippets::{AnnotationKind, Level, Message, Renderer, Snippet};
use rustc_hash::FxHashSet;
use std::sync::{Arc, OnceLock};

/// More problems than this are counted, not shown: nobody reads them, and the first ones usually explain the rest.
const SHOWN: usize = 100;

/// Longer lines are shown in part, around what is marked.
const LINE_WIDTH: usize = 400;

/// Problems of one scenario, in the order in which the file is read.
#[derive(Clone, Debug, Default)]
pub struct Problems {
    /// Shared by all that is made from the same file.
    texts: Vec<Arc<Text>>,
    list: Vec<Problem>,
}

/// A source that finds its lines quickly: there may be as many problems as lines.
#[derive(Clone, Debug)]
struct Text {
    source: Source,
    /// Where lines start, once somebody asked.
    lines: OnceLock<Vec<usize>>,
}

impl Text {
    fn new(source: Source) -> Text {
        Text { source, lines: OnceLock::new() }
    }

    /// The line of a byte offset, from 1, and where it starts.
    fn line(&self, offset: usize) -> (usize, usize) {
        let lines = self.lines.get_or_init(|| {
            std::iter::once(0).chain(self.source.text.match_indices('\n').map(|(at, _)| at + 1)).collect()
        });
        let number = lines.partition_point(|start| *start <= offset);
        (number, lines[number - 1])
    }
}

/// One problem.
#[derive(Clone, Debug)]
pub struct Problem {
    severity: Severity,
    place: Option<Place>,
    /// What is wrong, in one line.
    pub title: String,
    /// What is wrong about the marked text; may be empty.
    pub label: String,
    /// The way out.
    pub help: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Severity {
    Error,
    Warning,
}

/// Where a problem is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position<'a> {
    /// The text's name.
    pub name: &'a str,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// The text that is marked.
    pub marked: &'a str,
}

impl Problems {
    /// No problems yet, of a text.
    pub fn of(source: Source) -> Problems {
        Problems { texts: vec![Arc::new(Text::new(source))], list: Vec::new() }
    }

    /// Adds a problem of that text; `span` is in bytes.
    pub fn push(&mut self, span: std::ops::Range<usize>, title: impl Into<String>, help: impl Into<String>) {
        self.list.push(Problem {
            severity: Severity::Error,
            place: Some(Place::new(0, span)),
            title: title.into(),
            label: String::new(),
            help: help.into(),
        });
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Takes over those of another scenario made of the same texts, each said once.
    pub fn absorb(&mut self, other: Problems) {
        let from = self.list.len();
        if other.texts.len() > self.texts.len() {
            self.texts = other.texts;
        }
        self.list.extend(other.list);
        self.drop_repeated(from);
    }

    /// Says where they were found, each after its way out.
    pub(super) fn found_in(&mut self, what: &str) {
        for problem in &mut self.list {
            let between = if problem.help.is_empty() { "" } else { "; " };
            problem.help = format!("{}{between}{what}", problem.help);
        }
    }

    /// Leaves out problems from the `from`th on that an earlier one says already.
    fn drop_repeated(&mut self, from: usize) {
        let mut seen: FxHashSet<(Option<Place>, String)> =
            self.list[..from].iter().map(|problem| (problem.place, problem.title.clone())).collect();
        let later = self.list.split_off(from);
        self.list.extend(later.into_iter().filter(|problem| seen.insert((problem.place, problem.title.clone()))));
    }

    /// The problems, in the order in which the file is read.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.list.iter()
    }

    /// The first problem and where its place starts.
    pub(super) fn first(&self) -> (&Problem, usize) {
        let problem = self.list.first().expect("whoever asks has problems");
        (problem, problem.place.map_or(0, |place| place.start as usize))
    }

    /// Where a problem is; `None` where it concerns no text in particular.
    pub fn position(&self, problem: &Problem) -> Option<Position<'_>> {
        let place = problem.place?;
        let text = self.texts.get(place.source as usize)?;
        let source = &text.source;
        let (start, end) = (source.floor(place.start as usize), source.floor(place.end as usize));
        let (line, line_start) = text.line(start);
        let column = source.text[line_start..start].chars().count() + 1;
        Some(Position { name: &source.name, line, column, marked: &source.text[start..end.max(start)] })
    }

    /// All of them as text for people: title, file, line and column, the marked text, and the way out.
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let mut out = String::new();
        for problem in self.list.iter().take(SHOWN) {
            out.push_str(&self.render_one(problem, &renderer));
            out.push_str("\n\n");
        }
        if self.list.len() > SHOWN {
            out.push_str(&format!("… and {} more\n\n", self.list.len() - SHOWN));
        }
        out.truncate(out.trim_end().len());
        out.push('\n');
        out
    }

    fn render_one(&self, problem: &Problem, renderer: &Renderer) -> String {
        let level = match problem.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let mut group = level.primary_title(problem.title.as_str()).elements(std::iter::empty::<Message<'_>>());
        let excerpt = problem.place.and_then(|place| Excerpt::of(self.texts.get(place.source as usize)?, place));
        if let Some(excerpt) = &excerpt {
            let mut annotation = AnnotationKind::Primary.span(excerpt.marked.clone());
            if !problem.label.is_empty() {
                annotation = annotation.label(problem.label.as_str());
            }
            group = group.element(
                Snippet::source(excerpt.text)
                    .line_start(excerpt.line)
                    .path(excerpt.name)
                    .fold(true)
                    .annotation(annotation),
            );
        }
        if !problem.help.is_empty() {
            group = group.element(Level::HELP.message(problem.help.as_str()));
        }
        renderer.render(&[group])
    }
}

impl std::fmt::Display for Problems {
    /// All of them, without colour.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.render(false).trim_end())
    }
}

impl std::error::Error for Problems {}

/// The lines that a problem stands on, so that showing one costs the same in a large file as in a small one.
struct Excerpt<'a> {
    name: &'a str,
    text: &'a str,
    line: usize,
    marked: std::ops::Range<usize>,
}

impl<'a> Excerpt<'a> {
    fn of(indexed: &'a Text, place: Place) -> Option<Excerpt<'a>> {
        let source = &indexed.source;
        let text = source.text.as_str();
        let start = source.floor(place.start as usize);
        let end = source.floor(place.end as usize).max(start);
        // What goes over several lines is marked on its first.
        let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let end = end.min(line_end);
        let (line, line_start) = indexed.line(start);
        let from = source.floor(line_start.max(start.saturating_sub(LINE_WIDTH)));
        let to = source.floor(line_end.min(end.saturating_add(LINE_WIDTH))).max(end);
        // A line that is cut at its start would be shown with wrong columns, so it is shown whole if it can be.
        let from = if line_end - line_start <= 4 * LINE_WIDTH { line_start } else { from };
        Some(Excerpt { name: &source.name, text: &text[from..to], line, marked: start - from..end - from })
    }
}

/// Collects problems while a scenario is read.
#[derive(Debug, Default)]
pub(super) struct Report {
    problems: Problems,
    warnings: Vec<Problem>,
}

impl Report {
    /// Adds a text that places can be in; the index that places name it by.
    pub(super) fn add_source(&mut self, source: Source) -> u32 {
        self.problems.texts.push(Arc::new(Text::new(source)));
        self.problems.texts.len() as u32 - 1
    }

    /// One with the same texts, and no problem as yet.
    pub(super) fn fork(&self) -> Report {
        Report { problems: Problems { texts: self.problems.texts.clone(), list: Vec::new() }, warnings: Vec::new() }
    }

    /// A text, by its index.
    pub(super) fn source(&self, index: u32) -> &Source {
        &self.problems.texts[index as usize].source
    }

    /// Adds a problem.
    pub(super) fn error(
        &mut self,
        place: Place,
        title: impl Into<String>,
        label: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.problems.list.push(Problem {
            severity: Severity::Error,
            place: Some(place),
            title: title.into(),
            label: label.into(),
            help: help.into(),
        });
    }

    /// Adds a problem that stands nowhere in particular.
    pub(super) fn error_nowhere(&mut self, title: impl Into<String>, help: impl Into<String>) {
        self.problems.list.push(Problem {
            severity: Severity::Error,
            place: None,
            title: title.into(),
            label: String::new(),
            help: help.into(),
        });
    }

    /// Adds something that is likely not what was meant, and hinders nothing.
    pub(super) fn warning(
        &mut self,
        place: Place,
        title: impl Into<String>,
        label: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.warnings.push(Problem {
            severity: Severity::Warning,
            place: Some(place),
            title: title.into(),
            label: label.into(),
            help: help.into(),
        });
    }

    /// How many problems were found so far.
    pub(super) fn errors(&self) -> usize {
        self.problems.list.len()
    }

    /// How many warnings there are so far.
    pub(super) fn warnings(&self) -> usize {
        self.warnings.len()
    }

    /// Leaves out the warnings after the first `keep`.
    pub(super) fn forget_warnings(&mut self, keep: usize) {
        self.warnings.truncate(keep);
    }

    /// Leaves out problems from the `from`th on that an earlier one says already.
    pub(super) fn drop_repeated(&mut self, from: usize) {
        self.problems.drop_repeated(from);
    }

    /// A help line about a name that is not known, like [`help_with_name`]; after many problems it no longer looks for the nearest,
    /// which takes time where there are many names.
    pub(super) fn help_with_name<'a>(
        &self,
        name: &str,
        known: impl Iterator<Item = &'a str> + Clone,
        what: &str,
        otherwise: &str,
    ) -> String {
        match self.errors() < SHOWN {
            true => help_with_name(name, known, what, otherwise),
            false => otherwise.to_owned(),
        }
    }

    /// The warnings if there are no problems; otherwise the problems, in the order of their places.
    ///
    /// # Errors
    /// The problems.
    pub(super) fn finish(self) -> Result<Problems, Problems> {
        let Report { mut problems, warnings } = self;
        if problems.list.is_empty() {
            return Ok(Problems { texts: problems.texts, list: warnings });
        }
        problems.list.sort_by_key(|problem| problem.place);
        Err(problems)
    }
}

/// A help line about a name that is not known: the nearest, or else what there is.
pub(super) fn help_with_name<'a>(
    name: &str,
    known: impl Iterator<Item = &'a str> + Clone,
    what: &str,
    otherwise: &str,
) -> String {
    if let Some(nearest) = nearest(name, known.clone()) {
        return format!("did you mean `{nearest}`?");
    }
    match listed(known) {
        None => otherwise.to_owned(),
        Some((1, list)) => format!("there is only {list}"),
        Some((_, list)) => format!("{what} are {list}"),
    }
}
