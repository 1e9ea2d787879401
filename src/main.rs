//! The `desksim` program; everything it does lives in the library.

fn main() -> std::process::ExitCode {
    desksim::cli::main()
}
