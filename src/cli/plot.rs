//! `plot RESULTS --kind KIND -o FILE`.

use super::exit::Failure;
use super::files;
use super::report::{file_of, saved, write};
use super::terminal::Terminal;
use clap::Args;
use std::io::Write;
use std::path::PathBuf;

/// Arguments of `plot`.
#[derive(Args, Debug)]
pub struct Plot {
    /// A directory that `--out` wrote, or its results.json; `-` is standard input
    #[arg(value_name = "DIR|RESULTS.json")]
    pub results: PathBuf,
    /// Which plot; without it, all there are get listed
    #[arg(long, value_name = "KIND")]
    pub kind: Option<String>,
    /// Where to write it; .svg or .png. Without it, or with `-`, the SVG is printed
    #[arg(long, short, value_name = "FILE", requires = "kind")]
    pub output: Option<PathBuf>,
}

/// Draws one plot of saved results, or lists those there are.
pub(super) fn plot(arguments: &Plot, terminal: &Terminal) -> Result<(), Failure> {
    let results = file_of(&arguments.results);
    let plots = saved(&results, terminal)?.plots();
    let Some(kind) = &arguments.kind else {
        return terminal.result(|out| plots.list().try_for_each(|(kind, title)| writeln!(out, "{kind:<14} {title}")));
    };
    let Some(plot) = plots.get(kind) else {
        let kinds: Vec<&str> = plots.list().map(|(kind, _)| kind).collect();
        let message = format!("these results have no plot `{kind}`");
        return Err(Failure::input(terminal, message, format!("there are {}", kinds.join(", "))));
    };
    let Some(output) = arguments.output.as_ref().filter(|output| !files::is_standard(output)) else {
        return terminal.result(|out| out.write_all(plot.svg().as_bytes()));
    };
    let ending = output.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    match ending.as_deref() {
        Some("svg") => write(output, &results, plot.svg().as_bytes(), terminal),
        Some("png") => write(output, &results, &plot.png(), terminal),
        _ => {
            let message = format!("{} ends neither with .svg nor with .png", output.display());
            Err(Failure::input(terminal, message, "the file's name says what to draw"))
        }
    }
}
